"""Tables of group-buying: campaigns, their groups, seats in these, and what groups of the past teach about completion."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store


class CampaignState(models.TextChoices):
    """How a campaign stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


class Late(models.TextChoices):
    """What becomes of a payment that comes when the seat is gone."""

    REFUND = "refund", _("Give the money back")
    NEW_GROUP = "new_group", _("Begin a new group with it")


class Campaign(models.Model):
    """An offer to groups. `set_aside` counts the places of its living and filled groups; the database holds it to the stock."""

    #: In addresses; it never changes.
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80, unique=True)
    #: Code of the product, as orders have it; empty: none.
    product = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=500, blank=True)
    #: Address of a picture for previews; empty: the page's own.
    picture = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    list_minor = models.BigIntegerField()
    #: What one piece costs the merchant.
    cost_minor = models.BigIntegerField(default=0)
    #: ``[[size, price in minor units], ...]`` by size: larger groups pay less.
    tiers = models.JSONField(default=list)
    hours = models.SmallIntegerField()
    #: Places over all groups.
    stock = models.IntegerField()
    set_aside = models.IntegerField(default=0)
    per_person = models.SmallIntegerField(default=1)
    #: In each group so many places are for people who never bought.
    newcomer_places = models.SmallIntegerField(default=0)
    #: Only for people so near to a store of it; 0: for everybody. Kilometres.
    radius_km = models.SmallIntegerField(default=0)
    #: Stores where it is used; none: all.
    stores = models.ManyToManyField(Store, related_name="+", blank=True)
    when_late = models.CharField(max_length=9, choices=Late.choices, default=Late.REFUND)
    #: So long a place is kept for who has not paid.
    hold_minutes = models.SmallIntegerField(default=15)
    #: What a newcomer who stays is worth, and the budget: for the economics guard. Minor units; 0: not said.
    worth_minor = models.BigIntegerField(default=0)
    budget_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=6, choices=CampaignState.choices, default=CampaignState.DRAFT)
    #: Why it is paused, in a word of the code or in somebody's words.
    paused_why = models.CharField(max_length=200, blank=True)
    #: From then on nobody starts a group.
    ends_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(set_aside__gte=0) & models.Q(set_aside__lte=models.F("stock")), name="groupbuy_stock"
            ),
        ]


class GroupState(models.TextChoices):
    """How a group stands."""

    OPEN = "open", _("Open")
    FILLED = "filled", _("Filled")
    EXPIRED = "expired", _("Not filled in time")
    LAPSED = "lapsed", _("Nobody paid")


class Group(models.Model):
    """A group of one campaign. `taken` counts places that are held or paid, `paid` the paid ones; the database bounds both.

    Its captain is who has its oldest living seat: so the captaincy passes on by itself when a captain leaves.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="groups", db_index=False)
    #: In the address that is shared: 12 characters by chance.
    code = models.CharField(max_length=16, unique=True)
    size = models.SmallIntegerField()
    price_minor = models.BigIntegerField()
    state = models.CharField(max_length=7, choices=GroupState.choices, default=GroupState.OPEN)
    taken = models.SmallIntegerField(default=0)
    paid = models.SmallIntegerField(default=0)
    #: Of the taken places, those of people who are no newcomers.
    regulars = models.SmallIntegerField(default=0)
    #: How many of these there may be.
    most_regulars = models.SmallIntegerField()
    started_at = models.DateTimeField()
    started_date = models.DateField()
    ends_at = models.DateTimeField()
    #: When it filled, expired or lapsed.
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Whether its course was counted for the odds.
    is_counted = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(paid__gte=0)
                & models.Q(paid__lte=models.F("taken"))
                & models.Q(taken__lte=models.F("size")),
                name="groupbuy_places",
            ),
            models.CheckConstraint(
                condition=models.Q(regulars__gte=0)
                & models.Q(regulars__lte=models.F("taken"))
                & models.Q(regulars__lte=models.F("most_regulars")),
                name="groupbuy_regulars",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="filled") | models.Q(paid=models.F("size")), name="groupbuy_filled_is_full"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="groupbuy_ended_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("campaign", "state", "ends_at"), name="groupbuy_of_campaign"),
            models.Index(fields=("ends_at",), condition=models.Q(state="open"), name="groupbuy_living"),
            models.Index(
                fields=("id",),
                condition=models.Q(is_counted=False) & ~models.Q(state="open"),
                name="groupbuy_uncounted",
            ),
        ]


class SeatState(models.TextChoices):
    """How a seat stands."""

    HELD = "held", _("Held for payment")
    PAID = "paid", _("Paid")
    LAPSED = "lapsed", _("Not paid in time")
    LEFT = "left", _("Left")
    REFUNDED = "refunded", _("Group did not fill")
    LATE = "late", _("Paid too late")
    RETURNED = "returned", _("Paid back")


#: A place is taken.
LIVING = ("held", "paid")


class Seat(models.Model):
    """One person's place in one group. Its payment has the key ``groupbuy-seat:<id>``."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="seats", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: None: the person was erased; what was bought and paid stays.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: Idempotency key of the joining.
    key = models.CharField(max_length=80, unique=True)
    #: In the address of the person's own page: 24 characters by chance.
    token = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=8, choices=SeatState.choices, default=SeatState.HELD)
    #: The person's first, second, ... living seat of the campaign: two are never the same one.
    nth = models.SmallIntegerField(default=1)
    is_newcomer = models.BooleanField(default=False)
    price_minor = models.BigIntegerField()
    #: What others in the group see, such as ``张**``.
    shown = models.CharField(max_length=12, blank=True)
    joined_at = models.DateTimeField()
    joined_date = models.DateField()
    hold_until = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    #: When it ceased to be held or paid.
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Nearest store, and how far away the person was. Kilometres, rounded; None: not asked.
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    distance_km = models.SmallIntegerField(null=True, blank=True)
    #: By whose link the person came.
    invited_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("group", "customer"), condition=models.Q(state__in=LIVING), name="groupbuy_once_a_group"
            ),
            models.UniqueConstraint(
                fields=("campaign", "customer", "nth"), condition=models.Q(state__in=LIVING), name="groupbuy_nth_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("paid", "refunded", "late", "returned"))
                | models.Q(paid_at__isnull=False),
                name="groupbuy_paid_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("group", "state"), name="groupbuy_seats"),
            models.Index(fields=("campaign", "customer"), name="groupbuy_of_person"),
            models.Index(fields=("customer", "id"), name="groupbuy_persons_seats"),
            models.Index(fields=("hold_until",), condition=models.Q(state="held"), name="groupbuy_held"),
        ]


class Course(models.Model):
    """How many groups of a size stood at so many members with so much time left, and how many of these filled.

    Counted once a group, when it has ended. `campaign_id` 0 holds all campaigns together.
    """

    campaign_id = models.BigIntegerField()
    size = models.SmallIntegerField()
    #: Paid members.
    members = models.SmallIntegerField()
    #: One of `odds.GRID`.
    minutes_left = models.IntegerField()
    groups = models.IntegerField(default=0)
    filled = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("campaign_id", "size", "members", "minutes_left"), name="groupbuy_course_once"
            ),
            models.CheckConstraint(
                condition=models.Q(filled__gte=0) & models.Q(filled__lte=models.F("groups")),
                name="groupbuy_course_counts",
            ),
        ]
