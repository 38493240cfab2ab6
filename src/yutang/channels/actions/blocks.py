"""Messages to some thousands of people at once, each under a key of its own: decided by what the store knows now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from yutang.channels.actions.audiences import DECISION_COLUMNS, TOUCH_COLUMNS
from yutang.channels.actions.touches import Message, MessageIsWrong, check_message
from yutang.channels.columns import EPOCH, decide_all
from yutang.channels.kept_policy import KeptPolicy, kept_policy
from yutang.channels.marking import mark_days
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.models import TouchState
from yutang.channels.present import MOST_AT_ONCE, PresentFacts, present_facts
from yutang.channels.rules import OUTCOMES, Outcome, Request
from yutang.channels.wording import REASONS
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.foundation.access import Actor


@dataclass(frozen=True)
class Answer:
    """What the policy said of one message of many.

    Attributes:
        key: of the message.
        outcome: now, at an instant, replace it by something useful, or refuse.
        at: when it may go out; None where it is refused. Aware UTC.
        reason: code of what decided.
        have: how much there is of what the reason asks for; None where it counts nothing.
        is_new: the key was not known; else this is the answer that it was given before.
    """

    key: str
    outcome: Outcome
    at: datetime | None
    reason: str
    have: int | None
    is_new: bool = True


@transaction.atomic
def plan_touches(*, actor: Actor, messages: Sequence[Message], now: datetime) -> tuple[Answer, ...]:
    """Decide about many messages to people, keep every decision, plan what may go out, and return the answers by position.

    The same answers as `plan_touch` gives one after another, in a fixed number of questions: of several messages to one
    person each is decided with those before it.

    Args:
        actor: who plans; the messages of all stores, so that everybody is within reach.
        messages: to people only. At most `MOST_AT_ONCE`.
        now: aware UTC.

    Raises:
        MessageIsWrong: one names what does not exist, or no one person.
    """
    actor.require("channels.send")
    for message in messages:
        check_message(message)
        if message.customer_id is None:
            raise MessageIsWrong(what="receiver")
    answers = _answered([message.key for message in messages])
    fresh = list({one.key: one for one in messages if one.key not in answers}.values())
    receivers = _held(sorted({one.customer_id for one in fresh if one.customer_id is not None}))
    kept = kept_policy(now=now)
    for turn in _turns(fresh, receivers):
        answers |= _planned(turn, receivers, kept, now)
    return tuple(answers[message.key] for message in messages)


def _answered(keys: Sequence[str]) -> dict[str, Answer]:
    rows = KeptDecision.objects.filter(touch_key__in=keys, stage="plan").order_by("-id")
    found = rows.values_list("touch_key", "outcome", "at", "reason", "have")
    return {
        key: Answer(key, outcome, at, reason, have, is_new=False)  # type: ignore[arg-type]
        for key, outcome, at, reason, have in found
    }


def _held(customer_ids: Sequence[int]) -> dict[int, int]:
    """Return who each person is now, held to the end of the transaction; who is not there is missing."""
    rows = Customer.objects.select_for_update(of=("self",)).filter(pk__in=customer_ids).order_by("pk")
    return {key: merged_into or key for key, merged_into in rows.values_list("pk", "merged_into_id")}


def _turns(messages: Sequence[Message], receivers: dict[int, int]) -> Iterator[list[Message]]:
    """Yield the messages so that nobody has two in one turn, and no turn has more people than are read at once."""
    turns: list[list[Message]] = []
    seen: dict[int, int] = defaultdict(int)
    for message in messages:
        asked = message.customer_id or 0
        person = receivers.get(asked, asked)
        if seen[person] == len(turns):
            turns.append([])
        turns[seen[person]].append(message)
        seen[person] += 1
    for turn in turns:
        for start in range(0, len(turn), MOST_AT_ONCE):
            yield turn[start : start + MOST_AT_ONCE]


def _planned(turn: Sequence[Message], receivers: dict[int, int], kept: KeptPolicy, now: datetime) -> dict[str, Answer]:
    people = [receivers.get(one.customer_id or 0, one.customer_id or 0) for one in turn]
    facts = present_facts(customer_ids=people)
    answers: dict[str, Answer] = {}
    requests: dict[Request, list[int]] = defaultdict(list)
    for place, one in enumerate(turn):
        moment = max(now, one.moment or now)
        requests[Request(one.intent, one.channel, moment, one.content, one.latest)].append(place)
    for request, places in requests.items():
        answers |= _decided(request, [turn[n] for n in places], [people[n] for n in places], facts, kept)
    _write(turn, people, answers, kept, now)
    return answers


def _decided(
    request: Request, messages: Sequence[Message], people: Sequence[int], facts: PresentFacts, kept: KeptPolicy
) -> dict[str, Answer]:
    found = decide_all(request=request, facts=facts.columns(request, kept.policy), policy=kept.policy)
    where = np.searchsorted(facts.people, np.asarray(people, dtype=np.int64))
    columns = (found.outcome[where], found.at[where], found.reason[where], found.have[where])
    answers = {}
    for message, outcome, at, reason, have in zip(messages, *(each.tolist() for each in columns), strict=True):
        said = OUTCOMES[outcome]
        instant = None if said == "refuse" else EPOCH + timedelta(microseconds=at)
        answers[message.key] = Answer(message.key, said, instant, REASONS[reason], have if have >= 0 else None)
    return answers


def _write(
    turn: Sequence[Message], people: Sequence[int], answers: dict[str, Answer], kept: KeptPolicy, now: datetime
) -> None:
    written = bulk.db_instant(now)
    decisions, touches, days = [], [], set()
    for message, person in zip(turn, people, strict=True):
        answer = answers[message.key]
        decisions.append(_decision_row(message, person, answer, kept.version, written))
        if answer.outcome in {"now", "at"} and answer.at is not None:
            day = timezone.localtime(answer.at).date().isoformat()
            days.add(day)
            touches.append(_touch_row(message, person, answer.at, max(now, message.moment or now), written, day))
    bulk.insert_rows("channels_decision", DECISION_COLUMNS, decisions)
    bulk.insert_rows("channels_touch", TOUCH_COLUMNS, touches)
    if days:
        mark_days(days, now=now)


def _decision_row(message: Message, person: int, answer: Answer, version: int, written: Any) -> tuple[Any, ...]:
    at = bulk.db_instant(answer.at)
    told = (message.campaign, message.channel, message.intent, "plan", answer.outcome, answer.reason, answer.have, at)
    return (message.key, person, "", *told, version, written)


def _touch_row(
    message: Message, person: int, at: datetime, wanted_at: datetime, written: Any, day: str
) -> tuple[Any, ...]:
    told = (message.campaign, message.channel, message.intent, message.content, TouchState.PLANNED.value)
    instants = (bulk.db_instant(wanted_at), bulk.db_instant(at), bulk.db_instant(message.latest))
    return (message.key, person, "", *told, *instants, message.expected_minor, "", written, day)
