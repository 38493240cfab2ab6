"""Messages to many at once against one after another, person by person."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.channels.conftest import Made, had
from tests.conftest import NOW
from yutang.channels.actions import Message, MessageIsWrong, open_grievance, plan_touch, plan_touches
from yutang.channels.models import Decision, QuotaUse, Touch
from yutang.channels.policy import INTENTS, PERSON_CHANNELS
from yutang.customers.actions import merge_customers
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()


def crowd(person: Made, chance: random.Random, size: int) -> list[int]:
    """Make people with different addresses, words and messages had."""
    people = []
    for _ in range(size):
        kinds = tuple(kind for kind in ("phone", "wecom", "email") if chance.random() < 0.85)
        yes = tuple(one for one in ("service", "research", "promotion") if chance.random() < 0.8)
        days = tuple(chance.sample(range(1, 40), chance.randrange(6)))
        key = person(kinds=kinds, yes_to=yes, value_days_ago=days, joined_days_ago=chance.choice((2, 13, 14, 90)))
        if chance.random() < 0.4:
            had(
                key,
                NOW - timedelta(days=chance.randrange(1, 20)),
                chance.choice(INTENTS),
                chance.choice(PERSON_CHANNELS),
            )
        if chance.random() < 0.3:
            had(key, NOW + timedelta(hours=chance.randrange(1, 90)), "promotion", state="planned")
        if chance.random() < 0.2:
            kind = chance.choice(("complaint", "mood"))
            open_grievance(actor=SYSTEM, customer_id=key, kind=kind, source=f"case:{key}", now=NOW - timedelta(days=3))
        if chance.random() < 0.2:
            QuotaUse.objects.create(customer_id=key, slot="wecom:day:2026-03-11", used=1)
        people.append(key)
    return people


@pytest.mark.parametrize("seed", range(4))
def test_both_give_the_same_answers(person: Made, seed: int) -> None:
    chance = random.Random(seed)
    people = crowd(person, chance, 30)
    latest = NOW + timedelta(days=3)
    messages = [
        Message(
            key=f"{{way}}:{n}",
            channel=chance.choice(("wecom", "wecom", *PERSON_CHANNELS)),
            intent=chance.choice(("promotion", "promotion", *INTENTS)),
            customer_id=chance.choice(people),
            campaign="x",
            content=chance.choice(("", "poster")),
            latest=chance.choice((None, latest)),
        )
        for n in range(45)
    ]

    def keyed(way: str) -> list[Message]:
        return [Message(**{**vars(one), "key": one.key.format(way=way)}) for one in messages]

    together = plan_touches(actor=SYSTEM, messages=keyed("together"), now=NOW)
    planned = {one.key.split(":")[1]: (one.at, one.content) for one in Touch.objects.filter(key__startswith="together")}
    Touch.objects.filter(key__startswith="together").delete()
    # Of several messages to one person the first is decided first both ways.
    alone = [plan_touch(actor=SYSTEM, message=one, now=NOW) for one in keyed("alone")]

    told = [(one.outcome, one.reason, one.at, one.have) for one in together]
    assert told == [(p.decision.outcome, p.decision.reason, p.decision.at, p.decision.have) for p in alone]
    assert len({outcome for outcome, *_ in told}) >= 3
    assert planned == {
        one.key.split(":")[1]: (one.at, one.content) for one in Touch.objects.filter(key__startswith="alone")
    }


def test_a_known_key_keeps_its_answer(person: Made) -> None:
    key = person()
    wish = Message(key="k", channel="wecom", intent="value", customer_id=key)
    first = plan_touches(actor=SYSTEM, messages=[wish, wish], now=NOW)

    second = plan_touches(actor=SYSTEM, messages=[wish], now=NOW + timedelta(days=30))

    assert (first[0].is_new, second[0].is_new) == (True, False)
    assert first[0].at == first[1].at == second[0].at
    assert (Touch.objects.filter(key="k").count(), Decision.objects.filter(touch_key="k").count()) == (1, 1)


def test_a_merged_person_is_who_they_are_now(person: Made) -> None:
    from yutang.customers.models import Customer

    first, second = person(), person()
    Customer.objects.update(sealed_profile=seal({"name": "张三"}))
    merge_customers(actor=SYSTEM, first_id=first, second_id=second, now=NOW)
    loser = Customer.objects.exclude(merged_into=None).get()

    plan_touches(
        actor=SYSTEM, messages=[Message(key="k", channel="wecom", intent="value", customer_id=loser.pk)], now=NOW
    )

    assert Touch.objects.get(key="k").customer_id == loser.merged_into_id


def test_who_is_not_there_gets_nothing(person: Made) -> None:
    (answer,) = plan_touches(
        actor=SYSTEM, messages=[Message(key="k", channel="wecom", intent="value", customer_id=987_654)], now=NOW
    )

    assert (answer.outcome, answer.reason) == ("refuse", "unreachable")


def test_groups_are_not_taken() -> None:
    with pytest.raises(MessageIsWrong):
        plan_touches(actor=SYSTEM, messages=[Message(key="k", channel="group", intent="value", group_key="g")], now=NOW)
