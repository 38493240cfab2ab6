"""Tables of the room: saved segments, and who belonged to them when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from yutang.foundation.models import Staff


class Segment(models.Model):
    """A rule with a name. Who belongs to it is told anew from the lake; snapshots keep who did."""

    name = models.CharField(max_length=80, unique=True)
    #: As `rules.reading.as_json` writes it.
    rule: models.JSONField[Any, Any] = models.JSONField()
    #: Counts up with every change of the rule: snapshots of different rules are not compared.
    rule_version = models.PositiveIntegerField(default=1)
    #: The preset that it was made from; empty for one of one's own.
    preset = models.CharField(max_length=20, blank=True)
    created_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    #: Who belongs to it as of the latest snapshot (see `member_sets`).
    members = models.BinaryField(default=b"")

    class Meta:
        ordering = ("id",)


class Snapshot(models.Model):
    """Who came and who left a segment up to an instant: with the present members, every earlier set can be told."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    taken_at = models.DateTimeField()
    #: Exclusive day as of which the rule was asked.
    as_of = models.DateField()
    rule_version = models.PositiveIntegerField()
    size = models.BigIntegerField()
    entered_count = models.BigIntegerField(default=0)
    left_count = models.BigIntegerField(default=0)
    #: Keys since the snapshot before; of the first one of a rule nothing is kept here.
    entered = models.BinaryField(default=b"")
    left = models.BinaryField(default=b"")

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("segment", "-id"), name="snapshot_latest")]
