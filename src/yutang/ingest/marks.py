"""The first column of a table of kept rows says which row each line is, so that the mended table closes those rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from yutang.foundation import bulk
from yutang.ingest.models import QuarantinedRow, QuarantineStatus
from yutang.ingest.reading import Source

#: Name of the column; no export has it.
ROW_MARK = "yutang_row"


def mark_of(digest: bytes | memoryview) -> str:
    """Return what stands in the column: the row's digest, with a letter before it that keeps it from being a number."""
    return f"r{bytes(digest).hex()}"


def without_mark(header: Sequence[str], cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return header and cells of a row without the column."""
    kept = [(name, cell) for name, cell in zip(header, cells, strict=True) if name != ROW_MARK]
    return [name for name, _ in kept], [cell for _, cell in kept]


def marked_rows(source: Source, sheets: Iterable[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Return (id, import, row number) of the open kept rows that a mended table brings, in the order of its lines.

    Of equal rows as many are meant as the table has lines.
    """
    digests: list[bytes] = []
    for sheet in sheets:
        if ROW_MARK in sheet["header"]:
            at = sheet["header"].index(ROW_MARK)
            for batch in source.batches(sheet["sheet"], columns=[at]):
                digests.extend(filter(None, map(_digest_of, batch.column(f"c{at}").to_pylist())))
    if not digests:
        return []
    with bulk.key_table([("digest", "bytes")], [(d,) for d in set(digests)]) as keys:
        found = bulk.fetch(
            f"SELECT q.digest, q.id FROM {keys} k JOIN ingest_quarantinedrow q ON q.digest = k.digest"  # noqa: S608
            " WHERE q.status = %s ORDER BY q.id",
            [QuarantineStatus.OPEN],
        )
    left = Counter(digests)
    wanted = []
    for digest, row_id in found:
        left[bytes(digest)] -= 1
        if left[bytes(digest)] >= 0:
            wanted.append(row_id)
    rows = QuarantinedRow.objects.filter(pk__in=wanted).order_by("id")
    return list(rows.values_list("id", "source_id", "row_number"))


def _digest_of(mark: str | None) -> bytes | None:
    try:
        return bytes.fromhex((mark or "").strip().removeprefix("r")) or None
    except ValueError:
        return None
