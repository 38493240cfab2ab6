"""What playbooks hear: events that name people, words that people write, orders that the scores know of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef

from yutang.foundation.outbox import kind_of
from yutang.insight.models import Score
from yutang.journeys.definition import WaitForStep
from yutang.journeys.enrolling import let_in
from yutang.journeys.enrolling_groups import let_groups_in
from yutang.journeys.groups import GroupBook
from yutang.journeys.models import Ending, Enrolment, Playbook, PlaybookState, Version
from yutang.journeys.occurrences import FRIENDS_ADDED, fits_where, occurrence
from yutang.journeys.reading import definition_of
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.trigger_kinds import EventTrigger, WordTrigger
from yutang.wecom.queries import groups_of_keys
from yutang.wecom.views import Fact


def hear_event(event: Any, *, event_id: int, now: datetime) -> None:
    """Let in who an event names, and let go on who waits for it; a second time nothing."""
    kind = kind_of(type(event))
    told = occurrence(kind)
    if told is None:
        return
    heard = told.read(event)
    for playbook, trigger in _listening("event"):
        assert isinstance(trigger, EventTrigger)
        if trigger.event == kind:
            _let_in(playbook, _asked(heard, trigger.where, event_id), now)
    if kind == FRIENDS_ADDED.kind:
        for playbook, trigger in _listening("newcomer"):
            _let_in(playbook, _asked(heard, trigger.where, event_id), now)
    people = sorted({one.customer_id for one in heard})
    _go_on(Enrolment.objects.filter(waits_for=kind, customer_id__in=people), now)


def hear_groups(*, group_ids: Sequence[int], event_id: int, now: datetime) -> None:
    """Let in groups that became known, where a playbook waits for new ones.

    Args:
        group_ids: as the room of WeCom knows them.
        event_id: of the event that told of them.
        now: aware UTC.
    """
    made = groups_of_keys(group_ids=group_ids)
    for playbook, trigger in _listening("group_found"):
        since = now - timedelta(days=trigger.made_within_days)
        new = sorted(key for key, made_at in made.items() if made_at is not None and made_at >= since)
        _let_groups_in(playbook, [(key, f"e{event_id}") for key in new], now)


def hear_standing(*, group_key: str, standing: str, event_id: int, now: datetime) -> None:
    """Let in a group that stands otherwise now, where a playbook waits for that."""
    for playbook, trigger in _listening("group_standing"):
        if standing in trigger.to:
            _let_groups_in(playbook, [(group_key, f"e{event_id}")], now)


def hear_words(*, customer_id: int, text: str, occasion: str, now: datetime) -> None:
    """Let in who wrote a word that a playbook listens for, and let go on who is waited for.

    Args:
        customer_id: who wrote.
        text: what; it is compared and not kept.
        occasion: key of the message, so that it is heard once. At most 40 characters.
        now: aware UTC.
    """
    for playbook, trigger in _listening("word"):
        assert isinstance(trigger, WordTrigger)
        if _holds(text, trigger.words):
            _let_in(playbook, [(customer_id, f"w{occasion}")], now)
    waiting = Enrolment.objects.filter(waits_for="word", customer_id=customer_id, ended_at=None)
    heard = [
        key for key, words in _words_waited_for(waiting.values_list("pk", "version_id", "step")) if _holds(text, words)
    ]
    _go_on(Enrolment.objects.filter(pk__in=heard), now)


def hear_orders(*, now: datetime) -> None:
    """Let go on who waits for an order that the scores know now, and let end who has reached the goal by one."""
    inside = Enrolment.objects.filter(ended_at=None)
    of_person = Score.objects.filter(customer_id=OuterRef("customer_id"))
    since_step = of_person.filter(orders__gt=OuterRef("orders_before"), last_order_date__gte=OuterRef("since_on"))
    _go_on(inside.filter(Exists(since_step), waits_for="order"), now)
    since_entry = of_person.filter(orders__gt=OuterRef("orders_before"), last_order_date__gte=OuterRef("entered_on"))
    reached = inside.filter(Exists(since_entry), version__definition__goal__kind="order", waits_for="")
    reached.update(ended_at=now, ended_because=Ending.GOAL, lane=F("id") * -1)


def _go_on(waiting: Any, now: datetime) -> None:
    waiting.filter(ended_at=None, heard=False).update(heard=True, due_at=now)


def _listening(kind: str) -> Iterable[tuple[Playbook, Any]]:
    rows = Playbook.objects.filter(state=PlaybookState.RUNNING, current__definition__trigger__kind=kind)
    for playbook in rows.select_related("current").order_by("id"):
        yield playbook, _of(playbook).trigger


def _of(playbook: Playbook) -> Any:
    assert playbook.current is not None
    return definition_of(playbook.current)


def _let_in(playbook: Playbook, asked: Sequence[tuple[int, str]], now: datetime) -> None:
    let_in(playbook=playbook, definition=_of(playbook), asked=asked, rules=RuleSets(now=now), now=now)


def _let_groups_in(playbook: Playbook, asked: Sequence[tuple[str, str]], now: datetime) -> None:
    if asked:
        let_groups_in(playbook=playbook, definition=_of(playbook), asked=asked, book=GroupBook(now=now), now=now)


def _asked(heard: Sequence[Fact], where: Any, event_id: int) -> list[tuple[int, str]]:
    people = {one.customer_id for one in heard if fits_where(one.facts, where)}
    return [(person, f"e{event_id}") for person in sorted(people)]


def _words_waited_for(rows: Iterable[tuple[int, int, str]]) -> Iterable[tuple[int, tuple[str, ...]]]:
    found = list(rows)
    versions = Version.objects.in_bulk({row[1] for row in found})
    for key, version_id, step_id in found:
        step = definition_of(versions[version_id]).step(step_id)
        if isinstance(step, WaitForStep):
            yield key, step.words


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(word.casefold() in folded for word in words)
