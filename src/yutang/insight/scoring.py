"""From the lake's sales to one score a customer: computed whole, compared with what is kept, changes written back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from yutang.foundation.bulk import execute, key_table
from yutang.ingest.journal import touch
from yutang.insight.grading import graded_as_of
from yutang.insight.lake_reading import answer
from yutang.insight.methods.purchases import FloatArray, IntArray
from yutang.insight.methods.stages import STAGES, Chances, ShopPace, chances_of, shop_pace, stage_codes
from yutang.insight.rfm import RfmRules
from yutang.insight.value_models import ModelPair, Places, Rows, ValueModels
from yutang.lake.engines.base import Engine
from yutang.lake.partitions import WHOLE

#: Scores written in one transaction: others write between two of them.
_BATCH = 20_000
#: Nobody was first seen from this day on.
FAR_AHEAD = date(9999, 1, 1)

_COLUMNS = (
    ("customer_id", "int"),
    ("store_id", "int"),
    ("orders", "int"),
    ("order_days", "int"),
    ("spend_minor", "int"),
    ("first_order_date", "date"),
    ("last_order_date", "date"),
    ("r", "int"),
    ("f", "int"),
    ("m", "int"),
    ("rhythm_days", "int"),
    ("stage", "text"),
)


@dataclass(frozen=True)
class Scored:
    """Scores as of a day.

    Attributes:
        rows: one row a customer, columns of `insight_score` and recency_days, by customer.
        pace: how the shop's customers come back.
    """

    rows: pa.Table
    pace: ShopPace


def scored_as_of(
    engine: Engine,
    *,
    as_of: date,
    currency: str,
    rules: RfmRules,
    models: ValueModels | None,
    places: Places | None = None,
    known_before: date = FAR_AHEAD,
) -> Scored:
    """Return the scores of every customer from the sales before a day.

    Args:
        engine: over the lake.
        as_of: exclusive.
        currency: in which spend is counted.
        rules: by what customers are graded.
        models: of orders, by which stages are told; None: by the rules of thumb.
        places: by which customers find their models; None where all have the same.
        known_before: people without a sale who were first seen from this day on are left out.
    """
    bought = graded_as_of(engine, as_of=as_of, currency=currency, rules=rules)
    beat = answer(engine, "insight.rhythm", {"as_of": as_of})
    pace = shop_pace(rhythm_days=_whole(beat["rhythm_days"]), buyers=bought.num_rows)
    rows = answer(
        engine, "insight.stage_inputs", {"known_before": known_before}, inputs={"bought": bought, "beat": beat}
    )
    order_days, recency_days = _whole(rows["order_days"]), _whole(rows["recency_days"])
    chances = None
    if models is not None:
        active = _whole(pc.days_between(rows["first_order_date"], rows["last_order_date"]))
        chances = _chances(models, places, _whole(rows["customer_id"]), order_days, recency_days, active)
    codes = stage_codes(
        order_days=order_days,
        recency_days=recency_days,
        rhythm_days=_whole(rows["rhythm_days"]),
        typical_days=pace.typical_days,
        chances=chances,
    )
    stages = pc.take(pa.array(STAGES), pa.array(codes))
    return Scored(rows.append_column("stage", stages), pace)


def _chances(
    models: ValueModels,
    places: Places | None,
    customer_id: IntArray,
    order_days: IntArray,
    recency_days: IntArray,
    active_days: IntArray,
) -> Chances:
    """Return what each customer's own model says."""

    def told(pair: ModelPair, rows: Rows) -> FloatArray:
        part = chances_of(
            model=pair.orders,
            order_days=order_days[rows],
            recency_days=recency_days[rows],
            active_days=active_days[rows],
        )
        return np.column_stack([part.alive, part.window_days])

    found = models.mixed(customer_id, places, told).reshape(-1, 2)
    return Chances(found[:, 0], found[:, 1])


def counts_by_stage(rows: pa.Table) -> dict[str, int]:
    """Return how many customers stand in each stage; stages without anybody are 0."""
    counted = {
        each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(rows["stage"].combine_chunks())
    }
    return {stage: counted.get(stage, 0) for stage in STAGES}


