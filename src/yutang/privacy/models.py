"""Tables of what people ask about their own data, and of the erasures."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class RequestKind(models.TextChoices):
    """What is asked for."""

    COPY = "copy", _("A copy of the data")
    CORRECTION = "correction", _("Correction")
    ERASURE = "erasure", _("Erasure")
    OBJECTION = "objection", _("No more profiling")


class RequestState(models.TextChoices):
    """What became of it."""

    OPEN = "open", _("To be answered")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class DataRequest(models.Model):
    """Something that a person asked about their data. The person's words are sealed."""

    key = models.CharField(max_length=140, unique=True)
    #: None: the person was erased, as was asked.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=RequestKind.choices)
    sealed_words = models.BinaryField()
    state = models.CharField(max_length=7, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    #: Day until which it is to be answered.
    due_date = models.DateField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    #: What was answered, as the person reads it.
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at=None)
                | (~models.Q(state="open") & models.Q(answered_at__isnull=False)),
                name="data_request_answered_when",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("state", "due_date"), name="data_request_due"),
            models.Index(fields=("customer",), name="data_request_of_person"),
        ]


class ErasureState(models.TextChoices):
    """How far an erasure is."""

    WAITING = "waiting", _("Under way")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class Erasure(models.Model):
    """That a person was erased, or is to be. The numbers of the records name nobody any more once it is done."""

    #: Number of the customer. No foreign key: the row stays when the person is gone.
    number = models.BigIntegerField(unique=True)
    #: Numbers of all records that are this person: those merged into it too.
    people: models.JSONField[Any, Any] = models.JSONField()
    #: Why, as whoever asked wrote it.
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=7, choices=ErasureState.choices, default=ErasureState.WAITING)
    #: {room: rows that were deleted or that the person was taken off}
    receipt: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: {"template", "values"} of the refusal that stopped it; None: none did.
    stopped_by: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at=None)),
                name="erasure_done_when",
            ),
            models.CheckConstraint(
                condition=models.Q(state="stopped", stopped_by__isnull=False)
                | (~models.Q(state="stopped") & models.Q(stopped_by=None)),
                name="erasure_stopped_why",
            ),
        ]
