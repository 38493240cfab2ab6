"""Tables of traffic and visits: who passes and enters, what bought traffic cost, what led people to a store, when they booked, who came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store
from yutang.ingest.models import Import


class Footfall(models.Model):
    """Passers-by and entries of one store on one business day."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    business_date = models.DateField()
    passers_by = models.IntegerField(null=True, blank=True)
    entries = models.IntegerField(null=True, blank=True)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("store", "business_date"), name="footfall_once")
        ]


class AdCost(models.Model):
    """What a channel's advertising cost on one business day."""

    channel = models.CharField(max_length=60)
    campaign = models.CharField(max_length=120, blank=True)
    business_date = models.DateField()
    currency = models.CharField(max_length=3)
    cost_minor = models.BigIntegerField()
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("channel", "campaign", "business_date"), name="ad_cost_once")
        ]


class BookingTerms(models.Model):
    """How a store takes bookings. A store without it takes none."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="+")
    takes_bookings = models.BooleanField(default=True)
    slot_minutes = models.SmallIntegerField(default=30)
    #: Bookings that fit into one slot.
    capacity = models.SmallIntegerField(default=2)
    #: How long before a slot it can still be booked, in minutes; how many days ahead the last one lies.
    lead_minutes = models.SmallIntegerField(default=60)
    days_ahead = models.SmallIntegerField(default=14)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(slot_minutes__gte=5, slot_minutes__lte=480, capacity__gte=1, capacity__lte=500)
                & models.Q(lead_minutes__gte=0, days_ahead__gte=1, days_ahead__lte=90),
                name="booking_terms_fit",
            )
        ]


class OpeningHours(models.Model):
    """From when to when a store takes bookings on a weekday, on its own clock; a weekday may have several."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    #: 0: Monday.
    weekday = models.SmallIntegerField()
    opens = models.TimeField()
    #: 00:00 is midnight at the end of the day.
    closes = models.TimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("store", "weekday", "opens"), name="opening_hours_once"),
            models.CheckConstraint(condition=models.Q(weekday__gte=0, weekday__lte=6), name="opening_weekday"),
        ]


class ClosedDay(models.Model):
    """A day on which a store takes no bookings."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("store", "day"), name="closed_day_once")
        ]


class Slot(models.Model):
    """How many bookings a store has for one instant: counted in one conditional `UPDATE`, so that none is one too many."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    taken = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("store", "starts_at"), name="slot_once"),
            models.CheckConstraint(condition=models.Q(taken__gte=0), name="slot_taken"),
        ]


class Hook(models.Model):
    """Somebody who took up the low-price offer of a programme, and whether it was paid: the beginning of a way into the store."""

    key = models.CharField(max_length=140, unique=True)
    #: None: the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: The programme, such as ``groupbuy:12``.
    source = models.CharField(max_length=64)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    hook_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    hooked_at = models.DateTimeField()
    hooked_date = models.DateField()
    paid_at = models.DateTimeField(null=True, blank=True)
    #: The money went back: the offer counts as not paid.
    refunded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(hook_minor__gte=0), name="hook_price"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "source"), name="hook_of_person"),
            models.Index(fields=("source", "hooked_date"), name="hook_of_source"),
        ]


class BookingState(models.TextChoices):
    """What became of a booking."""

    BOOKED = "booked", _("Booked")
    CAME = "came", _("Came to the store")
    MISSED = "missed", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")


class Booking(models.Model):
    """A visit that somebody announced, or came for without announcing it (then it has no slot)."""

    key = models.CharField(max_length=140, unique=True)
    #: None: the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    business_date = models.DateField()
    state = models.CharField(max_length=9, choices=BookingState.choices, default=BookingState.BOOKED)
    #: What led to it, such as ``groupbuy:12``; empty: nothing that is known.
    source = models.CharField(max_length=64, blank=True)
    #: Whether a place of a slot is held for it.
    holds_place = models.BooleanField(default=True)
    #: Keyed hash of the code by which it is checked in, 16 bytes; the code itself is sealed.
    digest = models.BinaryField(unique=True)
    sealed_code = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    moves = models.SmallIntegerField(default=0)
    near_told_at = models.DateTimeField(null=True, blank=True)
    came_at = models.DateTimeField(null=True, blank=True)
    came_date = models.DateField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Why it was called off: ``given_back`` where the money of the place that it would have used went back; empty: at somebody's wish.
    ended_why = models.CharField(max_length=10, blank=True, default="", db_default="")
    #: When an upgrade was offered there, and by whom.
    offered_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state="came", came_at__isnull=False)
                | (~models.Q(state="came") & models.Q(came_at=None)),
                name="booking_came_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("missed", "cancelled"), holds_place=True), name="booking_place"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("store", "business_date", "starts_at"), name="booking_of_store"),
            models.Index(fields=("customer", "-starts_at"), name="booking_of_person"),
            # What is to come: looked at every quarter of an hour.
            models.Index(fields=("starts_at",), condition=models.Q(state="booked"), name="booking_open"),
        ]
