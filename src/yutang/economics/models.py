"""Tables of economics: what programmes state, what they cost and brought, who came through them, how they stood, and when they paused."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class ProgrammeState(models.TextChoices):
    """Whether a programme goes on."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")


class Programme(models.Model):
    """Something that brings people and costs money, with what was stated of it. Money in fen."""

    #: What it is, such as ``referral:3``; the part before the colon is the room's word for it.
    key = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=ProgrammeState.choices, default=ProgrammeState.RUNNING)
    #: What a newcomer is foreseen to cost; where it brings nobody, one that is given.
    unit_cost_fen = models.BigIntegerField()
    margin_percent = models.SmallIntegerField()
    budget_fen = models.BigIntegerField()
    #: Whether it is to bring people; what is given to those who are here already is only shown with what it costs and brings.
    brings_newcomers = models.BooleanField(default=True)
    #: What a newcomer who stays is worth, at the margin; 0 where it brings nobody.
    worth_fen = models.BigIntegerField()
    #: Who said so: ``stated``, or the name of a reader of worths.
    worth_source = models.CharField(max_length=40)
    #: What became of organic newcomers when this was stated: {"newcomers", "kept", "left_at_once", "ordered"}; None: not known.
    organic: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: People who had come by it before anything was stated: no newcomers here, since nobody noted what they cost.
    came_before = models.IntegerField(default=0)
    #: Only newcomers from here on are evidence: when it was stated first, or resumed last.
    watched_from = models.DateTimeField()
    #: Whether something was noted since the last look.
    is_due = models.BooleanField(default=False)
    stated_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    stated_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(unit_cost_fen__gt=0, budget_fen__gt=0)
                & (models.Q(worth_fen__gt=0) | models.Q(brings_newcomers=False)),
                name="programme_above_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(margin_percent__gte=0, margin_percent__lte=100), name="programme_margin"
            ),
        ]


class EntryKind(models.TextChoices):
    """What an entry tells."""

    COST = "cost", _("Cost")
    JOINED = "joined", _("Came")
    KEPT = "kept", _("Kept")
    LEFT = "left", _("Left")
    REVENUE = "revenue", _("Sales")


#: Keys of costs begin so that stand for people who came before anything was stated: they are spent, and borne by no newcomer here.
BEFORE = "before:"


class Entry(models.Model):
    """One line of the ledger of a programme; append only. What is taken back is an entry of its own, below 0."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    #: Idempotency key within the programme.
    key = models.CharField(max_length=140)
    amount_fen = models.BigIntegerField(default=0)
    #: None: of nobody in particular, or the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    #: Day of `at` on the organisation's clock: its month is the partition in the lake.
    at_date = models.DateField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme", "key"), name="entry_once"),
            models.CheckConstraint(
                condition=models.Q(amount_fen=0) | models.Q(kind__in=("cost", "revenue")), name="entry_amount"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("programme", "kind", "at"), name="entry_of_programme"),
            models.Index(fields=("customer",), name="entry_of_person"),
        ]


class Outcome(models.TextChoices):
    """What became of a newcomer."""

    OPEN = "open", _("Not decided")
    KEPT = "kept", _("Kept")
    LEFT = "left", _("Left")


class Newcomer(models.Model):
    """Somebody who came through a programme, and what became of them. Sums of the entries, so that a look reads one table."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="newcomers", db_index=False)
    #: None: the person was erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    joined_at = models.DateTimeField()
    joined_date = models.DateField()
    cost_fen = models.BigIntegerField(default=0)
    #: Noted by the programme: what stands in no order.
    revenue_fen = models.BigIntegerField(default=0)
    first_sale_at = models.DateTimeField(null=True, blank=True)
    #: By the orders, net of refunds.
    sales_fen = models.BigIntegerField(default=0)
    first_order_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    #: When it was known; of who left, when they left.
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("joined_at", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme", "customer"), name="newcomer_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="open", decided_at=None)
                | (~models.Q(outcome="open") & models.Q(decided_at__isnull=False)),
                name="newcomer_decided_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("programme", "joined_at", "id"), name="newcomer_in_order"),
            models.Index(fields=("joined_at",), condition=models.Q(outcome="open"), name="newcomer_open"),
            models.Index(fields=("customer",), name="newcomer_person"),
        ]


class Look(models.Model):
    """How a programme stood at the last look of an hour: what its picture is drawn from."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="looks", db_index=False)
    #: Beginning of the hour.
    hour = models.DateTimeField()
    at = models.DateTimeField()
    newcomers = models.IntegerField()
    kept = models.IntegerField()
    left = models.IntegerField()
    left_at_once = models.IntegerField()
    ordered = models.IntegerField()
    cost_fen = models.BigIntegerField()
    revenue_fen = models.BigIntegerField()
    #: Ends of the interval of what a kept newcomer costs; None: nothing is known upwards.
    low_fen = models.BigIntegerField(null=True, blank=True)
    high_fen = models.BigIntegerField(null=True, blank=True)
    worth_fen = models.BigIntegerField()
    #: By claim, how far the evidence against it has come: 1 refutes it.
    evidence: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering = ("hour",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme", "hour"), name="look_once_an_hour")
        ]


class Pause(models.Model):
    """A programme paused by itself, why, and how it went on."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="pauses")
    at = models.DateTimeField()
    #: ``cost``, ``left_at_once``, ``kept``, ``ordered`` or ``budget``.
    reason = models.CharField(max_length=12)
    #: How it stood: what `views.Numbers` holds.
    numbers: models.JSONField[Any, Any] = models.JSONField()
    #: What would have been lost with the rest of the budget; 0 where that was used up.
    saved_fen = models.BigIntegerField(default=0)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resume_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme",), condition=models.Q(resumed_at=None), name="pause_one_open")
        ]
