"""Tables of what other systems are told: receivers, messages, deliveries."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.foundation.models import Staff, Store


class OffBecause(models.TextChoices):
    """Why a receiver is told nothing at present."""

    PERSON = "person", _("Switched off by hand")
    FAILING = "failing", _("Switched off: it failed for days")
    GONE = "gone", _("Switched off: it said that it is gone")


class Endpoint(models.Model):
    """A receiver: where it is, and what it is told."""

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    #: Kinds of events.
    events: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: Whether people stand in the message with masked name and phone, beside their keys.
    with_people = models.BooleanField(default=False)
    #: Whether it is told only of `stores`; else of all.
    is_scoped = models.BooleanField(default=False)
    stores = models.ManyToManyField(Store, blank=True, related_name="+")
    #: {"secret", "before", "before_until"}: the one before signs too until its time is over.
    sealed_secret = models.BinaryField()
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)
    off_because = models.CharField(max_length=10, choices=OffBecause.choices, blank=True)
    #: When somebody was told that it was switched off by itself.
    told_at = models.DateTimeField(null=True, blank=True)
    #: Since the first failure after the last success.
    failing_since = models.DateTimeField(null=True, blank=True)
    #: Rounds in a row in which it took nothing, and until when it is left alone.
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class Message(models.Model):
    """Something to be told, the same to all receivers."""

    #: What makes it known: the same at every attempt, to every receiver.
    token = models.CharField(max_length=40, unique=True)
    #: Of the outbox; null for a test.
    event_id = models.BigIntegerField(null=True, blank=True, unique=True)
    kind = models.CharField(max_length=80)
    #: The event's keys and codes.
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Keys of the people whom it is about.
    people: models.JSONField[Any, Any] = models.JSONField(default=list)
    occurred_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("id",)


class DeliveryStatus(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Taken")
    DEAD = "dead", _("Given up")


class Delivery(models.Model):
    """One message to one receiver, tried until it is taken or given up."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: When it is tried next; while it is being tried, when another worker may try it.
    next_at = models.DateTimeField()
    #: Who tries it now.
    lease_token = models.CharField(max_length=40, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    #: Of the last attempt: status of the answer, why it was not taken (see `connectors.webhook`), how long it took.
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=30, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("endpoint", "message"), name="delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("next_at", "id"), condition=models.Q(status="waiting"), name="delivery_due"),
            models.Index(fields=("endpoint", "status", "-id"), name="delivery_of_endpoint"),
        ]
