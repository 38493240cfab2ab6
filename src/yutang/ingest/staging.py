"""First half of an import: the file becomes typed, judged rows beside it. Nothing is in the store yet.

A staged import is a folder with ``rows-N`` (shelves of rows to load, see `shelving`), ``kept-N.parquet`` (rows that cannot be
taken, with the reason) and ``staged.json`` (the counts), written last: a folder without it is begun again.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yutang.ingest import batches
from yutang.ingest.formats import FORMATS
from yutang.ingest.reading import Source
from yutang.ingest.reading.ahead import read_ahead
from yutang.ingest.shelving import Shelves, StagedRows
from yutang.ingest.targets import TARGETS, LoadContext, Verdicts
from yutang.ingest.typed import TypedBatch, typed_batch, with_missing

#: Rows of a batch while reading; bounds the memory of staging.
ROWS_PER_READ = 32_768

_KEPT_SCHEMA = pa.schema(
    [
        ("row_number", pa.int64()),
        ("column", pa.string()),
        ("reason_code", pa.string()),
        ("cells", pa.list_(pa.string())),
        ("amount_minor", pa.int64()),
    ]
)


@dataclass
class StagedSheet:
    """Counts of one staged sheet: `read = loadable + kept + sum(ignored)`; and the currencies that its rows name."""

    plan: dict[str, Any]
    read: int = 0
    loadable: int = 0
    kept: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    amount_read_minor: int = 0
    amount_kept_minor: int = 0
    amount_ignored_minor: int = 0
    shelves: list[int] = field(default_factory=list)
    cells: int = 1
    near: list[str] = field(default_factory=list)
    batch_rows: int = 0
    currencies: list[str] = field(default_factory=list)

    def rows(self, folder: Path, number: int) -> StagedRows | None:
        """Return the rows to load of this sheet, which is the number-th in its folder; None when there are none."""
        if not self.shelves:
            return None
        group_key = TARGETS[self.plan["target"]].group_key
        shelves = _rows_folder(folder, number)
        return StagedRows(shelves, tuple(self.shelves), self.cells, group_key, tuple(self.near), self.batch_rows)


def stage(
    source: Source, *, plan: dict[str, Any], contexts: list[LoadContext], folder: Path, tick: Callable[[int], None]
) -> list[StagedSheet]:
    """Read the planned sheets into a staging folder and return their counts.

    Args:
        source: the opened file.
        plan: the import's plan, with one entry in ``sheets`` a sheet to read, and in ``cells`` how finely rows are laid apart.
        contexts: what loaders know, aligned with the plan's sheets.
        folder: where the staged files go; emptied first.
        tick: called with the rows read so far; may raise to stop.
    """
    marker = folder / "staged.json"
    if marker.exists():
        return [StagedSheet(**sheet) for sheet in json.loads(marker.read_text())]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sheets, done = [], 0
    for number, (sheet_plan, context) in enumerate(zip(plan["sheets"], contexts, strict=True)):
        shelving = partial(Shelves, _rows_folder(folder, number), cells=plan.get("cells", 1))
        kept = folder / f"kept-{number}.parquet"
        staged = _stage_sheet(source, sheet_plan, context, shelving, kept, _counting_on(done, tick))
        sheets.append(staged)
        done += staged.read
    draft = folder / "staged.json.new"
    draft.write_text(json.dumps([asdict(sheet) for sheet in sheets]))
    draft.replace(marker)
    return sheets


def judged_batches(
    source: Source, sheet_plan: dict[str, Any], context: LoadContext
) -> Iterator[tuple[TypedBatch, Verdicts]]:
    """Yield the sheet's batches with typed columns and the verdicts of the target's row rules."""
    target = TARGETS[sheet_plan["target"]]
    known = FORMATS[sheet_plan["format"]] if sheet_plan["format"] in FORMATS else None
    for read in source.batches(sheet_plan["sheet"], rows=ROWS_PER_READ):
        positions = {**sheet_plan["columns"], **sheet_plan["extras"]}
        cells = known.prepare(read, positions) if known and known.prepare else read
        batch = typed_batch(
            cells,
            target=target,
            columns=sheet_plan["columns"],
            extras=sheet_plan["extras"],
            context=context,
            day_first=known.day_first if known else None,
        )
        if known and known.adjust:
            batch = replace(batch, table=known.adjust(batch.table))
        batch = replace(batch, table=batch.table.select([c for c in batch.table.column_names if not c.startswith("_")]))
        batch = with_missing(batch, target)
        yield batch, _with_cell_problems(batch, target.judge(batch.table, context))


def _with_cell_problems(batch: TypedBatch, verdicts: Verdicts) -> Verdicts:
    """Return the verdicts with unreadable cells first: they say more plainly what is wrong."""
    if batch.problem.null_count == len(batch.problem):
        return verdicts
    unreadable = pc.is_valid(batch.problem)
    return Verdicts(
        refused=pc.if_else(unreadable, batch.problem, verdicts.refused),
        column=pc.if_else(unreadable, batch.problem_field, verdicts.column),
        ignored=pc.if_else(unreadable, pa.scalar(None, pa.string()), verdicts.ignored),
        amount_minor=verdicts.amount_minor,
    )


def _counting_on(before: int, tick: Callable[[int], None]) -> Callable[[int], None]:
    """Return a tick that counts on from the rows of the sheets before."""
    return lambda rows: tick(before + rows)


def _stage_sheet(
    source: Source,
    sheet_plan: dict[str, Any],
    context: LoadContext,
    shelving: Callable[..., Shelves],
    kept_rows: Path,
    tick: Callable[[int], None],
) -> StagedSheet:
    staged = StagedSheet(plan=sheet_plan)
    target = TARGETS[sheet_plan["target"]]
    near = target.near if sheet_plan["grain"] == "order" else ()
    with (
        pq.ParquetWriter(kept_rows, _KEPT_SCHEMA) as kept_writer,
        shelving(group_key=target.group_key, near=near) as shelves,
    ):
        # Columns of the next rows are typed while these are sorted out and written.
        for batch, verdicts in read_ahead(lambda: judged_batches(source, sheet_plan, context)):
            refused = pc.is_valid(verdicts.refused)
            ignored = pc.and_(pc.is_valid(verdicts.ignored), pc.invert(refused))
            loadable = pc.invert(pc.or_(refused, ignored))
            good = batch.table.append_column("amount_minor", verdicts.amount_minor).filter(loadable)
            kept = _kept_rows(batch, verdicts, refused)
            _count(staged, batch, verdicts, kept, ignored, good)
            if kept.num_rows:
                kept_writer.write_table(kept)
            shelves.put(good)
            tick(staged.read)
    staged.shelves, staged.cells, staged.near = shelves.counts, shelves.cells, list(shelves.near)
    staged.batch_rows = batches.rows_per_batch(staged.loadable) if shelves.cells > 1 else batches.ROWS_PER_BATCH
    return staged


def _rows_folder(folder: Path, number: int) -> Path:
    return folder / f"rows-{number}"


def refused_rows(source: Source, sheet_plan: dict[str, Any], refused: Sequence[tuple[int, str, str]]) -> pa.Table:
    """Return rows that were staged and then refused by the store, whole as they stand in the file.

    Args:
        source: the opened file; read through once more.
        sheet_plan: the sheet.
        refused: (row number, problem code, field at fault).
    """
    wanted = {row: (code, column) for row, code, column in refused}
    found: list[dict[str, Any]] = []
    for batch in source.batches(sheet_plan["sheet"], rows=ROWS_PER_READ):
        met = batch.filter(pc.is_in(batch.column("row_number"), pa.array(list(wanted), pa.int64())))
        for row in met.to_pylist():
            code, column = wanted[row["row_number"]]
            cells = [row[name] for name in met.schema.names if name.startswith("c")]
            found.append(
                {
                    "row_number": row["row_number"],
                    "column": column,
                    "reason_code": code,
                    "cells": [*cells, *(row["surplus"] or [])],
                    "amount_minor": 0,
                }
            )
    return pa.Table.from_pylist(found, _KEPT_SCHEMA)


def _kept_rows(batch: TypedBatch, verdicts: Verdicts, refused: pa.Array) -> pa.Table:
    """Return the refused rows whole, with the reason."""
    positions = pc.indices_nonzero(refused)
    cells = batch.cells.take(positions)
    names = [n for n in cells.schema.names if n.startswith("c")]
    rows = list(zip(*(cells.column(n).to_pylist() for n in names), strict=True)) if len(positions) else []
    surplus = cells.column("surplus").to_pylist()
    return pa.table(
        {
            "row_number": cells.column("row_number"),
            "column": verdicts.column.take(positions),
            "reason_code": verdicts.refused.take(positions),
            "cells": pa.array(
                [[*r, *(more or [])] for r, more in zip(rows, surplus, strict=True)], pa.list_(pa.string())
            ),
            "amount_minor": pc.cast(verdicts.amount_minor.take(positions), pa.int64()),
        },
        schema=_KEPT_SCHEMA,
    )


def _count(
    staged: StagedSheet, batch: TypedBatch, verdicts: Verdicts, kept: pa.Table, ignored: pa.Array, good: pa.Table
) -> None:
    staged.read += batch.table.num_rows
    staged.kept += kept.num_rows
    staged.loadable += good.num_rows
    why = Counter(staged.ignored)
    for entry in pc.value_counts(verdicts.ignored.filter(ignored)).to_pylist():
        why[entry["values"]] += entry["counts"]
    staged.ignored = dict(why)
    if "currency" in good.column_names:
        named = pc.unique(good.column("currency")).drop_null().to_pylist()
        staged.currencies = sorted({*staged.currencies, *named})
    staged.amount_read_minor += pc.sum(verdicts.amount_minor).as_py() or 0
    staged.amount_kept_minor += pc.sum(kept.column("amount_minor")).as_py() or 0
    staged.amount_ignored_minor += pc.sum(verdicts.amount_minor.filter(ignored)).as_py() or 0
