"""First half of an import: the file becomes typed, judged, sorted rows in Parquet beside it. Nothing is in the store yet.

A staged import is a folder with ``rows-N.parquet`` (rows to load, sorted by the target's group key), ``kept-N.parquet``
(rows that cannot be taken, with the reason) and ``staged.json`` (the counts), written last: a folder without it is begun again.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yutang.ingest.formats import FORMATS
from yutang.ingest.reading import Source
from yutang.ingest.targets import TARGETS, LoadContext, Target, Verdicts
from yutang.ingest.typed import TypedBatch, typed_batch, with_missing

#: Rows of a batch while reading; bounds the memory of staging.
ROWS_PER_READ = 32_768
#: Memory that sorting may use before it spills to disk.
SORT_MEMORY = "224MB"

#: Columns of a staged row that do not tell of its content.
_NOT_CONTENT = {"row_number", "amount_minor"}

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
    """Counts of one staged sheet: `read = loadable + kept + sum(ignored)`."""

    plan: dict[str, Any]
    read: int = 0
    loadable: int = 0
    kept: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    amount_read_minor: int = 0
    amount_kept_minor: int = 0
    amount_ignored_minor: int = 0


def stage(
    source: Source, *, plan: dict[str, Any], contexts: list[LoadContext], folder: Path, tick: Callable[[int], None]
) -> list[StagedSheet]:
    """Read the planned sheets into a staging folder and return their counts.

    Args:
        source: the opened file.
        plan: the import's plan, with one entry in ``sheets`` a sheet to read.
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
        staged = _stage_sheet(source, sheet_plan, context, folder, number, _counting_on(done, tick))
        _sort(folder, number, TARGETS[sheet_plan["target"]], is_row_a_group=sheet_plan["grain"] == "order")
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
    folder: Path,
    number: int,
    tick: Callable[[int], None],
) -> StagedSheet:
    staged = StagedSheet(plan=sheet_plan)
    rows_writer: pq.ParquetWriter | None = None
    with pq.ParquetWriter(folder / f"kept-{number}.parquet", _KEPT_SCHEMA) as kept_writer:
        for batch, verdicts in judged_batches(source, sheet_plan, context):
            refused = pc.is_valid(verdicts.refused)
            ignored = pc.and_(pc.is_valid(verdicts.ignored), pc.invert(refused))
            loadable = pc.invert(pc.or_(refused, ignored))
            good = batch.table.append_column("amount_minor", verdicts.amount_minor).filter(loadable)
            kept = _kept_rows(batch, verdicts, refused)
            _count(staged, batch, verdicts, kept, ignored, good)
            if kept.num_rows:
                kept_writer.write_table(kept)
            if rows_writer is None:
                rows_writer = pq.ParquetWriter(folder / f"unsorted-{number}.parquet", good.schema, compression="lz4")
            rows_writer.write_table(good)
            tick(staged.read)
    if rows_writer is not None:
        rows_writer.close()
    return staged


def _kept_rows(batch: TypedBatch, verdicts: Verdicts, refused: pa.Array) -> pa.Table:
    """Return the refused rows whole, with the reason."""
    positions = pc.indices_nonzero(refused)
    cells = batch.cells.take(positions)
    names = [n for n in cells.schema.names if n.startswith("c")]
    rows = list(zip(*(cells.column(n).to_pylist() for n in names), strict=True)) if len(positions) else []
    return pa.table(
        {
            "row_number": cells.column("row_number"),
            "column": verdicts.column.take(positions),
            "reason_code": verdicts.refused.take(positions),
            "cells": pa.array([list(r) for r in rows], pa.list_(pa.string())),
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
    staged.amount_read_minor += pc.sum(verdicts.amount_minor).as_py() or 0
    staged.amount_kept_minor += pc.sum(kept.column("amount_minor")).as_py() or 0
    staged.amount_ignored_minor += pc.sum(verdicts.amount_minor.filter(ignored)).as_py() or 0


def _sort(folder: Path, number: int, target: Target, *, is_row_a_group: bool) -> None:
    """Sort the rows, within bounded memory: by group, or, where each row is a group, by whoever it is about.

    A plain sort spills to disk whatever the size of the file; a window or a join over the groups would not.
    """
    unsorted, ordered = folder / f"unsorted-{number}.parquet", folder / f"rows-{number}.parquet"
    if not unsorted.exists():
        return
    if target.group_key is None:
        unsorted.replace(ordered)
        return
    # What reading held is free by now, but still the process's: the sort shall have that memory, not more of it.
    pa.default_memory_pool().release_unused()
    spill = folder / "spill"
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": SORT_MEMORY,
        "threads": 2,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=limits) as engine:
        rows = engine.read_parquet(str(unsorted))
        near = [f'"{f}"' for f in target.near if f in rows.columns] if is_row_a_group else []
        whoever = f"coalesce({', '.join(near)}), " if near else ""
        order = f'{whoever}"{target.group_key}", row_number'
        rows.project(f"*, {_digest(rows.columns)} AS row_digest").order(order).write_parquet(
            str(ordered), compression="lz4", row_group_size=ROWS_PER_READ
        )
    unsorted.unlink()
    shutil.rmtree(spill, ignore_errors=True)


def _digest(columns: list[str]) -> str:
    """Return the expression for the content of a row, 16 bytes: MD5 over the columns by name, which guards nothing."""
    cells = ", chr(31), ".join(
        f'coalesce(CAST("{c}" AS VARCHAR), chr(0))' for c in sorted(columns) if c not in _NOT_CONTENT
    )
    return f"unhex(md5(concat({cells})))"
