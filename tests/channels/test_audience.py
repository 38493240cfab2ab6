"""An audience decided from the figures against each of its people decided from the store."""

from __future__ import annotations

import random
from datetime import UTC, timedelta
from typing import Any

import numpy as np
import pytest

from tests.channels.conftest import Made, had, make_person
from tests.channels.test_agreement import told, told_at
from tests.conftest import NOW
from yutang.channels.actions import (
    Message,
    MessageIsWrong,
    Wish,
    claim_to_send,
    open_grievance,
    plan_audience,
    plan_touch,
)
from yutang.channels.actions.audiences import audience_trial
from yutang.channels.audience import decide_audience
from yutang.channels.models import Decision, QuotaUse, Touch
from yutang.channels.policy import Policy
from yutang.channels.rules import Request, decide
from yutang.channels.standing import facts_of_person
from yutang.customers.models import Consent, Customer
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import rebuild_lake
from yutang.segments.queries import FiguresAreNotReady

SYSTEM = Actor.system()
DAY = timedelta(days=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]


def crowd(stores: Any, size: int = 60) -> list[int]:
    """Write people of every kind, and return their keys."""
    chance = random.Random(7)
    purposes = ("service", "research", "promotion")
    people = []
    for _ in range(size):
        someone = make_person(
            store=chance.choice([None, *stores.values()]),
            joined_days_ago=chance.choice([1, 8, 13, 14, 300]),
            kinds=tuple(kind for kind in ("phone", "wecom", "email") if chance.random() < 0.8),
            yes_to=tuple(purpose for purpose in purposes if chance.random() < 0.7),
            value_days_ago=tuple(chance.sample(range(1, 50), chance.randint(0, 5))),
        )
        people.append(someone)
        word(someone, chance)
        for _message in range(chance.randint(0, 2)):
            at = NOW - timedelta(hours=chance.randint(-30, 24 * 32))
            state = "planned" if at > NOW else chance.choice(["sent", "sent", "failed", "planned"])
            intent = chance.choice(["promotion", "service", "transactional", "research"])
            had(someone, at, intent, channel=chance.choice(["wecom", "sms"]), state=state)
        if chance.random() < 0.1:
            open_grievance(
                actor=SYSTEM,
                customer_id=someone,
                kind=chance.choice(["complaint", "mood"]),
                source=f"c{someone}",
                now=NOW,
            )
        if chance.random() < 0.1:
            QuotaUse.objects.create(customer_id=someone, slot="wecom:day:2026-03-11", used=1)
    return people


def word(customer_id: int, chance: random.Random) -> None:
    """Let somebody say something of a purpose, perhaps a no."""
    if chance.random() < 0.5:
        Consent.objects.create(
            customer_id=customer_id,
            purpose=chance.choice(["service", "promotion"]),
            channel=chance.choice(["any", "wecom", "sms"]),
            granted=chance.random() < 0.5,
            wording_version="v1",
            evidence="call",
            occurred_at=NOW - chance.randint(0, 300) * DAY,
        )


@pytest.mark.parametrize(("channel", "intent"), [("wecom", "promotion"), ("sms", "value")])
def test_the_figures_and_the_store_decide_the_same(stores: Any, channel: str, intent: str) -> None:
    people = crowd(stores)
    Touch.objects.filter(intent="value").update(content="poster")
    rebuild_lake(now=NOW)
    # What the store learns after the figures were written counts too.
    chance = random.Random(11)
    for someone in people[::3]:
        word(someone, chance)
        Touch.objects.filter(customer_id=someone, state="sent").update(state="failed", changed_at=NOW)
        had(someone, NOW - timedelta(minutes=7 * (someone % 100)), "service")
    Touch.objects.filter(at__gte=NOW - DAY).update(changed_at=NOW)
    request = Request(intent, channel, NOW, content="poster" if intent == "value" else "")

    found = decide_audience(access=SYSTEM, customer_ids=people, request=request, policy=Policy())

    assert found.customer_ids.tolist() == people
    outcomes = set()
    for place, someone in enumerate(people):
        customer = Customer.objects.select_related("store").get(pk=someone)
        one = decide(
            request=request, facts=facts_of_person(customer, request=request, policy=Policy()), policy=Policy()
        )
        assert told_at(found.decisions, place) == told(one), someone
        outcomes.add(one.reason)
    assert len(outcomes) >= 5


