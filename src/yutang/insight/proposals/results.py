"""What followed the touches: did the customers order within 30 days, more than similar ones whom nobody touched?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pyarrow as pa

from yutang.insight.lake_reading import answer
from yutang.insight.queries.scores import ScoringRunView
from yutang.lake.engines.base import Engine
from yutang.worklist.chances import spread_of
from yutang.worklist.models import KindResult
from yutang.worklist.queries import touches

#: An order within so many days is put down to what was done. Days.
WITHIN_DAYS = 30
#: Touches of so long before are looked at: older ones tell of another season. Days.
_LOOK_BACK_DAYS = 150
#: Customers without a touch who are looked at, about.
_LOOKED_AT = 20_000
#: A touched customer is compared with so many similar ones at least.
LEAST_SIMILAR = 10


def results_now(engine: Engine, *, run: ScoringRunView) -> list[KindResult]:
    """Return what followed, kind by kind, of all touches after which 30 days are known."""
    until = run.as_of - timedelta(days=WITHIN_DAYS)
    done = touches(since=until - timedelta(days=_LOOK_BACK_DAYS), until=until)
    if not done:
        return []
    kinds, customers, days = zip(*done, strict=True)
    touched = pa.table(
        {
            "kind": pa.array(kinds, pa.string()),
            "customer_id": pa.array(customers, pa.int64()),
            "touched_on": pa.array(days, pa.date32()),
        }
    )
    params = {
        "currency": run.currency,
        "one_in": max(1, run.customers // _LOOKED_AT),
        "within_days": WITHIN_DAYS,
    }
    groups = answer(engine, "insight.what_followed", params, inputs={"touched": touched}).to_pylist()
    by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for group in groups:
        by_kind[group["kind"]].append(group)
    return [_result(kind, by_kind[kind], run) for kind in sorted(by_kind)]


def _result(kind: str, groups: Iterable[Mapping[str, Any]], run: ScoringRunView) -> KindResult:
    """Return the sum of the groups: as many similar people as touched ones, group by group."""
    all_groups = list(groups)
    compared = [group for group in all_groups if group["similar"] >= LEAST_SIMILAR]
    touched = sum(group["touched"] for group in compared)
    ordered = sum(group["touched_ordered"] for group in compared)
    expected = sum(group["touched"] * group["similar_ordered"] / group["similar"] for group in compared)
    similar_minor = sum(group["touched"] * group["similar_minor"] / group["similar"] for group in compared)
    variance = sum(_variance(group, touched) for group in compared)
    return KindResult(
        kind=kind,
        as_of=run.as_of - timedelta(days=WITHIN_DAYS),
        touched=touched,
        without_similar=sum(group["touched"] for group in all_groups) - touched,
        ordered=ordered,
        expected=expected,
        spread=spread_of(touched=touched, ordered=ordered, similar_variance=variance) if touched else 0.0,
        sales_minor=sum(group["touched_minor"] for group in compared),
        expected_minor=round(similar_minor),
    )


def _variance(group: Mapping[str, Any], touched: int) -> float:
    ratio = group["similar_ordered"] / group["similar"]
    return float((group["touched"] / touched) ** 2 * ratio * (1 - ratio) / group["similar"])
