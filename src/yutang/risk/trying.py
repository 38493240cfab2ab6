"""Trying rules on what was decided before: each decision keeps its facts, so other rules answer the same question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yutang.foundation.access import Actor
from yutang.risk.asks import Verdict
from yutang.risk.models import Decision, Settled
from yutang.risk.reach import decisions_within
from yutang.risk.rules import opinion, read_rules
from yutang.risk.views import Trial

#: So many of the latest decisions are tried at most; a fifth of a millisecond each.
MOST_TRIED = 20_000
_STOPS = (Verdict.REVIEW, Verdict.REFUSE)
_GOOD, _BAD = ("kept", "bought"), ("left_at_once", "refunded")


def back_test(*, access: Actor, body: Any, since: datetime, most: int = MOST_TRIED) -> Trial:
    """Return what rules would have said of the latest decisions, against what was said and what became of it.

    Args:
        access: needs ``guard.view``.
        body: the rules, as JSON.
        since: decisions from this instant on. Aware UTC.
        most: so many of the latest at most.

    Raises:
        GuardRuleIsWrong: a rule cannot be like this.
    """
    access.require("guard.view")
    rules = read_rules(body)
    rows = decisions_within(access).filter(at__gte=since).order_by("-id")[:most]
    return _compared(
        (row, opinion(rules, kind=row.kind, programme=row.programme, facts=row.facts).verdict)
        for row in rows.iterator(chunk_size=2_000)
        # What a list decided no rule decides.
        if not (row.reasons and row.reasons[0]["code"] in {"block_list", "allow_list"})
    )


def trial_report(*, access: Actor, version: int, since: datetime) -> Trial:
    """Return what the version on trial said beside the one in force, as it was said at the moment."""
    access.require("guard.view")
    rows = decisions_within(access).filter(at__gte=since, shadow_version=version).order_by("-id")[:MOST_TRIED]
    return _compared((row, Verdict(row.shadow_verdict)) for row in rows.iterator(chunk_size=2_000))


def _compared(found: Iterator[tuple[Decision, Verdict]]) -> Trial:
    moves: Counter[tuple[str, str]] = Counter()
    counts: Counter[str] = Counter()
    for row, other in found:
        moves[row.verdict, str(other)] += 1
        was, would = Verdict(row.verdict) in _STOPS, other in _STOPS
        if would and not was:
            counts["newly_stopped"] += 1
            counts["stopped_good"] += row.outcome in _GOOD
            counts["stopped_bad"] += row.outcome in _BAD
            counts["saved_fen"] += row.value_fen
        if was and not would:
            counts["newly_let"] += 1
            counts["let_good"] += row.settled == Settled.LET_THROUGH
            counts["let_bad"] += row.outcome in _BAD or row.settled == Settled.KEPT_STOPPED
            counts["saved_fen"] -= row.value_fen
    names = ("newly_stopped", "newly_let", "stopped_good", "stopped_bad", "let_bad", "let_good", "saved_fen")
    return Trial(looked_at=sum(moves.values()), moves=dict(moves), **{name: counts[name] for name in names})