def test_people_out_of_reach_and_unknown_ones_are_refused(stores: Any, person: Made) -> None:
    here, there = person(store=stores["xuhui"]), person(store=stores["tianhe"])
    rebuild_lake(now=NOW)
    one_store = Actor(None, "own-1", frozenset({stores["xuhui"].pk}), "x", granted=frozenset({"channels.send"}))

    plans = plan_audience(actor=one_store, wishes=[Wish("may", "wecom", "value", [here, there, 999_999])], now=NOW)

    assert plans[0].outcomes == {"now": 1, "at": 0, "replace": 0, "refuse": 2}
    assert plans[0].reasons == {"unknown_person": 2}


def test_a_store_without_figures_says_so(person: Made) -> None:
    with pytest.raises(FiguresAreNotReady):
        plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [person()])], now=NOW)


class TestPlan:
    def test_everybody_gets_an_answer_that_is_kept_and_the_plan_can_be_claimed(self, person: Made) -> None:
        friend, stranger = person(), person(value_days_ago=(), joined_days_ago=1)
        refuser = person(yes_to=())
        rebuild_lake(now=NOW)
        wish = Wish("may", "wecom", "promotion", [refuser, friend, stranger], expected_minor=[900, 500, 700])

        plan = plan_audience(actor=SYSTEM, wishes=[wish], now=NOW)[0]

        assert plan.outcomes == {"now": 1, "at": 0, "replace": 1, "refuse": 1}
        assert plan.reasons == {"value_first": 1, "consent_missing": 1}
        assert plan.expected_minor == 500
        assert dict(Decision.objects.values_list("customer_id", "reason")) == {
            friend: "free",
            stranger: "value_first",
            refuser: "consent_missing",
        }
        touch = Touch.objects.get(campaign="may")
        assert (touch.customer_id, touch.at, touch.business_date) == (friend, NOW, NOW.date())
        assert claim_to_send(actor=SYSTEM, key=f"may:{friend}", now=NOW).may_send

    def test_the_same_campaign_asks_nobody_twice(self, person: Made) -> None:
        someone, later = person(), person()
        rebuild_lake(now=NOW)
        plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [someone])], now=NOW)

        again = plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [someone, later])], now=NOW)[0]

        assert (again.asked, again.known) == (1, 1)
        assert Touch.objects.filter(campaign="may").count() == 2

    def test_two_plans_see_each_other_before_the_figures_do(self, person: Made) -> None:
        someone = person()
        rebuild_lake(now=NOW)
        plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [someone])], now=NOW)

        second = plan_audience(actor=SYSTEM, wishes=[Wish("june", "sms", "service", [someone])], now=NOW)[0]

        assert second.reasons == {"person_day": 1}
        assert Touch.objects.get(campaign="june").at == NOW + DAY

    def test_scarce_places_go_to_what_brings_the_most(self, person: Made) -> None:
        people = [person() for _ in range(4)]
        rebuild_lake(now=NOW)
        wishes = [
            Wish("may", "sms", "value", people, expected_minor=[10, 40, 20, 30]),
            Wish("june", "sms", "service", people, expected_minor=[15, 5, 5, 35]),
        ]

        may, june = plan_audience(actor=SYSTEM, wishes=wishes, slots={"sms": 3}, now=NOW)

        planned = set(Touch.objects.exclude(campaign="").values_list("campaign", "customer_id"))
        assert planned == {("may", people[1]), ("june", people[3]), ("may", people[2])}
        assert (may.expected_minor, june.expected_minor) == (60, 35)
        assert may.reasons == {"worth_less": 2}
        assert june.reasons == {"worth_less": 3}
        kept = Decision.objects.get(campaign="june", customer_id=people[0])
        assert (kept.outcome, kept.reason, kept.at) == ("refuse", "worth_less", None)

    def test_one_message_may_follow_a_plan_of_many(self, person: Made) -> None:
        someone = person()
        rebuild_lake(now=NOW)
        plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [someone])], now=NOW)

        one = Message(key=f"may:{someone}", channel="wecom", intent="value", customer_id=someone)

        assert not plan_touch(actor=SYSTEM, message=one, now=NOW).is_new

    @pytest.mark.parametrize(
        ("what", "wish"),
        [
            ("campaign", Wish("", "wecom", "value", [1])),
            ("channel", Wish("may", "group", "value", [1])),
            ("intent", Wish("may", "wecom", "sale", [1])),
            ("audience", Wish("may", "wecom", "value", [1, 1])),
            ("expected value", Wish("may", "wecom", "value", [1], expected_minor=[1, 2])),
        ],
    )
    def test_a_wish_that_cannot_be_is_refused(self, what: str, wish: Wish) -> None:
        with pytest.raises(MessageIsWrong) as refusal:
            plan_audience(actor=SYSTEM, wishes=[wish], now=NOW)
        assert refusal.value.data == {"what": what}


