"""Tables of the room: experiments, who was drawn into which arm when, and what was read of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class Unit(models.TextChoices):
    """What is drawn."""

    PERSON = "person", _("Single people")
    GROUP = "group", _("Whole groups")


class Experiment(models.Model):
    """A measure of which some are left out on purpose, so that what it brings can be told."""

    #: What it belongs to, such as ``playbook:3`` or ``campaign:summer``.
    key = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    unit = models.CharField(max_length=6, choices=Unit.choices)
    #: Random bytes of its own: draws of different experiments have nothing to do with each other.
    salt = models.BinaryField(max_length=32)
    #: [{"since": instant, "shares": [[arm, ten-thousandths]]}], the latest last; the first arm is held out. Pairs, because
    #: PostgreSQL keeps the keys of an object in an order of its own.
    versions: models.JSONField[Any, Any] = models.JSONField()
    #: What happens within so many days after the draw is counted. Days.
    within_days = models.PositiveSmallIntegerField()
    #: Smallest difference of the share of buyers that one wants to see. 0-1.
    wanted_ratio = models.FloatField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-id",)

    def shares(self, version: int = -1) -> dict[str, int]:
        """Return the share of each arm in ten-thousandths, the one held out first."""
        return dict(self.versions[version]["shares"])


class Assignment(models.Model):
    """Into which arm a person or a group fell when it was first met. Never changed afterwards."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    #: Null for a group. Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    #: Key of the group; empty for a person.
    group_key = models.CharField(max_length=64, blank=True)
    #: Place among the arms; 0 is held out.
    arm = models.PositiveSmallIntegerField()
    #: Place of the shares by which was drawn among the experiment's versions.
    version = models.PositiveSmallIntegerField()
    assigned_at = models.DateTimeField()
    #: Day of `assigned_at` in the zone of the organisation: its month is the partition in the lake.
    assigned_date = models.DateField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(customer=None, group_key__gt="") | models.Q(customer__isnull=False, group_key=""),
                name="assignment_of_person_or_group",
            ),
            models.UniqueConstraint(fields=("experiment", "customer"), name="assignment_person_once"),
            models.UniqueConstraint(
                fields=("experiment", "group_key"), condition=models.Q(customer=None), name="assignment_group_once"
            ),
        ]


class GroupMember(models.Model):
    """Who was in a group when the group was drawn: what these people do afterwards is counted, whoever comes or leaves."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    assigned_date = models.DateField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("assignment", "customer"), name="group_member_once")
        ]


class Reading(models.Model):
    """What the lake told of an experiment as of a day: sums by arm, no people."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="readings", db_index=False)
    #: Exclusive day up to which orders were known.
    as_of = models.DateField()
    currency = models.CharField(max_length=3)
    taken_at = models.DateTimeField()
    #: [[day, arm, units]] that were drawn until then: counting a million rows takes a while.
    drawn: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: As `figures.Figures.as_json` writes it.
    figures: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering = ("-as_of",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("experiment", "as_of"), name="reading_of_day")
        ]
