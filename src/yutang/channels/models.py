"""Tables of reach: what is to be sent or was, what was decided and why, the platform's quota, what speaks against a sale."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class PolicyVersion(models.Model):
    """One set of values of the contact policy that something was decided by. The same values are one version for ever."""

    digest = models.CharField(max_length=32, unique=True)
    #: {name: value} of `policy.Policy`.
    values: models.JSONField[Any, Any] = models.JSONField()
    first_used_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class TouchState(models.TextChoices):
    """How far a message has come."""

    PLANNED = "planned", _("Planned")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")


class Touch(models.Model):
    """One message to one person or group. Its key exists once: whatever happens, it is sent once at most."""

    #: Idempotency key of whoever wants to send.
    key = models.CharField(max_length=120, unique=True)
    #: Null for a group. Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    #: Key of the group; empty for a person.
    group_key = models.CharField(max_length=64, blank=True)
    #: Campaign or playbook that wants it.
    campaign = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=8)
    intent = models.CharField(max_length=14)
    content = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=TouchState.choices)
    #: From when on it was to go out: the policy's patience is counted from here.
    wanted_at = models.DateTimeField()
    #: When it is to go out, or when it was given to the platform.
    at = models.DateTimeField()
    #: Day of `at` in the zone of the organisation: its month is the partition in the lake.
    business_date = models.DateField()
    #: After this instant it is of no use; null: the policy's patience holds.
    latest = models.DateTimeField(null=True, blank=True)
    #: What it is expected to bring. Minor units.
    expected_minor = models.BigIntegerField(default=0)
    #: Period of the platform's quota in which it took a place; empty where it took none.
    slot = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(customer=None, group_key__gt="") | models.Q(customer__isnull=False, group_key=""),
                name="touch_of_person_or_group",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "at"), name="touch_person"),
            models.Index(fields=("group_key", "at"), condition=models.Q(group_key__gt=""), name="touch_group"),
            models.Index(fields=("campaign", "state"), name="touch_campaign"),
            models.Index(fields=("changed_at",), name="touch_changed"),
            models.Index(fields=("business_date",), name="touch_day"),
        ]


class Decision(models.Model):
    """One answer of the contact policy, as it was given. Append only."""

    touch_key = models.CharField(max_length=120)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group_key = models.CharField(max_length=64, blank=True)
    campaign = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=8)
    #: Of what was asked for.
    intent = models.CharField(max_length=14)
    #: Whether it was asked when the message was planned or when it was to go out.
    stage = models.CharField(max_length=5)
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=24)
    #: How much there was of what the reason asks for; null where it counts nothing.
    have = models.IntegerField(null=True, blank=True)
    #: When it may go out; null where it was refused.
    at = models.DateTimeField(null=True, blank=True)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("touch_key", "id"), name="decision_touch"),
            models.Index(fields=("customer", "id"), name="decision_person"),
            models.Index(fields=("campaign", "outcome", "reason"), name="decision_campaign"),
        ]


class QuotaUse(models.Model):
    """Places of the platform's quota that one receiver has used in one period. Taken by a conditional update only."""

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group_key = models.CharField(max_length=64, blank=True)
    #: Channel, kind of period and its first day: ``wecom:day:2026-03-11``.
    slot = models.CharField(max_length=40)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("customer", "slot"), name="quota_person_once"),
            models.UniqueConstraint(
                fields=("group_key", "slot"), condition=models.Q(customer=None), name="quota_group_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("slot", "customer", "used"), name="quota_slot")]


class GrievanceKind(models.TextChoices):
    """What speaks against selling to somebody."""

    COMPLAINT = "complaint", _("Open complaint")
    MOOD = "mood", _("Mood fell")


class Grievance(models.Model):
    """A complaint or a fall of mood of one person, from when to when."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=9, choices=GrievanceKind.choices)
    #: Where it is told at length, such as ``case:17``; one source is noted once.
    source = models.CharField(max_length=80, unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "kind", "closed_at"), name="grievance_person")
        ]


class GroupStanding(models.Model):
    """What the policy must know of a group of customers."""

    group_key = models.CharField(max_length=64, primary_key=True)
    joined_at = models.DateTimeField()
    time_zone = models.CharField(max_length=40)
    #: One of `rules.STANDINGS`.
    standing = models.CharField(max_length=8, default="alive")
    since = models.DateTimeField()

    class Meta:
        ordering = ("group_key",)