def test_instants_of_a_plan_are_those_of_the_store(person: Made) -> None:
    person()
    night = NOW.replace(hour=15)
    rebuild_lake(now=NOW)

    plan_audience(
        actor=SYSTEM, wishes=[Wish("may", "wecom", "value", np.array([Customer.objects.get().pk]))], now=night
    )

    touch = Touch.objects.get(campaign="may")
    assert touch.at.astimezone(UTC).isoformat() == "2026-03-12T01:00:00+00:00"
    assert touch.business_date.isoformat() == "2026-03-12"
    assert Decision.objects.get().at == touch.at


def test_a_key_that_a_single_message_used_stands_and_is_told(person: Made) -> None:
    people = [person() for _ in range(4)]
    for someone, more in ((people[0], {"campaign": "else"}), (people[1], {"campaign": "may"})):
        single = Message(key=f"may:{someone}", channel="wecom", intent="service", customer_id=someone, **more)
        plan_touch(actor=SYSTEM, message=single, now=NOW)
    refused = Message(
        key=f"may:{people[2]}", channel="phone", intent="promotion", customer_id=people[2], campaign="else"
    )
    Consent.objects.filter(customer_id=people[2]).delete()
    assert plan_touch(actor=SYSTEM, message=refused, now=NOW).touch_id is None
    rebuild_lake(now=NOW)

    (plan,) = plan_audience(actor=SYSTEM, wishes=[Wish("may", "sms", "service", people)], now=NOW)

    assert (plan.asked, plan.known, plan.taken) == (1, 1, 2)
    assert Touch.objects.get(key=f"may:{people[0]}").channel == "wecom"
    assert Touch.objects.get(key=f"may:{people[3]}").channel == "sms"
    assert not Touch.objects.filter(key=f"may:{people[2]}").exists()


def test_a_trial_says_the_same_and_writes_nothing(person: Made) -> None:
    people = [person(), person(yes_to=()), person(value_days_ago=())]
    rebuild_lake(now=NOW)
    wish = Wish("may", "wecom", "promotion", people)

    (tried,) = audience_trial(access=SYSTEM, wishes=[wish], now=NOW)

    assert not Decision.objects.exists()
    assert not Touch.objects.filter(campaign="may").exists()
    (done,) = plan_audience(actor=SYSTEM, wishes=[wish], now=NOW)
    assert tried == done
