"""Tables of channel codes: the code, where it is printed, who answers when, what is said when, who came, what was paid."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer, Tag
from yutang.foundation.models import Staff, Store
from yutang.wecom.models import Account, ContactWay, Friendship


class Kind(models.TextChoices):
    """Where people meet a code."""

    PARCEL = "parcel", _("Parcel card")
    POSTER = "poster", _("Poster")
    BADGE = "badge", _("Staff badge")
    PARTNER = "partner", _("Partner counter")
    STREAM = "stream", _("Live stream")
    WINDOW = "window", _("Shop window by location")


class Sharing(models.TextChoices):
    """How those on duty share newcomers."""

    CHANCE = "chance", _("By chance among all on duty")
    EVEN = "even", _("Whoever has fewest today")


class Group(models.TextChoices):
    """Into which group newcomers are led."""

    NONE = "none", _("Into none")
    STORE = "store", _("A group of the store")
    NAMED = "named", _("Groups whose names begin so")


class Code(models.Model):
    """A channel code: one campaign of the merchant, printed at one spot or at many."""

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    is_on = models.BooleanField(default=True)
    #: First and last day on which it is in use; none: no bound.
    first_date = models.DateField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    sharing = models.CharField(max_length=6, choices=Sharing.choices, default=Sharing.CHANCE)
    #: Whether people who are known already come to the member of staff who looks after them.
    leads_known = models.BooleanField(default=True)
    #: What newcomers are told when no slot of `SlotWords` holds.
    words = models.TextField(blank=True)
    #: Content of the library in place of the words, such as ``content:17:3``.
    content = models.CharField(max_length=80, blank=True)
    #: What staff see behind the name of who came, such as ``包裹``; empty: the name stays as it is.
    remark = models.CharField(max_length=12, blank=True)
    tags = models.ManyToManyField(Tag, related_name="+", blank=True)
    group = models.CharField(max_length=5, choices=Group.choices, default=Group.NONE)
    group_prefix = models.CharField(max_length=60, blank=True)
    #: Most customers of a group into which more are led.
    group_places = models.SmallIntegerField(default=50)
    currency = models.CharField(max_length=3)
    #: What each newcomer costs, such as the gift. Minor units.
    unit_cost_minor = models.BigIntegerField(default=0)
    #: What the code may cost in all; 0: no bound is told. Minor units.
    budget_minor = models.BigIntegerField(default=0)
    #: Share of an order's value that stays, in percent.
    margin_percent = models.SmallIntegerField(default=50)
    #: Since when the guard of the economics holds it; null: it does not.
    paused_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(unit_cost_minor__gte=0, budget_minor__gte=0), name="code_costs_are_no_gain"
            ),
        ]


class Spot(models.Model):
    """A place where a code is printed: a store, a batch of parcels. It has an own QR code, and an own contact way of WeCom."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="spots")
    name = models.CharField(max_length=60)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: What stands in the printed address; never changes.
    token = models.CharField(max_length=16, unique=True)
    is_on = models.BooleanField(default=True)
    way = models.OneToOneField(ContactWay, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: ``{"users": [account keys], "exclusive": bool}`` as WeCom was told last; null: it is not known what WeCom has.
    told: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    #: Whoever moves the staff of the way has it until then.
    held_until = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=32, blank=True)
    #: Code of WeCom's refusal; empty while all is well.
    fault = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("code", "name"), name="code_spot_once")
        ]


