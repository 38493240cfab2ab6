"""What files may bring about traffic: footfall of stores, and what advertising cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yutang.foundation import bulk
from yutang.ingest.journal import remember, restore, touch
from yutang.ingest.money_columns import currencies_of, to_minor_array
from yutang.ingest.new_stores import stores_of_rows
from yutang.ingest.targets import TARGETS, Field, LoadContext, LoadOutcome, Target, Verdicts
from yutang.ingest.values import ValueKind
from yutang.kit.text import N_

_PROBLEMS = {
    "missing": N_("Row %(row)s: the column “%(column)s” is empty, and without it the row cannot be placed."),
    "no_store": N_("Row %(row)s names no store, neither by code nor by name."),
    "negative": N_("Row %(row)s: “%(column)s” holds %(value)s, but a count or a cost is never negative."),
}


#: What a new row is counted as, by table.
_DAYS = {"visits_footfall": "footfall", "visits_adcost": "ad_cost"}


def _judge_footfall(table: pa.Table, context: LoadContext) -> Verdicts:
    verdicts = _clean(table.num_rows)
    nowhere = pc.and_(
        pc.is_null(_column(table, "store_code", pa.string())), pc.is_null(_column(table, "store_name", pa.string()))
    )
    verdicts = _refused(verdicts, nowhere, "no_store", "store_code")
    for name in ("passers_by", "entries"):
        verdicts = _refused(verdicts, pc.less(_column(table, name, pa.int64()), 0), "negative", name)
    return verdicts


def _judge_ad_cost(table: pa.Table, context: LoadContext) -> Verdicts:
    cost = _minor(table, context)
    verdicts = _refused(_clean(table.num_rows), pc.less(cost, 0), "negative", "cost")
    return Verdicts(verdicts.refused, verdicts.column, verdicts.ignored, pc.fill_null(cost, 0))


def _load_footfall(rows: pa.Table, context: LoadContext) -> LoadOutcome:
    """Write footfall by store and day; a later file corrects an earlier one."""
    pairs = list(
        zip(
            _column(rows, "store_code", pa.string()).to_pylist(),
            _column(rows, "store_name", pa.string()).to_pylist(),
            strict=True,
        )
    )
    stores = stores_of_rows(sorted(set(pairs), key=str), import_id=context.import_id, now=context.now)
    days = pc.cast(rows.column("business_date"), pa.string()).to_pylist()
    keys = [(stores[pair], day) for pair, day in zip(pairs, days, strict=True)]
    values = list(
        zip(
            _column(rows, "passers_by", pa.int64()).to_pylist(),
            _column(rows, "entries", pa.int64()).to_pylist(),
            strict=True,
        )
    )
    return _upsert("visits_footfall", ("store_id", "business_date"), ("passers_by", "entries"), keys, values, context)


def _load_ad_cost(rows: pa.Table, context: LoadContext) -> LoadOutcome:
    """Write advertising cost by channel, campaign and day; a later file corrects an earlier one."""
    days = pc.cast(rows.column("business_date"), pa.string()).to_pylist()
    channels = _text(rows, "channel", 60, "")
    campaigns = _text(rows, "campaign", 120, "")
    currencies = _text(rows, "currency", 3, context.currency)
    keys = list(zip(channels, campaigns, days, strict=True))
    values = list(zip(currencies, _minor(rows, context).to_pylist(), strict=True))
    outcome = _upsert(
        "visits_adcost", ("channel", "campaign", "business_date"), ("currency", "cost_minor"), keys, values, context
    )
    outcome.imported_minor = sum(cost for _, cost in values)
    return outcome


def _upsert(
    table: str,
    key_columns: tuple[str, ...],
    value_columns: tuple[str, ...],
    keys: list[tuple[Any, ...]],
    values: list[tuple[Any, ...]],
    context: LoadContext,
) -> LoadOutcome:
    """Insert rows whose key is new, update those whose values differ, and count. The last row of a key in a file counts."""
    known = _known(table, key_columns, value_columns, set(keys))
    final = dict(zip(keys, values, strict=True))
    new = {k: v for k, v in final.items() if k not in known}
    changed = {k: v for k, v in final.items() if k in known and known[k][2] != v and not context.is_repeat}
    bulk.insert_rows(
        table, (*key_columns, *value_columns, "source_id"), [(*k, *v, context.import_id) for k, v in new.items()]
    )
    remember(
        context.import_id, table, [(known[k][0], dict(zip(value_columns, known[k][2], strict=True))) for k in changed]
    )
    bulk.update_rows(table, value_columns, [(*v, known[k][0]) for k, v in changed.items()])
    if new or changed:
        touch(table.replace("adcost", "ad_cost"), {k[-1][:7] for k in [*new, *changed]}, now=context.now)
    overlaps: dict[int, int] = {}
    for key in final:
        earlier = known[key][1] if key in known else None
        if earlier is not None and earlier != context.import_id:
            overlaps[earlier] = overlaps.get(earlier, 0) + 1
    return LoadOutcome(
        new=len(new),
        updated=len(changed),
        unchanged=len(keys) - len(new) - len(changed),
        made={_DAYS[table]: len(new)},
        overlaps=overlaps,
    )


def _known(
    table: str, key_columns: tuple[str, ...], value_columns: tuple[str, ...], keys: set[tuple[Any, ...]]
) -> dict[tuple[Any, ...], tuple[int, int | None, tuple[Any, ...]]]:
    """Return (id, import, values) of the rows that the store holds, by key."""
    kinds = {"store_id": "int", "business_date": "date"}
    with bulk.key_table([(c, kinds.get(c, "text")) for c in key_columns], sorted(keys)) as wanted:
        picked = ", ".join(f"t.{c}" for c in (*key_columns, "id", "source_id", *value_columns))
        match = " AND ".join(f"t.{c} = k.{c}" for c in key_columns)
        found = bulk.fetch(f"SELECT {picked} FROM {wanted} k JOIN {table} t ON {match}")
    n = len(key_columns)
    return {(*row[: n - 1], str(row[n - 1])): (row[n], row[n + 1], tuple(row[n + 2 :])) for row in found}


def _undo(import_id: int, now: datetime) -> None:
    for table, published in (("visits_footfall", "visits_footfall"), ("visits_adcost", "visits_ad_cost")):
        months = bulk.fetch(
            f"SELECT DISTINCT substr(CAST(business_date AS TEXT), 1, 7) FROM {table} WHERE source_id = %s"
            f" OR id IN (SELECT row_id FROM ingest_beforeimage WHERE source_id = %s AND \"table\" = '{table}')",
            [import_id, import_id],
        )
        restore(import_id, table)
        bulk.execute(f"DELETE FROM {table} WHERE source_id = %s", [import_id])
        touch(published, [m for (m,) in months], now=now)


def _clean(rows: int) -> Verdicts:
    return Verdicts(
        pa.nulls(rows, pa.string()),
        pa.nulls(rows, pa.string()),
        pa.nulls(rows, pa.string()),
        pa.array([0] * rows, pa.int64()),
    )


def _refused(verdicts: Verdicts, bad: pa.Array, code: str, field: str) -> Verdicts:
    fresh = pc.and_(pc.is_null(verdicts.refused), pc.fill_null(bad, False))
    return Verdicts(
        pc.if_else(fresh, code, verdicts.refused),
        pc.if_else(fresh, field, verdicts.column),
        verdicts.ignored,
        verdicts.amount_minor,
    )


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    return table.column(name).combine_chunks() if name in table.column_names else pa.nulls(table.num_rows, kind)


def _text(rows: pa.Table, name: str, longest: int, default: str) -> list[str]:
    """Return a text column, cut to what the store holds."""
    values: list[str] = pc.utf8_slice_codeunits(
        pc.fill_null(_column(rows, name, pa.string()), default), 0, longest
    ).to_pylist()
    return values


def _minor(table: pa.Table, context: LoadContext) -> pa.Array:
    return to_minor_array(_column(table, "cost", pa.decimal128(20, 6)), currencies_of(table, context))


FOOTFALL = TARGETS.register(
    Target(
        code="footfall",
        title=N_("Footfall"),
        fields=(
            Field("store_code", ValueKind.ID, N_("Store code")),
            Field("store_name", ValueKind.TEXT, N_("Store name")),
            Field("business_date", ValueKind.DATE, N_("Business day"), required=True),
            Field("passers_by", ValueKind.INTEGER, N_("Passers-by")),
            Field("entries", ValueKind.INTEGER, N_("Entries")),
        ),
        group_key=None,
        judge=_judge_footfall,
        load=_load_footfall,
        undo=_undo,
        problems=_PROBLEMS,
    )
)

AD_COST = TARGETS.register(
    Target(
        code="ad_cost",
        title=N_("Advertising cost"),
        fields=(
            Field("channel", ValueKind.TEXT, N_("Channel"), required=True),
            Field("campaign", ValueKind.TEXT, N_("Campaign")),
            Field("business_date", ValueKind.DATE, N_("Business day"), required=True),
            Field("cost", ValueKind.MONEY, N_("Cost"), required=True),
            Field("currency", ValueKind.CURRENCY, N_("Currency")),
        ),
        group_key=None,
        judge=_judge_ad_cost,
        load=_load_ad_cost,
        undo=_undo,
        problems=_PROBLEMS,
    )
)
