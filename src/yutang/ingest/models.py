"""Tables of the import engine: imports, kept rows, remembered mappings, before-images, touched partitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.foundation.models import Job, Staff
from yutang.ingest.folders import import_folder


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    DRAFT = "draft", _("Being prepared")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Import(models.Model):
    """One file (or one batch of mended rows) on its way into the store. Counts always add up."""

    file_name = models.CharField(max_length=255)
    #: Name of the kept copy in the import's folder; empty when it was dropped. See `kept_copy`.
    stored_path = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    size_bytes = models.BigIntegerField(default=0)
    target = models.CharField(max_length=40, blank=True)
    format = models.CharField(max_length=60, blank=True)
    platform = models.CharField(max_length=40, blank=True)
    shop_name = models.CharField(max_length=120, blank=True)
    encoding = models.CharField(max_length=30, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    exported_at = models.DateTimeField(null=True, blank=True)
    #: {"sheets": [{"name", "target", "format", "columns": {field: column index}}], "options": {...}}
    plan: models.JSONField[Any, Any] = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=ImportStatus.choices, default=ImportStatus.DRAFT)
    #: {"template", "values"} of a refusal when the status is failed.
    problem: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    continues = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="mended_by")
    batches_done = models.IntegerField(default=0)
    batches_total = models.IntegerField(null=True, blank=True)
    rows_read = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_updated = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    rows_quarantined = models.BigIntegerField(default=0)
    rows_ignored = models.BigIntegerField(default=0)
    #: {reason code: rows}
    ignored_why: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: things made by kind, for example {"orders": 3, "order_lines": 7, "customers": 2}
    made: models.JSONField[Any, Any] = models.JSONField(default=dict)
    amount_read_minor = models.BigIntegerField(default=0)
    amount_imported_minor = models.BigIntegerField(default=0)
    amount_cancelled_minor = models.BigIntegerField(default=0)
    amount_quarantined_minor = models.BigIntegerField(default=0)
    amount_ignored_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    @property
    def kept_copy(self) -> Path:
        """Where the copy of the file lies; nothing is there when it was dropped."""
        return import_folder(self.pk) / Path(self.stored_path).name


class QuarantineStatus(models.TextChoices):
    """What became of a kept row."""

    OPEN = "open", _("To be mended")
    MENDED = "mended", _("Mended")
    DISMISSED = "dismissed", _("Dismissed")
    KNOWN = "known", _("Kept already by an earlier import")


class QuarantinedRow(models.Model):
    """A row that could not be taken, kept whole with the reason, until it is mended or dismissed."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="quarantined")
    sheet = models.CharField(max_length=120, blank=True)
    #: Row number as a spreadsheet program shows it (the header is row 1).
    row_number = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    reason_code = models.CharField(max_length=60)
    #: {"template", "values"}
    reason: models.JSONField[Any, Any] = models.JSONField()
    #: The row as it was read, sealed: {"header": [...], "cells": [...]}.
    sealed_row = models.BinaryField()
    #: Keyed hash of header and cells, 16 bytes: the same row of the same file again is not kept to be mended twice.
    digest = models.BinaryField()
    amount_minor = models.BigIntegerField(default=0)
    status = models.CharField(max_length=10, choices=QuarantineStatus.choices, default=QuarantineStatus.OPEN)
    mended_by = models.ForeignKey(Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("source_id", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("status", "source")),
            models.Index(fields=("digest",)),
        ]


class RememberedMapping(models.Model):
    """The columns that a person chose for a header, offered again for the same header."""

    header_digest = models.CharField(max_length=64, unique=True)
    target = models.CharField(max_length=40)
    #: {field: header name}
    columns: models.JSONField[Any, Any] = models.JSONField()
    used_at = models.DateTimeField()


class ImportOverlap(models.Model):
    """How many rows of a later import met rows that an earlier import had made: undo goes last in, first out."""

    later = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="builds_on")
    earlier = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="built_on_by")
    rows = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("later", "earlier"), name="overlap_once")
        ]


class BeforeImage(models.Model):
    """A row as it was before an import changed it, so that the import can be undone."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="before_images")
    table = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    #: {column: value}; bytes as {"hex": ...}.
    before: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("source", "table"))]


class TouchedPartition(models.Model):
    """A partition of a published table that a change touched: written with the change, read by the lake sync."""

    table = models.CharField(max_length=60)
    partition = models.CharField(max_length=20)
    touched_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
