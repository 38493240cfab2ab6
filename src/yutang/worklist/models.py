"""Tables of the day's work: proposals and what became of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store


class ProposalStatus(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open", _("To do")
    SNOOZED = "snoozed", _("Snoozed")
    DONE = "done", _("Done")
    NOT_USEFUL = "not_useful", _("Not useful")
    LAPSED = "lapsed", _("No longer needed")


class Proposal(models.Model):
    """One thing to do for one subject, with a reason, an owner and a deadline."""

    kind = models.CharField(max_length=40)
    #: Makes a proposal unique: the same reason about the same subject is proposed once.
    dedupe_key = models.CharField(max_length=120, unique=True)
    #: Without a constraint in the database: the undo of an import may delete the person; the proposal then lapses.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: {"template", "values"}
    reason: models.JSONField[Any, Any] = models.JSONField()
    #: Address in the console where the work is done, as {"room": ..., "id": ...}.
    subject: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: What a touch is expected to bring: value at stake x chance that it helps. Minor units.
    rank = models.BigIntegerField(default=0)
    #: Minor units.
    stake_minor = models.BigIntegerField(default=0)
    #: Chance that a touch helps, as it was believed when this was proposed. 0-1.
    chance = models.FloatField(default=1.0)
    proposed_on = models.DateField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    snoozed_until = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    outcome_note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: How it stood before somebody last closed it or put it aside, by which that can be undone:
    #: {"status", "snoozed_until", "due_at", "by": staff, "at"}. Null once undone, or where nobody did.
    before_change: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-rank", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("status", "owner", "-rank", "id")),
            models.Index(fields=("status", "store", "-rank", "id")),
            models.Index(fields=("closed_at",)),
            models.Index(fields=("proposed_on",), name="proposal_day"),
        ]


class KindResult(models.Model):
    """What followed the done proposals of one kind, against similar people whom nobody touched, as of the latest look."""

    kind = models.CharField(max_length=40, primary_key=True)
    #: Exclusive: touches after whom 30 days are known before this day were looked at.
    as_of = models.DateField()
    #: Customers who were touched and to whom similar ones were found.
    touched = models.IntegerField()
    #: Touched customers who had too few similar ones to be compared.
    without_similar = models.IntegerField()
    #: Of the touched, who ordered within 30 days; and how many of as many similar people did.
    ordered = models.IntegerField()
    expected = models.FloatField()
    #: Standard error of ``(ordered - expected) / touched``.
    spread = models.FloatField()
    #: What the touched spent within 30 days, and as many similar people. Net of refunds, minor units.
    sales_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("kind",)
