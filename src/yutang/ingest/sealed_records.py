"""What the room keeps sealed: rows that could not be taken, and rows of other rooms as they were before an import."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Substr

from yutang.foundation import bulk
from yutang.foundation.sealed_records import SEALED, SealedColumn, not_opening, sealed_anew
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
        images = dict(rows)
        sealed = sealed_anew({pk: bytes.fromhex(image[self.column]["hex"]) for pk, image in rows})
        anew = [
            (json.dumps({**images[pk], self.column: {"hex": blob.hex()}}), pk)  # as `journal.remember` writes it
            for pk, blob in sealed.items()
        ]
        bulk.update_rows(BeforeImage._meta.db_table, ("before",), anew)
        return (rows[-1][0] if rows else 0, len(sealed))

    def closed(self) -> tuple[int, list[int]]:
        """Return how many records there are, and which do not open, see `SealedRecords`."""
        return not_opening(self._rows().order_by("pk").values_list("pk", "sealed"), bytes.fromhex)

    def _rows(self) -> Any:
        held = Cast(KT(f"before__{self.column}__hex"), TextField())
        images = BeforeImage.objects.filter(table=self.table).annotate(sealed=held)
        return images.exclude(sealed__isnull=True).exclude(sealed="").annotate(key_byte=Substr("sealed", 1, 2))


SEALED.register(SealedColumn("ingest.kept_rows", N_("Rows that were kept"), QuarantinedRow, "sealed_row"))
