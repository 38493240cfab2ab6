"""Cells to typed columns: one batch of a sheet becomes a table that target rules and loaders can read.

Column types of the typed table, by kind of field ``f``:

* text, id, e-mail: ``f`` string
* money: ``f`` decimal128(20, 6), major units
* integer: ``f`` int64; boolean: ``f`` bool; date: ``f`` date32
* instant: ``f`` timestamp(us), UTC, and ``f_on`` date32, the local business day
* phone: ``f`` string (E.164) and ``f_masked`` string
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.targets import Field, LoadContext, Target
from yutang.ingest.values import ValueKind, parse

_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class TypedBatch:
    """A batch of rows with typed columns and the first problem of each row.

    Attributes:
        table: ``row_number`` int64 and the typed columns, aligned with `cells`.
        problem: problem code a row, null where the cells could be read.
        problem_field: field whose cell is at fault, null for problems of the row itself.
        cells: the batch as it was read.
    """

    table: pa.Table
    problem: pa.Array
    problem_field: pa.Array
    cells: pa.RecordBatch


def typed_batch(
    cells: pa.RecordBatch,
    *,
    target: Target,
    columns: Mapping[str, int],
    extras: Mapping[str, int],
    context: LoadContext,
    day_first: bool | None = None,
) -> TypedBatch:
    """Return the batch with its mapped columns read by the kinds of the target's fields, and the extras as text."""
    rows = cells.num_rows
    out: dict[str, pa.Array] = {"row_number": cells.column("row_number")}
    problem = cells.column("problem")
    problem_field = pa.nulls(rows, pa.string())
    for field in target.fields:
        if field.name not in columns:
            continue
        parsed = parse(
            field.kind,
            cells.column(f"c{columns[field.name]}"),
            currency=context.currency,
            time_zone=context.time_zone,
            day_first=day_first,
        )
        out.update(_columns(field, parsed.values, time_zone=context.time_zone))
        problem, problem_field = _first(problem, problem_field, parsed.problems, field.name)
    for name, position in extras.items():
        out[name] = parse(ValueKind.TEXT, cells.column(f"c{position}")).values
    return TypedBatch(pa.table(out), problem, problem_field, cells)


def with_missing(batch: TypedBatch, target: Target) -> TypedBatch:
    """Return the batch with rows marked that lack a required field; a format's `adjust` may have filled it by then."""
    problem, problem_field = batch.problem, batch.problem_field
    for field in target.fields:
        if field.required and field.name in batch.table.column_names:
            empty = pc.is_null(batch.table.column(field.name).combine_chunks())
            missing = pc.if_else(empty, "missing", pa.scalar(None, pa.string()))
            problem, problem_field = _first(problem, problem_field, missing, field.name)
    return replace(batch, problem=problem, problem_field=problem_field)


def _columns(field: Field, values: pa.Array, *, time_zone: str) -> dict[str, pa.Array]:
    """Return the typed columns that one field becomes."""
    if field.kind == ValueKind.DATETIME:
        local, offset = pc.struct_field(values, "local"), pc.struct_field(values, "offset_minutes")
        return {
            field.name: _utc(local, offset, time_zone=time_zone),
            f"{field.name}_on": pc.cast(local, pa.date32(), safe=False),
        }
    if field.kind == ValueKind.PHONE:
        return {field.name: pc.struct_field(values, "e164"), f"{field.name}_masked": pc.struct_field(values, "masked")}
    return {field.name: values}


def _utc(local: pa.Array, offset: pa.Array, *, time_zone: str) -> pa.Array:
    """Return the instants of local times: by the stated offset, else by the shop's time zone."""
    local = pc.cast(local, pa.timestamp("us"))
    # A local time that the zone skips or repeats (summer time) is read as the earlier instant of the two.
    zoned = pc.assume_timezone(local, time_zone, ambiguous="earliest", nonexistent="earliest")
    by_zone = pc.cast(pc.cast(zoned, pa.int64()), pa.timestamp("us"))
    if offset.null_count == len(offset):
        return by_zone
    shifted = pc.subtract(pc.cast(local, pa.int64()), pc.multiply(pc.cast(offset, pa.int64()), _MINUTE_US))
    return pc.if_else(pc.is_valid(offset), pc.cast(shifted, pa.timestamp("us")), by_zone)


def _first(problem: pa.Array, field: pa.Array, found: pa.Array, name: str) -> tuple[pa.Array, pa.Array]:
    """Return problems with those found now added where the row had none."""
    if found.null_count == len(found):
        return problem, field
    fresh = pc.and_(pc.is_null(problem), pc.is_valid(found))
    return pc.if_else(fresh, found, problem), pc.if_else(fresh, name, field)
