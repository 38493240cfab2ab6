"""Tables of coupons: kinds with their budget, pieces that people have, codes of other shops, and redemptions that were refused."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store
from yutang.orders.models import Order


class Gives(models.TextChoices):
    """What a coupon is worth at the till."""

    AMOUNT = "amount", _("Amount off")
    PERCENT = "percent", _("Percent off")
    THING = "thing", _("A thing")


class Codes(models.TextChoices):
    """Where the codes of a kind come from."""

    MADE = "made", _("Made here")
    POOL = "pool", _("From another shop system")


class Kind(models.Model):
    """A kind of coupon. `given` counts the pieces that are given and not taken back; the database holds it to the budget."""

    #: Short name in playbooks, in the API and on the command line; it never changes.
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    gives = models.CharField(max_length=8, choices=Gives.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(default=0)
    #: 1 to 100; 0 where it is not percent off.
    percent = models.SmallIntegerField(default=0)
    #: What percent off takes off at most; 0: no bound.
    most_minor = models.BigIntegerField(default=0)
    thing = models.CharField(max_length=120, blank=True)
    #: Least value of the order; 0: any.
    least_minor = models.BigIntegerField(default=0)
    #: Product codes for which it holds; empty: all.
    products = models.JSONField(default=list)
    #: Stores that redeem it; none: all.
    stores = models.ManyToManyField(Store, related_name="+", blank=True)
    pieces = models.IntegerField()
    per_person = models.SmallIntegerField(default=1)
    given = models.IntegerField(default=0)
    #: Last day on which it holds; None where days are counted from the giving.
    until_date = models.DateField(null=True, blank=True)
    valid_days = models.SmallIntegerField(null=True, blank=True)
    #: What one redeemed piece costs the merchant; 0 with percent off, where it follows from the order.
    cost_minor = models.BigIntegerField(default=0)
    #: What stays of an order's value before the coupon, in percent.
    margin_percent = models.SmallIntegerField(default=50)
    #: Whether it is to bring people who never bought; then the economics watch what these cost and are worth.
    is_for_newcomers = models.BooleanField(default=False)
    #: What its pieces may cost in all; 0: as much as all pieces cost.
    budget_minor = models.BigIntegerField(default=0)
    #: What a newcomer who stays is worth, at the margin; None: as the figures of the shop say.
    worth_minor = models.BigIntegerField(null=True, blank=True)
    codes = models.CharField(max_length=4, choices=Codes.choices, default=Codes.MADE)
    is_open = models.BooleanField(default=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(given__gte=0) & models.Q(given__lte=models.F("pieces")), name="coupon_budget"
            ),
            models.CheckConstraint(
                condition=models.Q(until_date=None, valid_days__gte=1)
                | models.Q(until_date__isnull=False, valid_days=None),
                name="coupon_one_end",
            ),
        ]


class State(models.TextChoices):
    """What became of a coupon that was given. `EXPIRED` is written now and then; from its end on it does not hold anyway."""

    GIVEN = "given", _("Given")
    REDEEMED = "redeemed", _("Redeemed")
    EXPIRED = "expired", _("Expired")
    TAKEN_BACK = "taken_back", _("Taken back")


class Coupon(models.Model):
    """One piece that a person has. The clear code lies in `sealed_code`; whoever types it is found by `digest`."""

    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="coupons", db_index=False)
    #: None: the person was erased; what the coupon cost and brought stays.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: Idempotency key of the giving.
    key = models.CharField(max_length=140, unique=True)
    #: Keyed hash of the code as it is compared, 16 bytes.
    digest = models.BinaryField(unique=True)
    sealed_code = models.BinaryField()
    #: The last four characters, by which staff tell coupons apart.
    code_end = models.CharField(max_length=4)
    state = models.CharField(max_length=10, choices=State.choices, default=State.GIVEN)
    #: What it was given for, such as ``playbook:3``; empty: by hand.
    campaign = models.CharField(max_length=64, blank=True)
    given_at = models.DateTimeField()
    given_date = models.DateField()
    given_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    #: From this instant on it does not hold.
    ends_at = models.DateTimeField()
    #: Last day on which it holds, on the organisation's clock.
    last_date = models.DateField()
    redeemed_at = models.DateTimeField(null=True, blank=True)
    redeemed_date = models.DateField(null=True, blank=True)
    redeemed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    order_number = models.CharField(max_length=80, blank=True)
    #: The order of that number, once it is known; an import that is undone takes it away again, so the database does not
    #: hold to it.
    order = models.ForeignKey(
        Order,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    #: Value of the order before the coupon, as the till said; None: it said nothing.
    order_minor = models.BigIntegerField(null=True, blank=True)
    #: What the coupon took off, or what its thing cost.
    off_minor = models.BigIntegerField(default=0)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state="redeemed", redeemed_at__isnull=False)
                | (~models.Q(state="redeemed") & models.Q(redeemed_at=None)),
                name="coupon_redeemed_when",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "kind"), name="coupon_of_person"),
            models.Index(fields=("kind", "state"), name="coupon_of_kind"),
            # What is living and ends: looked at each hour.
            models.Index(fields=("ends_at",), condition=models.Q(state="given"), name="coupon_living"),
            models.Index(fields=("given_by", "given_date"), name="coupon_by_hand"),
        ]


class PoolCode(models.Model):
    """A code of another shop system that is given out with a coupon once."""

    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.BinaryField(unique=True)
    sealed_code = models.BinaryField()
    code_end = models.CharField(max_length=4)
    is_given = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("kind", "id"), condition=models.Q(is_given=False), name="coupon_pool_free")
        ]


class RefusedAttempt(models.Model):
    """A redemption that was refused, and why. What was typed is not kept."""

    at = models.DateTimeField()
    coupon = models.ForeignKey(Coupon, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    #: Code of the refusal, such as ``coupon_is_over``.
    reason = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    #: By what who acts does not act in person, such as ``token:7``.
    via = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("reason", "at"), name="coupon_refused_when"),
        ]
