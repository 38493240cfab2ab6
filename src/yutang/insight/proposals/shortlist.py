"""From reasons to proposals: what no longer holds is named, and of what is fresh the best is drafted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from yutang.insight.lake_reading import answer, business_today
from yutang.insight.proposals.people import FINDERS, Finder
from yutang.insight.queries.scores import ScoringRunView
from yutang.lake.engines.base import Engine
from yutang.worklist.actions import Draft
from yutang.worklist.queries import (
    chances,
    living_proposals,
    proposed_customers,
    resting_customers,
    unwilling_customers,
)

#: Customers of one store: more than its people can be given on a day.
_PER_STORE = 200
#: A proposal that is older than this says nothing of the present orders any more. Days.
_LOOK_BACK_DAYS = 500

_CANDIDATE = pa.schema(
    [
        ("place", pa.int64()),
        ("kind", pa.string()),
        ("customer_id", pa.int64()),
        ("store_id", pa.int64()),
        ("token", pa.string()),
        ("rank", pa.int64()),
        ("is_fresh", pa.bool_()),
    ]
)
_PROPOSED = pa.schema([("kind", pa.string()), ("customer_id", pa.int64()), ("token", pa.string())])

#: Who has a reason, by kind: rows of `proposals.people`.
Reasons = Mapping[str, pa.Table]


def reasons_now(engine: Engine, *, run: ScoringRunView, now: datetime) -> Reasons:
    """Return who has a reason to be proposed, kind by kind; who refuses contact, or promotion where it may end in that, has none."""
    today = business_today(now)
    unwilling = pa.array(sorted(unwilling_customers(now=now)), pa.int64())
    refusing = answer(engine, "insight.refusals_of_promotion").column("customer_id").combine_chunks()
    found = {}
    for finder in FINDERS:
        left_out = pa.concat_arrays([unwilling, refusing]) if finder.kind.sells else unwilling
        rows = finder.find(engine, run, today)
        found[finder.kind.code] = rows.filter(pc.invert(pc.is_in(rows.column("customer_id"), left_out)))
    return found


def keys_that_hold(reasons: Reasons, *, kind: str) -> set[str]:
    """Return the dedupe keys of the living proposals of a kind whose reason still holds."""
    living = living_proposals(kind=kind)
    customers = pa.array(sorted({customer for customer in living.values() if customer is not None}), pa.int64())
    rows = reasons[kind]
    near = rows.filter(pc.is_in(rows.column("customer_id"), customers)).select(["customer_id", "token"])
    pairs = zip(near.column("customer_id").to_pylist(), near.column("token").to_pylist(), strict=True)
    return living.keys() & {_key(kind, customer, token) for customer, token in pairs}


def best_drafts(engine: Engine, reasons: Reasons, *, run: ScoringRunView, now: datetime) -> list[Draft]:
    """Return a draft for whoever is worth a touch most, one a customer; who rests or was proposed for the same reason is left out."""
    believed = chances()
    candidates = pa.concat_tables(_candidates(kind, rows, believed[kind]) for kind, rows in reasons.items())
    resting = pa.table({"customer_id": pa.array(sorted(resting_customers(now=now)), pa.int64())})
    inputs = {"candidate": candidates, "proposed": _proposed(run.as_of), "resting": resting}
    chosen = answer(engine, "insight.shortlist", {"per_store": _PER_STORE}, inputs=inputs)
    drafts: list[Draft] = []
    for finder in FINDERS:
        mine = chosen.filter(pc.equal(chosen.column("kind"), finder.kind.code))
        rows = reasons[finder.kind.code].take(mine.column("place"))
        drafts += _drafts(finder, rows, mine.column("rank").to_pylist(), run, believed[finder.kind.code])
    return drafts


def _candidates(kind: str, rows: pa.Table, chance: float) -> pa.Table:
    stakes = pc.cast(rows.column("stake_minor"), pa.float64())
    return (
        pa.table(
            {
                "place": pa.array(range(rows.num_rows), pa.int64()),
                "kind": pa.repeat(kind, rows.num_rows),
                "rank": pc.cast(pc.round(pc.multiply(stakes, chance)), pa.int64()),
                **{name: rows.column(name) for name in ("customer_id", "store_id", "token", "is_fresh")},
            }
        )
        .select(_CANDIDATE.names)
        .cast(_CANDIDATE)
    )


def _proposed(as_of: date) -> pa.Table:
    """Return what was proposed before; without a token where the kind is not to come again so soon, whatever the reason."""
    rows: list[tuple[str, int, str | None]] = []
    for kind in (finder.kind for finder in FINDERS):
        since = as_of - timedelta(days=_LOOK_BACK_DAYS)
        rows += [(kind.code, who, _token(key)) for who, key in proposed_customers(kind=kind.code, since=since)]
        if kind.again_after_days:
            lately = as_of - timedelta(days=kind.again_after_days)
            rows += [(kind.code, who, None) for who, _ in proposed_customers(kind=kind.code, since=lately)]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, _PROPOSED, strict=True)], schema=_PROPOSED)


def _drafts(finder: Finder, rows: pa.Table, ranks: list[int], run: ScoringRunView, chance: float) -> list[Draft]:
    kind = finder.kind.code
    return [
        Draft(
            kind=kind,
            dedupe_key=_key(kind, row["customer_id"], row["token"]),
            reason=finder.reason(row, run),
            rank=rank,
            stake_minor=row["stake_minor"],
            chance=chance,
            customer_id=row["customer_id"],
            store_id=row["store_id"],
            staff_id=row["owner_id"],
            subject={"room": "customers", "id": row["customer_id"]},
            due_on=finder.due_on(row) if finder.due_on else None,
        )
        for row, rank in zip(rows.to_pylist(), ranks, strict=True)
    ]


def _key(kind: str, customer_id: int, token: str) -> str:
    return f"{kind}:{customer_id}:{token}" if token else f"{kind}:{customer_id}"


def _token(key: str) -> str:
    return key.partition(":")[2].partition(":")[2]
