"""Tables of the door for programs: tokens, the answers that were given to writing calls, what people did elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store


class TokenKind(models.TextChoices):
    """For whom a token acts."""

    PERSONAL = "personal", _("Personal")
    SERVICE = "service", _("Service")


class Token(models.Model):
    """What a program shows to be let in. The token itself is stored nowhere, only its hash."""

    kind = models.CharField(max_length=10, choices=TokenKind.choices)
    name = models.CharField(max_length=80)
    #: SHA-256 of the token, which is 256 random bits: nobody guesses it, so nothing slower is needed.
    digest = models.BinaryField(unique=True)
    #: Last four characters, by which people tell tokens apart.
    hint = models.CharField(max_length=4)
    #: For whom a personal token acts; empty for a service.
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Names of permissions. Null, on a personal token: all that its member of staff holds.
    permissions: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: Whether it reaches only `stores`; else every store, or those of its member of staff.
    is_scoped = models.BooleanField(default=False)
    stores = models.ManyToManyField(Store, blank=True, related_name="+")
    #: Calls within one minute.
    per_minute = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    #: To the hour.
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind="personal", staff__isnull=False)
                | models.Q(kind="service", staff__isnull=True, permissions__isnull=False),
                name="token_acts_for_somebody",
            )
        ]


class KeptAnswer(models.Model):
    """The answer to a writing call, by the key that the caller gave it: asked again, it is told again and nothing is done."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    #: SHA-256 over method, address and body: the same key for something else is refused.
    request_digest = models.BinaryField()
    status = models.PositiveSmallIntegerField(default=0)
    headers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    answered_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("token", "key"), name="answer_once")
        ]


class Behaviour(models.Model):
    """Something that a person did, as another system saw it: viewed, added to the cart, visited, chatted.

    PostgreSQL keeps it by month (see `event_months`): there the unique constraint is kept by a table beside it, and a row that is known
    is passed over.
    """

    #: The system, within which its ids are unique.
    source = models.CharField(max_length=40)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    #: In the zone of the store, or of the organisation. Null on rows of before it was kept.
    business_date = models.DateField(null=True, db_index=True)
    #: Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(
        Customer,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    #: Keyed hash of the identifier by which the person was named, 16 bytes: who is not known yet is found later.
    digest = models.BinaryField(null=True)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    properties: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("source", "event_id"), name="behaviour_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "id"), name="behaviour_of_person"),
            models.Index(fields=("digest",), condition=models.Q(customer=None), name="behaviour_of_nobody"),
        ]


class LakeMark(models.Model):
    """Up to which event the lake was told to read."""

    #: One row: the table of the lake.
    table = models.CharField(max_length=60, primary_key=True)
    event_id = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("table",)
