"""Who has a reason to be proposed: one query a kind, and the reason in the customer's own numbers.

Every query returns ``customer_id``, ``store_id``, ``owner_id``, ``token`` (what makes the reason a new one), ``is_fresh`` (worth
proposing now; else the reason of an older proposal still holds) and ``stake_minor`` besides what its sentence tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from yutang.customers.queries import birthdays_between
from yutang.insight.lake_reading import answer
from yutang.insight.proposals.kinds import BIRTHDAY, DUE, FIRST_ORDER, JUMPED, SILENT, UNHAPPY
from yutang.insight.queries.scores import ScoringRunView
from yutang.kit.text import N_, Sentence
from yutang.lake.engines.base import Engine
from yutang.worklist.kinds import ProposalKind

#: A first order is fresh for so long. Days.
_FRESH_DAYS = 7
#: A reminder is in time from so long before the usual pause is over to so long after. Days.
_EARLY_DAYS, _LATE_DAYS = 2, 7
#: Birthdays are proposed so long before. Days.
_AHEAD_DAYS = 3
#: Refunds that lie so near to each other are one story, which is fresh for so long after its last one. Days.
_STORY_DAYS, _FRESH_REFUND_DAYS = 60, 14

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Finder:
    """How customers of one kind are found and told.

    Attributes:
        kind: what is proposed.
        find: returns who has a reason, as of the run, on the business day that it is.
        reason: tells why, for a row of these.
        due_on: the last day on which it is in time, for a row; None: as the kind says.
    """

    kind: ProposalKind
    find: Callable[[Engine, ScoringRunView, date], pa.Table]
    reason: Callable[[Row, ScoringRunView], Sentence]
    due_on: Callable[[Row], date] | None = None


def _first_orders(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    since = run.as_of - timedelta(days=_FRESH_DAYS)
    params = {
        "since": since,
        "held_since": since - timedelta(days=FIRST_ORDER.due_days + FIRST_ORDER.lapses_after_days),
        "as_of": run.as_of,
        "repeat_ratio": run.repeat_ratio or 0.0,
        "typical_days": run.typical_days,
    }
    return answer(engine, "insight.first_orders", params)


def _first_order_reason(row: Row, run: ScoringRunView) -> Sentence:
    return Sentence(
        N_("First order on %(first_date)s, worth %(spend_minor)s; nobody has said thank you yet."),
        {
            "first_date": row["first_order_date"].isoformat(),
            "spend_minor": row["spend_minor"],
            "currency": run.currency,
        },
    )


def _silent(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    return answer(engine, "insight.silent", {"as_of": run.as_of})


def _silent_reason(row: Row, run: ScoringRunView) -> Sentence:
    # A single pause is told as it is, because it is no habit yet.
    if row["order_days"] == 2:
        template = N_(
            "No order for %(silent_days)s days after buying twice, %(rhythm_days)s days apart; "
            "worth %(spend_minor)s so far."
        )
    else:
        template = N_(
            "No order for %(silent_days)s days, usually one about every %(rhythm_days)s days; "
            "%(orders)s orders worth %(spend_minor)s so far."
        )
    told = {name: row[name] for name in ("silent_days", "rhythm_days", "orders", "spend_minor")}
    return Sentence(template, {**told, "currency": run.currency})


def _due(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    params = {"as_of": run.as_of, "early_days": _EARLY_DAYS, "late_days": _LATE_DAYS}
    return answer(engine, "insight.repurchases_due", params)


def _due_reason(row: Row, run: ScoringRunView) -> Sentence:
    return Sentence(
        N_(
            "Orders about every %(rhythm_days)s days, %(order_days)s times so far; the last one was %(silent_days)s days ago, "
            "and the next is worth about %(stake_minor)s."
        ),
        {
            **{name: row[name] for name in ("rhythm_days", "order_days", "silent_days", "stake_minor")},
            "currency": run.currency,
        },
    )


def _birthdays(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    born = birthdays_between(first=today, last=today + timedelta(days=_AHEAD_DAYS))
    rows = pa.table(
        {
            "customer_id": pa.array([customer for customer, _ in born], pa.int64()),
            "birthday": pa.array([day for _, day in born], pa.date32()),
        }
    )
    return answer(engine, "insight.birthdays", {"as_of": run.as_of}, inputs={"born": rows})


def _birthday_reason(row: Row, run: ScoringRunView) -> Sentence:
    return Sentence(
        N_("Birthday on %(birthday_on)s; a customer for %(customer_days)s days, %(spend_minor)s so far."),
        {
            "birthday_on": row["birthday"].isoformat(),
            "customer_days": row["customer_days"],
            "spend_minor": row["spend_minor"],
            "currency": run.currency,
        },
    )


def _jumps(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    return answer(engine, "insight.value_jumps", {"as_of": run.as_of})


def _jump_reason(row: Row, run: ScoringRunView) -> Sentence:
    return Sentence(
        N_(
            "Expected to spend %(value_minor)s within a year, %(before_minor)s a month ago: "
            "has bought on %(order_days)s days by now."
        ),
        {**{name: row[name] for name in ("value_minor", "before_minor", "order_days")}, "currency": run.currency},
    )


def _unhappy(engine: Engine, run: ScoringRunView, today: date) -> pa.Table:
    params = {
        "refunds_since": run.as_of - timedelta(days=_STORY_DAYS),
        "fresh_since": run.as_of - timedelta(days=_FRESH_REFUND_DAYS),
        "as_of": run.as_of,
        "currency": run.currency,
    }
    return answer(engine, "insight.unhappy", params)


def _unhappy_reason(row: Row, run: ScoringRunView) -> Sentence:
    return Sentence(
        N_("%(times)s orders refunded within %(days)s days, %(amount_minor)s in all; the last on %(last_date)s."),
        {
            "times": row["times"],
            "days": _STORY_DAYS,
            "amount_minor": row["amount_minor"],
            "last_date": row["last_date"].isoformat(),
            "currency": run.currency,
        },
    )


FINDERS = (
    Finder(UNHAPPY, _unhappy, _unhappy_reason),
    Finder(FIRST_ORDER, _first_orders, _first_order_reason),
    Finder(DUE, _due, _due_reason),
    Finder(SILENT, _silent, _silent_reason),
    Finder(JUMPED, _jumps, _jump_reason),
    Finder(BIRTHDAY, _birthdays, _birthday_reason, due_on=lambda row: row["birthday"]),
)
