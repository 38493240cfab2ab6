"""Grades of every customer as of a day, from the sales before it; kept beside the lake by its version."""

from __future__ import annotations

import math
import os
from collections.abc import Generator
from contextlib import closing
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.methods.buying import Bought, HasNoRoom, Sales, bought_in_all
from yutang.insight.rfm import RfmRules
from yutang.kit.ahead import ahead
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_rows

#: What a sale takes while what customers bought is counted. Where the engine's memory has no room for all, people are taken in slices.
_BYTES_A_SALE = 16
#: Each lane looks at every sale: more of them would look longer than they sort.
_MOST_LANES = 4
_STEP = "insight.bought_in_all"


def graded_as_of(engine: Engine, *, as_of: date, currency: str, rules: RfmRules) -> pa.Table:
    """Return one row a customer with a sale before a day: what it bought, and its grades.

    Args:
        engine: over the lake.
        as_of: exclusive.
        currency: in which spend is counted.
        rules: by what customers are graded.
    """
    params = {"as_of": as_of, "currency": currency, "within": rules.within}
    if rules.method == "quintiles":
        return _graded(engine, "insight.rfm", params)
    limits = {
        "recency_limits": list(rules.recency_days),
        "order_limits": list(rules.orders),
        "spend_limits": list(rules.spend_minor),
    }
    return _graded(engine, "insight.rfm_by_thresholds", params | limits)


def _graded(engine: Engine, name: str, params: dict[str, Any]) -> pa.Table:
    """Return the rows of a query of grades; what customers bought is counted here where the engine is in this process."""
    if engine.dialect.is_near:
        try:
            bought = _bought(engine, {key: params[key] for key in ("as_of", "currency")})
        except HasNoRoom:
            return answer(engine, name, params)
        return engine.run(catalogue_of("yutang").lending(name, _STEP), params, {"bought": bought})
    return answer(engine, name, params)


def _bought(engine: Engine, params: dict[str, Any]) -> pa.Table:
    """Return the rows of the step, as many people at once as memory allows."""
    most = sum(file.rows for file in engine.snapshot.manifests["orders_order"].partitions.values())
    slices = _power_of_two(most * _BYTES_A_SALE / engine.memory_bytes)
    lanes = min(_MOST_LANES, _power_of_two(os.cpu_count() or 1))
    parts = list[Bought]()
    for place in range(slices):
        # Closed also where there is no room: the engine answers one question at a time.
        with closing(_sales(engine, params)) as sales, closing(ahead(sales)) as coming:
            parts += bought_in_all(coming, most=most, slices=slices, place=place, lanes=lanes)
    return pa.concat_tables(_as_table(part) for part in parts)


def _power_of_two(least: float) -> int:
    """Return the least power of two that is not less."""
    return 1 << max(0, math.ceil(least) - 1).bit_length()


def _sales(engine: Engine, params: dict[str, Any]) -> Generator[Sales]:
    for batch in engine.batches(catalogue_of("yutang")["insight.sales_of_customers"], params):
        yield Sales(
            batch.column("customer_id").to_numpy(),
            batch.column("business_date").cast(pa.int32()).to_numpy().astype(np.int64),
            batch.column("net_minor").to_numpy(),
        )


def _as_table(bought: Bought) -> pa.Table:
    return pa.table(
        {
            "customer_id": bought.customer_ids,
            "orders": bought.orders,
            "order_days": bought.order_days,
            "first_order_date": pa.array(bought.first_days.astype(np.int32)).view(pa.date32()),
            "last_order_date": pa.array(bought.last_days.astype(np.int32)).view(pa.date32()),
            "net_minor": bought.net_minor,
        }
    )


def kept_grades(snapshot: Snapshot, *, as_of: date, currency: str, rules: RfmRules) -> pa.Table:
    """Return the grades as of a day, computing them where this version of the lake was not asked for them yet."""

    def compute() -> pa.Table:
        with open_engine(snapshot) as engine:
            return graded_as_of(engine, as_of=as_of, currency=currency, rules=rules)

    key = {"as_of": as_of.isoformat(), "currency": currency, "rules": rules.as_json()}
    return kept_rows(snapshot, name="rfm.1", key=key, compute=compute)