def counts_by_store(rows: pa.Table) -> dict[str, dict[str, int]]:
    """Return ``{store: {stage: customers}}``, without what is 0; customers of no store stand under an empty key."""
    counted = rows.group_by(["store_id", "stage"]).aggregate([("customer_id", "count")]).to_pylist()
    found: dict[str, dict[str, int]] = {}
    for row in counted:
        store = "" if row["store_id"] is None else str(row["store_id"])
        found.setdefault(store, {})[row["stage"]] = row["customer_id_count"]
    return found


def flows_between(engine: Engine, *, before: pa.Table, after: pa.Table) -> list[list[str | int]]:
    """Return ``[from stage, to stage, customers]``; the first is empty for who was not known before."""
    names = ["customer_id", "stage"]
    inputs = {"scored": after.select(names), "scored_before": before.select(names)}
    return [list(row.values()) for row in answer(engine, "insight.stage_flow", inputs=inputs).to_pylist()]


def write_scores(engine: Engine, rows: pa.Table, *, as_of: date, now: datetime) -> int:
    """Write the scores that differ from the lake's copy of the kept ones and return how many those are.

    Who stood in another stage before gets a `StageChange`.

    The lake's copy must hold every score written so far: a sync goes before.
    """
    kept = [name for name, _ in _COLUMNS]
    changes = answer(engine, "insight.score_changes", inputs={"scored": rows.select(kept)})
    gone = changes.filter(changes["gone"])
    for batch in changes.filter(pc.invert(changes["gone"])).to_batches(max_chunksize=_BATCH):
        with transaction.atomic():
            _note_steps(batch, as_of)
            _upsert(batch)
            _touch(now)
    if gone.num_rows:
        with (
            transaction.atomic(),
            key_table([("id", "int")], ((key,) for key in gone["customer_id"].to_pylist())) as keys,
        ):
            execute(f"DELETE FROM insight_score WHERE customer_id IN (SELECT id FROM {keys})")
            _touch(now)
    return len(changes)


def day_of_comparison(as_of: date) -> date:
    """Return the day (exclusive) with which the flows of stages compare."""
    return as_of - timedelta(days=30)


def _upsert(batch: pa.RecordBatch) -> None:
    names = [name for name, _ in _COLUMNS]
    assignments = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    with key_table(_COLUMNS, _values(batch, names)) as keys:
        # A person who was erased meanwhile has no score to keep.
        # Names of columns come from this file.
        execute(
            f"INSERT INTO insight_score ({', '.join(names)}) "
            f"SELECT {', '.join(f'k.{name}' for name in names)} FROM {keys} AS k "
            "JOIN customers_customer AS c ON c.id = k.customer_id WHERE c.merged_into_id IS NULL "
            f"ON CONFLICT (customer_id) DO UPDATE SET {assignments}"
        )


def _note_steps(batch: pa.RecordBatch, as_of: date) -> None:
    """Keep who goes from one stage to another; read from the store, where a run that was killed left what it wrote."""
    with key_table([("customer_id", "int"), ("stage", "text")], _values(batch, ["customer_id", "stage"])) as keys:
        execute(
            "INSERT INTO insight_stagechange (customer_id, from_stage, to_stage, as_of) "
            f"SELECT s.customer_id, s.stage, k.stage, %s FROM {keys} AS k "
            "JOIN insight_score AS s ON s.customer_id = k.customer_id WHERE s.stage <> k.stage",
            [as_of],
        )


def _values(batch: pa.RecordBatch, names: list[str]) -> Iterator[tuple[object, ...]]:
    columns = []
    for name in names:
        column = batch.column(name)
        columns.append((column.cast(pa.string()) if pa.types.is_date(column.type) else column).to_pylist())
    return zip(*columns, strict=True)


def _touch(now: datetime) -> None:
    touch("insight_score", [WHOLE], now=now)


def _whole(column: pa.ChunkedArray) -> IntArray:
    """Return whole numbers as NumPy has them; null becomes 0."""
    numbers: IntArray = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    return numbers
