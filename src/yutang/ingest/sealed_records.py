"""What the room keeps sealed: rows that could not be taken, and rows of other rooms as they were before an import."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.fields.json import KT
from django.db.models.functions import Substr

from yutang.foundation import bulk, sealing
from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.ingest.models import BeforeImage, QuarantinedRow
from yutang.kit.text import N_


@dataclass(frozen=True)
class SealedImages:
    """Before-images of rows that hold a sealed record, which stands in them as ``{"hex": ...}``.

    Attributes:
        name: stable name, ``room.records``.
        title: what a person calls them, marked with `N_`.
        table: the other room's table.
        column: its column.
    """

    name: str
    title: str
    table: str
    column: str

    def latest(self, n: int) -> list[bytes]:
        """Return the newest sealed records, n at most."""
        return [bytes.fromhex(sealed) for sealed in self._rows().order_by("-pk").values_list("sealed", flat=True)[:n]]

    def counts(self) -> dict[int, int]:
        """Return how many records each key seals, by its id."""
        found = self._rows().order_by().values_list("key_byte").annotate(Count("pk"))
        return {int(key, 16): n for key, n in found}

    def reseal(self, *, after_id: int, key_id: int, most: int) -> tuple[int, int]:
        """Seal the next records anew, see `SealedRecords`."""
        old = self._rows().filter(pk__gt=after_id).exclude(key_byte=f"{key_id:02x}").order_by("pk")
        rows = list(old.select_for_update(skip_locked=True).values_list("pk", "before")[:most])
        sealed = sealing.seal_many([sealing.unseal(bytes.fromhex(image[self.column]["hex"])) for _, image in rows])
        images = [
            (json.dumps({**image, self.column: {"hex": blob.hex()}}), pk)
            for (pk, image), blob in zip(rows, sealed, strict=True)
        ]
        bulk.update_rows(BeforeImage._meta.db_table, ("before",), images)
        return (rows[-1][0], len(rows)) if rows else (0, 0)

    def _rows(self) -> Any:
        images = BeforeImage.objects.filter(table=self.table).annotate(sealed=KT(f"before__{self.column}__hex"))
        return images.exclude(sealed__isnull=True).exclude(sealed="").annotate(key_byte=Substr("sealed", 1, 2))


SEALED.register(SealedColumn("ingest.kept_rows", N_("Rows that were kept"), QuarantinedRow, "sealed_row"))
