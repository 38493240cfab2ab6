"""What playbooks hear: events that name people, words that people write, orders that the scores know of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef

from yutang.foundation.announced import ANNOUNCED
from yutang.foundation.outbox import kind_of
from yutang.insight.models import Score
from yutang.journeys.definition import EventTrigger, WaitForStep, WordTrigger
from yutang.journeys.enrolling import let_in
from yutang.journeys.models import Ending, Enrolment, Playbook, PlaybookState, Version
from yutang.journeys.reading import definition_of
from yutang.journeys.rule_sets import RuleSets


def hear_event(event: Any, *, event_id: int, now: datetime) -> None:
    """Let in who an event names, and let go on who waits for it; a second time nothing."""
    told = ANNOUNCED[kind_of(type(event))]
    people = sorted({getattr(event, name) for name in told.people})
    facts = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    for playbook, trigger in _listening("event"):
        assert isinstance(trigger, EventTrigger)
        if trigger.event == told.kind and all(facts.get(name) == wanted for name, wanted in trigger.where.items()):
            _let_in(playbook, [(person, f"e{event_id}") for person in people], now)
    _go_on(Enrolment.objects.filter(waits_for=told.kind, customer_id__in=people), now)


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
