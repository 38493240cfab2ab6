"""What the scores propose: a thank-you call after the first order, and a word to the valuable who fell silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from yutang.insight.lake_reading import answer
from yutang.insight.models import Score
from yutang.insight.queries.scores import ScoringRunView
from yutang.kit.text import N_, Sentence
from yutang.lake.engines.base import Engine
from yutang.worklist.actions import Draft
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind
from yutang.worklist.queries import living_proposals, proposed_customers

#: A first order is fresh for so long. Days.
_FRESH_DAYS = 7
#: Drafts of one kind and store: more than its people can be given on a day.
_PER_STORE = 200
#: A proposal that is older than this says nothing of the present order any more; the dedupe key still holds. Days.
_LOOK_BACK_DAYS = 500

FIRST_ORDER = KINDS.register(
    ProposalKind(
        code="first_order_thanks",
        title=N_("Thank for the first order"),
        advice=N_("Call, say thank you, ask whether everything arrived well. Sell nothing."),
        ordinal=10,
        due_days=1,
        lapses_after_days=5,
        outcomes=(
            Outcome("glad", N_("Glad, all is well")),
            Outcome("has_problem", N_("Has a problem")),
            Outcome("added_contact", N_("Added as a contact")),
            Outcome("not_reached", N_("Not reached")),
        ),
    )
)

SILENT = KINDS.register(
    ProposalKind(
        code="valuable_silent",
        title=N_("Win a silent customer back"),
        advice=N_("Ask how it goes and whether something was wrong last time. Offer help first, goods later."),
        ordinal=20,
        due_days=3,
        lapses_after_days=14,
        outcomes=(
            Outcome("will_come", N_("Will come again")),
            Outcome("ordered", N_("Ordered at once")),
            Outcome("unhappy", N_("Was unhappy")),
            Outcome("gone_elsewhere", N_("Buys elsewhere now")),
            Outcome("not_reached", N_("Not reached")),
        ),
    )
)


def first_order_drafts(engine: Engine, *, run: ScoringRunView) -> list[Draft]:
    """Return who is to be thanked for a first order of the last week, most at stake first."""
    since = run.as_of - timedelta(days=_FRESH_DAYS)
    known = [customer for customer, _ in proposed_customers(kind=FIRST_ORDER.code, since=_first_look(run.as_of))]
    rows = answer(
        engine,
        "insight.first_orders",
        {"since": since, "as_of": run.as_of, "per_store": _PER_STORE},
        inputs={"proposed": pa.table({"customer_id": pa.array(known, pa.int64())})},
    ).to_pylist()
    return [_first_order_draft(row, run) for row in rows]


def silent_drafts(engine: Engine, *, run: ScoringRunView) -> list[Draft]:
    """Return valuable customers who are silent against their own rhythm, most at stake first."""
    known = [
        (customer, date.fromisoformat(key.rpartition(":")[2]))
        for customer, key in proposed_customers(kind=SILENT.code, since=_first_look(run.as_of))
    ]
    proposed = pa.table(
        {
            "customer_id": pa.array([customer for customer, _ in known], pa.int64()),
            "last_order_date": pa.array([last for _, last in known], pa.date32()),
        }
    )
    params = {"as_of": run.as_of, "per_store": _PER_STORE}
    rows = answer(engine, "insight.silent", params, inputs={"proposed": proposed}).to_pylist()
    return [_silent_draft(row, run) for row in rows]


def first_orders_that_hold(*, run: ScoringRunView) -> set[str]:
    """Return the keys of living thank-you calls whose customer still has only that one fresh order day."""
    living = living_proposals(kind=FIRST_ORDER.code)
    since = run.as_of - timedelta(days=_FRESH_DAYS + FIRST_ORDER.due_days + FIRST_ORDER.lapses_after_days)
    scores = _scores([customer for customer in living.values() if customer])
    return {
        key
        for key, customer in living.items()
        if customer in scores and _is_first_order(scores[customer], since) and key == _first_order_key(customer)
    }


def silences_that_hold(*, run: ScoringRunView) -> set[str]:
    """Return the keys of living proposals whose customer is still silent since the same order."""
    living = living_proposals(kind=SILENT.code)
    scores = _scores([customer for customer in living.values() if customer])
    return {
        key
        for key, customer in living.items()
        if customer in scores
        and scores[customer].stage in {"at_risk", "asleep"}
        and key == _silent_key(customer, scores[customer].last_order_date)
    }


def _first_order_draft(row: Mapping[str, Any], run: ScoringRunView) -> Draft:
    reason = Sentence(
        N_("First order on %(first_date)s, worth %(spend_minor)s; nobody has said thank you yet."),
        {
            "first_date": row["first_order_date"].isoformat(),
            "spend_minor": row["spend_minor"],
            "currency": run.currency,
        },
    )
    # What is at stake is what such a customer brings in a year if coming back like those who do.
    ratio = run.repeat_ratio or 0.0
    return Draft(
        kind=FIRST_ORDER.code,
        dedupe_key=_first_order_key(row["customer_id"]),
        reason=reason,
        rank=int(row["spend_minor"] // row["orders"] * ratio * 365 / run.typical_days),
        customer_id=row["customer_id"],
        store_id=row["store_id"],
        staff_id=row["owner_id"],
        subject={"room": "customers", "id": row["customer_id"]},
    )


def _silent_draft(row: Mapping[str, Any], run: ScoringRunView) -> Draft:
    reason = Sentence(
        _silent_template(row["order_days"]),
        {
            "silent_days": row["silent_days"],
            "rhythm_days": row["rhythm_days"],
            "orders": row["orders"],
            "spend_minor": row["spend_minor"],
            "currency": run.currency,
        },
    )
    return Draft(
        kind=SILENT.code,
        dedupe_key=_silent_key(row["customer_id"], row["last_order_date"]),
        reason=reason,
        rank=row["stake_minor"],
        customer_id=row["customer_id"],
        store_id=row["store_id"],
        staff_id=row["owner_id"],
        subject={"room": "customers", "id": row["customer_id"]},
    )


def _silent_template(order_days: int) -> str:
    """Return the reason of a silence; a single pause is told as it is, because it is no habit yet."""
    if order_days == 2:
        return N_(
            "No order for %(silent_days)s days after buying twice, %(rhythm_days)s days apart; "
            "worth %(spend_minor)s so far."
        )
    return N_(
        "No order for %(silent_days)s days, usually one about every %(rhythm_days)s days; "
        "%(orders)s orders worth %(spend_minor)s so far."
    )


def _is_first_order(score: Score, since: date) -> bool:
    first = score.first_order_date
    return score.order_days == 1 and score.spend_minor > 0 and first is not None and first >= since


def _scores(customer_ids: list[int]) -> dict[int, Score]:
    found: dict[int, Score] = {}
    for start in range(0, len(customer_ids), 500):
        found |= Score.objects.in_bulk(customer_ids[start : start + 500])
    return found


def _first_look(as_of: date) -> date:
    return as_of - timedelta(days=_LOOK_BACK_DAYS)


def _first_order_key(customer_id: int | None) -> str:
    return f"{FIRST_ORDER.code}:{customer_id}"


def _silent_key(customer_id: int | None, last_order_date: date | None) -> str:
    return f"{SILENT.code}:{customer_id}:{last_order_date}"
