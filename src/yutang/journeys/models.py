"""Tables of playbooks: what they say in which version, who is in them, and what became of each step."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class PlaybookState(models.TextChoices):
    """Whether a playbook takes people in and moves them on."""

    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")


class Playbook(models.Model):
    """When this, wait, if, do that: by itself, for everybody to whom it happens."""

    name = models.CharField(max_length=80, unique=True)
    #: The ready one that it was made from; empty for one of one's own.
    ready = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=PlaybookState.choices, default=PlaybookState.DRAFT)
    #: What is being written: becomes a version when it is published.
    draft: models.JSONField[Any, Any] = models.JSONField()
    #: Who enters gets this one; null before the first.
    current = models.ForeignKey("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: Key of the hash by which people fall into the share that gets nothing; never changes. 16 bytes.
    salt = models.BinaryField()
    #: Up to where its triggers have looked: ``{"snapshot": key, "day": day, "orders": day, "slot": instant}``.
    looked: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Who fitted the rule of the trigger when it was last asked (see `segments.member_sets`); null: not asked yet.
    fitted = models.BinaryField(null=True, blank=True)
    #: How often the trigger happened to somebody whom on some course no step reaches: they were not let in. Count.
    unreached = models.PositiveIntegerField(default=0, db_default=0)
    created_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class Version(models.Model):
    """What a playbook said from an instant on. Never changed: people finish on the version on which they began."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    #: As `reading.as_json` writes it.
    definition: models.JSONField[Any, Any] = models.JSONField()
    published_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("playbook", "number"), name="playbook_version_once")
        ]


class Ending(models.TextChoices):
    """Why somebody is no longer in a playbook."""

    END = "end", _("Went through to the end")
    GOAL = "goal", _("Reached the goal")
    EXIT = "exit", _("A reason to leave held")
    REFUSED = "refused", _("The contact policy refused")
    STOPPED = "stopped", _("The playbook was stopped")
    MERGED = "merged", _("The same person was in it twice")
    HELD = "held", _("Held out: gets nothing, to compare with")
    GONE = "gone", _("The group is no longer there")


class Enrolment(models.Model):
    """One person, or one group, in one playbook, or held out of it: where they stand, and when the next step is due."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Null for a group. Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    #: Key of the group, as the contact policy knows it; empty for a person.
    group_key = models.CharField(max_length=64, blank=True)
    #: Playbook, person or group, and occasion: whatever happens, one occasion lets somebody in once.
    entry = models.CharField(max_length=120, unique=True)
    entered_at = models.DateTimeField()
    #: Business day of `entered_at`.
    entered_on = models.DateField()
    #: Orders that were known of the person on entering. Count.
    orders_before = models.IntegerField(default=0)
    step = models.CharField(max_length=40)
    #: Counts up with every move: with the enrolment and the step it makes the key of what the step does.
    visit = models.PositiveIntegerField(default=1)
    #: Since when, and since which business day, the person stands at the step.
    since = models.DateTimeField()
    since_on = models.DateField()
    due_at = models.DateTimeField()
    #: What the step waits for: ``order``, ``word``, or the name of an event; empty where it waits for the clock only.
    waits_for = models.CharField(max_length=80, blank=True)
    #: It has happened.
    heard = models.BooleanField(default=False)
    #: The playbook, while the person is in it: nobody is in one twice at a time. Afterwards a number that nobody else has.
    lane = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=8, choices=Ending.choices, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("customer", "lane"), name="enrolment_one_at_a_time"),
            models.UniqueConstraint(
                fields=("group_key", "lane"), condition=models.Q(customer=None), name="enrolment_group_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(customer=None, group_key__gt="") | models.Q(customer__isnull=False, group_key=""),
                name="enrolment_of_person_or_group",
            ),
            models.CheckConstraint(
                condition=models.Q(lane__lt=0, ended_at__isnull=False) | models.Q(lane__gt=0, ended_at=None),
                name="enrolment_in_or_out",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("due_at",), condition=models.Q(ended_at=None), name="enrolment_due"),
            models.Index(
                fields=("version", "step", "due_at"), condition=models.Q(ended_at=None), name="enrolment_step"
            ),
            models.Index(
                fields=("waits_for", "customer"),
                condition=models.Q(ended_at=None) & ~models.Q(waits_for=""),
                name="enrolment_waiting",
            ),
            models.Index(fields=("playbook", "customer", "entered_at"), name="enrolment_person"),
            models.Index(fields=("playbook", "ended_because"), name="enrolment_ending"),
        ]


class Passage(models.Model):
    """What one step did with one enrolment. Append only; one visit passes once."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="passages", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    visit = models.PositiveIntegerField()
    at = models.DateTimeField()
    #: One of `steps.OUTCOMES`.
    outcome = models.CharField(max_length=16)
    #: Code of the contact policy's reason, or the way that was taken.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("enrolment", "visit"), name="passage_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("version", "step", "outcome", "reason"), name="passage_step")
        ]


class Invitation(models.Model):
    """Into which group a person was invited by a step, and by which code; one step and visit invites once."""

    #: Of the message that invites.
    key = models.CharField(max_length=120, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group_key = models.CharField(max_length=64)
    #: Of the join code.
    url = models.CharField(max_length=500)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    invited_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("group_key", "invited_at"), name="invitation_group"),
            models.Index(fields=("version", "step", "customer"), name="invitation_step"),
            models.Index(fields=("customer",), name="invitation_person"),
        ]
