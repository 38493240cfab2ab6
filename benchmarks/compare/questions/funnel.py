"""A funnel of four steps over events of other systems: how many people took each step within seven days of the first."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared, Promise, Side
from benchmarks.compare.questions.orders import bare_duckdb, chdb_rows, glob_of, set_up

_STEPS = ("viewed", "added_to_cart", "chatted", "bought")
_FIRST, _LAST = date(2026, 4, 11), date(2026, 6, 30)
#: Events a customer, on the average.
_EVENTS_PER_CUSTOMER = 20
_WHERE = f"customer_id IS NOT NULL AND business_date BETWEEN '{_FIRST}' AND '{_LAST}'"

#: For each step the latest beginning from which it can be reached, event by event; the events of one instant in the order of the steps.
_STEP_BY_HAND = """
seen_{step} AS (
    SELECT *, max(CASE WHEN step = {before} THEN begun END) OVER (PARTITION BY customer_id ORDER BY moment, step) AS chain
    FROM step_{before}
),
step_{step} AS (
    SELECT customer_id, moment, step,
        CASE WHEN step <> {step} THEN begun WHEN moment <= chain + INTERVAL 7 DAY THEN chain END AS begun
    FROM seen_{step}
),
"""
_BY_HAND = f"""
WITH step_1 AS (
    SELECT customer_id, happened_at AS moment, list_position({list(_STEPS)}, kind) AS step,
        CASE WHEN kind = '{_STEPS[0]}' THEN happened_at END AS begun
    FROM api_behaviour WHERE kind IN {_STEPS} AND {_WHERE}
),
{"".join(_STEP_BY_HAND.format(step=step, before=step - 1) for step in (2, 3, 4))}
reached AS (SELECT customer_id, max(step) AS level FROM step_4 WHERE begun IS NOT NULL GROUP BY customer_id)
SELECT level, count(*) AS people FROM reached GROUP BY level ORDER BY level
"""

_CH = f"""
SELECT level, count() AS people FROM (
    SELECT customer_id, windowFunnel({7 * 86_400})(toDateTime(happened_at), {", ".join(f"kind = '{kind}'" for kind in _STEPS)}) AS level
    FROM file('{{files}}', Parquet)
    WHERE kind IN {_STEPS} AND {_WHERE}
    GROUP BY customer_id
)
WHERE level > 0 GROUP BY level ORDER BY level
"""


def _write(folder: Path, size: int) -> None:
    """Write a lake with so many events."""
    set_up(folder)
    from benchmarks.order_lake import order_lake

    order_lake(orders=1, customers=max(1, size // _EVENTS_PER_CUSTOMER), root=folder / "lake", events=size)


def _yutang(folder: Path) -> Prepared:
    set_up(folder)
    from yutang.foundation.access import Actor
    from yutang.insight.queries import FunnelAsked, FunnelStep, Period, funnel

    asked = 0

    def ask() -> Any:
        # Answers are kept: a window that is longer by less than there is between two events is another question of the same answer.
        nonlocal asked
        asked += 1
        return funnel(
            access=Actor.system(),
            asked=FunnelAsked(
                steps=tuple(FunnelStep(kind) for kind in _STEPS),
                within=timedelta(days=7, milliseconds=asked),
                period=Period(_FIRST, _LAST + timedelta(days=1)),
            ),
        )

    return ask, lambda found: {f"step {place}": stage.people for place, stage in enumerate(found.stages, 1)}


def _duckdb(folder: Path) -> Prepared:
    connection = bare_duckdb(folder, "api_behaviour")
    return lambda: connection.sql(_BY_HAND).to_arrow_table(), _told


def _chdb(folder: Path) -> Prepared:
    return lambda: chdb_rows(_CH.format(files=glob_of(folder, "api_behaviour"))), _told


def _told(rows: Any) -> dict[str, float]:
    levels = dict(zip(rows.column("level").to_pylist(), rows.column("people").to_pylist(), strict=True))
    return {f"step {place}": sum(levels.get(level, 0) for level in range(place, 5)) for place in range(1, 5)}


CONTEST = Contest(
    name="funnel",
    title="How many people took each of four steps within seven days",
    unit="events",
    sizes=(1_000_000, 10_000_000),
    large=(100_000_000,),
    write=_write,
    sides={"yutang": Side(_yutang), "duckdb by hand": Side(_duckdb), "chdb": Side(_chdb, is_peer=True)},
    promises=(Promise(1.0, ("duckdb by hand",)), Promise(1.0, ("chdb",))),
)
