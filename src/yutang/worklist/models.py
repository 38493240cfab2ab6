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
    rank = models.BigIntegerField(default=0)
    proposed_on = models.DateField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    snoozed_until = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    outcome_note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-rank", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("status", "owner", "-rank", "id")),
            models.Index(fields=("status", "store", "-rank", "id")),
            models.Index(fields=("closed_at",)),
        ]