class OwnWay(models.Model):
    """The contact way by which known people come to the member of staff who looks after them."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="own_ways")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    way = models.OneToOneField(ContactWay, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("account", "code"), name="code_own_way_once")
        ]


class Shift(models.Model):
    """A member of staff of a code, and when they answer."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="shifts", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    is_backup = models.BooleanField(default=False)
    #: Newcomers a day by this code; null: no bound.
    daily_cap = models.SmallIntegerField(null=True, blank=True)
    #: A bit a day of the week, Monday is 1.
    weekdays = models.SmallIntegerField(default=127)
    #: Minutes of the day; where `until` is not after `since` the shift goes on after midnight.
    since_minute = models.SmallIntegerField(default=0)
    until_minute = models.SmallIntegerField(default=1440)
    is_away = models.BooleanField(default=False)

    class Meta:
        ordering = ("is_backup", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("code", "account"), name="code_shift_once"),
            models.CheckConstraint(
                condition=models.Q(
                    weekdays__range=(1, 127), since_minute__range=(0, 1439), until_minute__range=(1, 1440)
                ),
                name="code_shift_is_time",
            ),
        ]


class SlotWords(models.Model):
    """What newcomers are told at a time of the day."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="slots")
    weekdays = models.SmallIntegerField(default=127)
    since_minute = models.SmallIntegerField()
    until_minute = models.SmallIntegerField()
    words = models.TextField(blank=True)
    content = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(
                    weekdays__range=(1, 127), since_minute__range=(0, 1439), until_minute__range=(1, 1440)
                ),
                name="code_slot_is_time",
            ),
        ]


class Cost(models.Model):
    """Something that was paid for a code: printing, a place at a partner's, a host of a live stream."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="costs")
    spot = models.ForeignKey(Spot, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    business_date = models.DateField()
    amount_minor = models.BigIntegerField()
    note = models.CharField(max_length=80, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("business_date", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="code_cost_is_paid")
        ]


class ScanDay(models.Model):
    """How often the page behind a printed code was opened by people on one business day."""

    spot = models.ForeignKey(Spot, on_delete=models.CASCADE, related_name="scan_days", db_index=False)
    business_date = models.DateField()
    scans = models.IntegerField(default=0)
    #: Of these, by people whom the address named.
    known = models.IntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("spot", "business_date"), name="code_scan_day_once")
        ]


class Newcomer(models.Model):
    """Somebody who became a friend of the staff by a code; one row a person and code, whatever comes twice."""

    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="newcomers", db_index=False)
    #: None: they came by the way of the member of staff who looks after them.
    spot = models.ForeignKey(Spot, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: None: the person was erased.
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    friendship = models.ForeignKey(Friendship, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    #: Whether the shop knew the person before.
    was_known = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_date = models.DateField()
    #: When nobody of the staff was their friend any more; null: somebody is.
    left_at = models.DateTimeField(null=True, blank=True)
    left_date = models.DateField(null=True, blank=True)
    joined_group_at = models.DateTimeField(null=True, blank=True)
    #: What they cost when they came, such as the gift: as the economics were told. Minor units of the code's currency.
    cost_minor = models.BigIntegerField(default=0)
    #: What the guard said: ``allow``, ``review``, ``refuse``, ``slow``; empty: nobody was asked yet.
    verdict = models.CharField(max_length=8, blank=True)
    #: Whether the name that staff see was looked at.
    is_remarked = models.BooleanField(default=False)
    #: The latest of their standing that the economics were told: empty, ``joined``, ``kept``, ``left``; ``past``: never,
    #: because they came before the code was kept here.
    noted = models.CharField(max_length=6, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("code", "customer"), name="code_newcomer_once"),
            models.CheckConstraint(
                condition=models.Q(left_at=None, left_date=None)
                | models.Q(left_at__isnull=False, left_date__isnull=False),
                name="code_left_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Counted each minute: who came today, by whom.
            models.Index(fields=("added_date", "code", "account"), name="code_came_when"),
            # What still follows from somebody who came: looked at every five minutes.
            models.Index(fields=("id",), condition=models.Q(noted=""), name="code_to_welcome"),
            models.Index(fields=("id",), condition=models.Q(is_remarked=False), name="code_to_remark"),
            models.Index(fields=("added_at",), condition=models.Q(noted="joined"), name="code_to_ripen"),
            # Who left since the lake was written.
            models.Index(fields=("left_at",), condition=models.Q(left_at__isnull=False), name="code_left_since"),
        ]
