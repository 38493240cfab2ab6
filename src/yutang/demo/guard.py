"""Asks of the demo shop: honest customers of the past weeks, a farm that was stopped, an appeal that was granted, one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.risk import actions, queries
from yutang.risk.asks import Ask
from yutang.risk.views import DecisionFilters

_HONEST, _FARM, _DAYS = 160, 14, 28
_PROGRAMME = "groupbuy:demo"


def waits_for_asks() -> bool:
    """Return whether there are customers, and nobody asked the guard for a seat yet."""
    filters = DecisionFilters(programme=_PROGRAMME)
    return not queries.decisions(access=Actor.system(), filters=filters, limit=1).rows and Customer.objects.exists()


def ask_demo_seats(*, now: datetime) -> int:
    """Let people of the shop ask for seats in the past weeks, and return how many asked."""
    people = list(
        Customer.objects.filter(merged_into=None).order_by("-id").values_list("pk", flat=True)[: _HONEST + _FARM]
    )
    farm, honest = people[:_FARM], people[_FARM:]
    _ask_honest(honest, now)
    _ask_farm(farm, now)
    while actions.weave_traces(actor=Actor.system(), now=now):
        pass
    return len(people)


def _ask_honest(people: Sequence[int], now: datetime) -> None:
    for at, person in enumerate(people):
        when = now - timedelta(days=_DAYS * (len(people) - at) / len(people), hours=at % 7)
        inviter = people[at - 3] if at % 4 == 3 else None
        _judged(person, f"honest:{at}", when, device=f"phone-{at}", payer=f"wallet-{at}", inviter_id=inviter)
        outcome = "bought" if at % 3 else "kept"
        actions.note_outcome(actor=Actor.system(), key=f"demo-seat:honest:{at}", outcome=outcome, now=when)


def _ask_farm(people: Sequence[int], now: datetime) -> None:
    """Let accounts of one hand ask within an afternoon; one of the stopped ones appeals with success, one waits."""
    stopped = []
    for at, person in enumerate(people):
        when = now - timedelta(days=2, minutes=17 * (len(people) - at))
        parts = {"device": f"farm-{at % 3}", "payer": f"purse-{at % 4}", "address": "203.0.113.7"}
        if _judged(person, f"farm:{at}", when, place=f"杭州市西湖区文三路100号3栋2单元50{at % 2 + 1}室", **parts):
            stopped.append(queries.decisions(access=Actor.system(), filters=DecisionFilters(), limit=1).rows[0].id)
    for at, decision_id in enumerate(stopped[-2:]):
        words = ("我们是合租的室友，各买各的。", "公司团建一起参加的。")[at]
        actions.appeal(actor=Actor.system(), decision_id=decision_id, words=words, now=now - timedelta(days=1))
    for decision_id in stopped[-2:-1]:
        answer = "已核实为合租，予以放行。"
        actions.grant_appeal(actor=Actor.system(), decision_id=decision_id, answer=answer, now=now - timedelta(hours=5))


def _judged(person: int, key: str, when: datetime, **parts: object) -> bool:
    """Judge a seat, and return whether it was stopped."""
    ask = Ask(kind="seat", key=f"demo-seat:{key}", person_id=person, programme=_PROGRAMME, value_fen=2_900, **parts)  # type: ignore[arg-type]
    return actions.judge(actor=Actor.system(), ask=ask, now=when).is_stopped
