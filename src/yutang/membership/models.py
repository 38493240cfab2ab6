"""Tables of prepaid balances: plans, wallets, the ledger, and top-ups that wait for a payment."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store


class Plan(models.Model):
    """What somebody may top up, and what is given on top of it."""

    principal_minor = models.BigIntegerField()
    bonus_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    is_open = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("principal_minor", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("principal_minor", "currency"), name="plan_once"),
            models.CheckConstraint(condition=models.Q(principal_minor__gt=0, bonus_minor__gte=0), name="plan_amounts"),
        ]


class Wallet(models.Model):
    """What a customer has left: what they paid in, and what was given on top.

    A merge brings two people's wallets together; both stay, so that undoing it takes each back to whom it belongs.
    """

    #: None: the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=3, default="CNY")
    principal_minor = models.BigIntegerField(default=0)
    bonus_minor = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(principal_minor__gte=0, bonus_minor__gte=0), name="wallet_not_below_zero"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("customer", "currency"), name="wallet_of_person")]


class MovementKind(models.TextChoices):
    """What happened to a balance."""

    TOP_UP = "top_up", _("Topped up")
    SPENDING = "spending", _("Paid with the balance")
    RETURN = "return", _("Purchase returned")
    REFUND = "refund", _("Principal paid out")


class Method(models.TextChoices):
    """How money came in or went out."""

    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    ONLINE = "online", _("Online payment")
    OTHER = "other", _("Other")
    NONE = "", _("No money moved")


class Movement(models.Model):
    """One entry of the ledger. Its columns are accounts; what is debited is positive, what is credited negative, and the sum is zero.

    `till` is money of the house, `principal` and `bonus` what is owed to the customer (so a top-up credits them), `sales` what was
    sold, `gift` what bonuses cost. Never changed, never deleted.
    """

    key = models.CharField(max_length=140)
    #: One call may touch several wallets of a person: 1, 2, …
    part = models.SmallIntegerField(default=1)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="movements", db_index=False)
    #: Whose wallet it is, so that a merge is seen in each entry, and in the lake. None: the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=8, choices=MovementKind.choices)
    till_minor = models.BigIntegerField(default=0)
    principal_minor = models.BigIntegerField(default=0)
    bonus_minor = models.BigIntegerField(default=0)
    sales_minor = models.BigIntegerField(default=0)
    gift_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    method = models.CharField(max_length=6, choices=Method.choices, blank=True)
    order_number = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    #: The spending that a return takes back.
    returns = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="returned_by", db_index=False
    )
    at = models.DateTimeField()
    business_date = models.DateField()
    made_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("key", "part"), name="movement_once"),
            models.CheckConstraint(
                condition=models.Q(
                    till_minor=-(
                        models.F("principal_minor")
                        + models.F("bonus_minor")
                        + models.F("sales_minor")
                        + models.F("gift_minor")
                    )
                ),
                name="movement_balances",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "-id"), name="movement_of_person"),
            models.Index(fields=("wallet",), name="movement_of_wallet"),
            models.Index(fields=("business_date", "store"), name="movement_of_day"),
            models.Index(fields=("returns",), condition=models.Q(returns__isnull=False), name="movement_returned"),
        ]


class OrderState(models.TextChoices):
    """What became of a top-up that was to be paid online."""

    WAITING = "waiting", _("Waiting for the payment")
    PAID = "paid", _("Paid")
    ENDED = "ended", _("Not paid")


class TopUpOrder(models.Model):
    """A top-up that a customer wants to pay online; once it is paid it becomes a movement."""

    key = models.CharField(max_length=140, unique=True)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    principal_minor = models.BigIntegerField()
    bonus_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=OrderState.choices, default=OrderState.WAITING)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("customer", "-id"), name="top_up_of_person")]
