"""Rows that could not be taken: kept whole and sealed, each with its reason, until somebody mends or dismisses them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from django.db.models import F

from yutang.foundation import bulk, sealing
from yutang.ingest.models import Import, ImportStatus, QuarantinedRow, QuarantineStatus
from yutang.ingest.reading.problems import CUT_OFF, TOO_MANY_CELLS, UNCLOSED_QUOTE
from yutang.ingest.staging import StagedSheet
from yutang.ingest.targets import TARGETS, problem_sentence

#: What can be no phone: a day, right or wrong, with or without a time.
_DAY = re.compile(r"\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]?\d{1,2}[:时][\d:.分秒]*)?")
#: Reasons of rows that may hold more cells than the file has columns.
MAY_BE_WIDE = (TOO_MANY_CELLS, CUT_OFF, UNCLOSED_QUOTE)


def keep_rows(record: Import, sheet: StagedSheet, rows: pa.Table) -> None:
    """Keep rows that cannot be taken, sealed, with the reason in plain words; those that an earlier import keeps are known."""
    target = TARGETS[sheet.plan["target"]]
    header = sheet.plan["header"]
    kept = rows.to_pylist()
    sealed = sealing.seal_many([{"header": header, "cells": row["cells"]} for row in kept])
    digests = [_digest(header, row["cells"]) for row in kept]
    # Mended rows that fail again are new ones to mend: the rows that they came from are closed.
    waiting = Counter[bytes]() if record.continues_id else _kept_before(record.pk, digests)
    values = []
    numbers = record.plan.get("mended_row_numbers", [])
    for row, blob, digest in zip(kept, sealed, digests, strict=True):
        position = sheet.plan["columns"].get(row["column"])
        column = header[position] if position is not None else ""
        cell = row["cells"][position] if position is not None else None
        number = _number_in_origin(numbers, row["row_number"])
        reason = problem_sentence(target, row["reason_code"], row=number, column=column, value=_shown(cell))
        values.append(
            (
                record.pk,
                sheet.plan["name"],
                number,
                column,
                row["reason_code"],
                json.dumps(reason.as_json(), ensure_ascii=False),
                blob,
                digest,
                row["amount_minor"] or 0,
                (QuarantineStatus.KNOWN if waiting[digest] > 0 else QuarantineStatus.OPEN).value,
            )
        )
        waiting[digest] -= 1
    columns = (
        "source_id",
        "sheet",
        "row_number",
        "column",
        "reason_code",
        "reason",
        "sealed_row",
        "digest",
        "amount_minor",
        "status",
    )
    bulk.insert_rows(QuarantinedRow._meta.db_table, columns, values)
    Import.objects.filter(pk=record.pk).update(
        rows_quarantined=F("rows_quarantined") + len(values),
        amount_quarantined_minor=F("amount_quarantined_minor") + sum(v[8] for v in values),
    )


def _number_in_origin(numbers: list[int], row_number: int) -> int:
    """Return the number of a row in the file that a person knows: of a mended row that of the file from which it came."""
    place = row_number - 2
    return numbers[place] if 0 <= place < len(numbers) else row_number


def header_and_cells(kept: Mapping[str, Any], *, width: int = 0) -> tuple[list[str], list[str]]:
    """Return header and cells of a kept row, of one length; surplus cells stand under columns without a name.

    Args:
        kept: the record that was sealed.
        width: so many cells at least.
    """
    width = max(len(kept["header"]), len(kept["cells"]), width)
    header = [*kept["header"], *[""] * (width - len(kept["header"]))]
    return header, [cell or "" for cell in kept["cells"]] + [""] * (width - len(kept["cells"]))


def release_rows(import_id: int) -> None:
    """Let the kept rows of an import go that is undone; equal rows of later imports wait in their place."""
    own = QuarantinedRow.objects.filter(source_id=import_id)
    twins = QuarantinedRow.objects.filter(
        status=QuarantineStatus.KNOWN,
        source_id__gt=import_id,
        digest__in=own.exclude(status=QuarantineStatus.KNOWN).values("digest"),
    )
    twins.update(status=QuarantineStatus.OPEN)
    own.filter(status__in=(QuarantineStatus.OPEN, QuarantineStatus.KNOWN)).update(status=QuarantineStatus.DISMISSED)
    QuarantinedRow.objects.filter(mended_by_id=import_id).update(status=QuarantineStatus.OPEN, mended_by=None)


def _digest(header: list[str], cells: list[str | None]) -> bytes:
    return sealing.digest16("row", "\x1f".join(header), "\x1f".join(c or "" for c in cells))


def _kept_before(import_id: int, digests: list[bytes]) -> Counter[bytes]:
    """Return how often each row is kept by earlier imports that stand."""
    with bulk.key_table([("digest", "bytes")], [(d,) for d in set(digests)]) as keys:
        found = bulk.fetch(
            f"SELECT q.digest, COUNT(*) FROM {keys} k JOIN ingest_quarantinedrow q ON q.digest = k.digest"
            " JOIN ingest_import i ON i.id = q.source_id"
            " WHERE q.source_id < %s AND q.status <> %s AND i.status <> %s GROUP BY q.digest",
            [import_id, QuarantineStatus.KNOWN, ImportStatus.UNDONE],
        )
    return Counter({bytes(digest): n for digest, n in found})


def _shown(cell: str | None) -> str:
    """Return the cell as a reason may quote it: short, and without what may be a person's phone or name."""
    if not cell:
        return ""
    if _DAY.fullmatch(cell.strip()):
        return cell[:40]
    digits = sum(c.isdigit() for c in cell)
    if "E+" in cell.upper() or digits < 7:
        return cell[:40]
    return f"{cell[:3]}…"
