"""Grades of every customer as of a day, from the sales before it; kept beside the lake by its version."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.rfm import RfmRules
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_rows


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
        return answer(engine, "insight.rfm", params)
    limits = {
        "recency_limits": list(rules.recency_days),
        "order_limits": list(rules.orders),
        "spend_limits": list(rules.spend_minor),
    }
    return answer(engine, "insight.rfm_by_thresholds", params | limits)


def kept_grades(snapshot: Snapshot, *, as_of: date, currency: str, rules: RfmRules) -> pa.Table:
    """Return the grades as of a day, computing them where this version of the lake was not asked for them yet."""

    def compute() -> pa.Table:
        with open_engine(snapshot) as engine:
            return graded_as_of(engine, as_of=as_of, currency=currency, rules=rules)

    key = {"as_of": as_of.isoformat(), "currency": currency, "rules": rules.as_json()}
    return kept_rows(snapshot, name="rfm.1", key=key, compute=compute)
