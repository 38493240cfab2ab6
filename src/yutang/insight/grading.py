"""Grades of every customer as of a day, from the sales before it; kept beside the lake by its version."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from yutang.insight.counting_sales import counted_by_customer
from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.methods.buying import NOTHING_BOUGHT, Bought, Buying
from yutang.insight.rfm import RfmRules
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_rows

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
    if not engine.dialect.is_near:
        return answer(engine, name, params)
    sales = {key: params[key] for key in ("as_of", "currency")}
    parts = counted_by_customer(engine, "insight.sales_of_customers", sales, Buying)
    bought = pa.concat_tables(_as_table(part) for part in parts) if parts else _as_table(NOTHING_BOUGHT)
    return engine.run(catalogue_of("yutang").lending(name, _STEP), params, {"bought": bought})


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
