"""Campaigns with a second way: who cannot be reached by the first is decided by the rules of the second, and planned by it at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from tests.channels.conftest import Made, had
from tests.conftest import NOW
from yutang.channels.actions import MessageIsWrong, Wish, claim_to_send, plan_audience
from yutang.channels.actions.audiences import audience_trial
from yutang.channels.columns import Flags, Ints
from yutang.channels.models import Decision, Touch
from yutang.customers.models import Consent
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import rebuild_lake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]
SYSTEM = Actor.system()
USEFUL = "content:1:1"


class Friends:
    """A book that knows who is a friend of some member of staff."""

    def __init__(self, people: Collection[int]) -> None:
        self.people = frozenset(people)

    def everybody_befriended(self) -> frozenset[int]:
        return self.people


@pytest.fixture
def befriend(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let some people be the only friends of staff."""

    def told(*people: int) -> None:
        monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [Friends(people)])

    return told


def by_sms(person: Made, **more: Any) -> int:
    """A person with a phone alone."""
    return person(kinds=("phone",), **more)


def wish(people: list[int], *, intent: str = "promotion", **more: Any) -> Wish:
    return Wish("may", "wecom", intent, people, other_way="sms", **more)


def planned() -> dict[int | None, str]:
    return dict(Touch.objects.filter(campaign="may").values_list("customer_id", "channel"))


def decided() -> dict[int | None, tuple[str, str, str]]:
    rows = Decision.objects.filter(campaign="may", stage="plan").values_list(
        "customer_id", "channel", "outcome", "reason"
    )
    return {person: (channel, outcome, reason) for person, channel, outcome, reason in rows}


class TestWhoIsOutOfReach:
    def test_is_planned_by_the_other_way_with_the_key_of_the_campaign(self, person: Made, befriend: Any) -> None:
        friend, stranger, phone_only, nowhere = person(), person(), by_sms(person), person(kinds=("email",))
        befriend(friend)
        rebuild_lake(now=NOW)

        (plan,) = plan_audience(actor=SYSTEM, wishes=[wish([nowhere, phone_only, stranger, friend])], now=NOW)

        assert planned() == {friend: "wecom", stranger: "sms", phone_only: "sms"}
        assert decided() == {
            friend: ("wecom", "now", "free"),
            stranger: ("sms", "now", "free"),
            phone_only: ("sms", "now", "free"),
            nowhere: ("wecom", "refuse", "unreachable"),
        }
        assert plan.ways == {"wecom": 1, "sms": 2}
        assert Touch.objects.get(customer_id=phone_only, campaign="may").key == f"may:{phone_only}"
        assert claim_to_send(actor=SYSTEM, key=f"may:{phone_only}", now=NOW).may_send

    def test_is_held_to_consent_caps_and_content_of_the_other_way(self, person: Made) -> None:
        silent, refuser, told_often, agreed = (by_sms(person) for _number in range(4))
        Consent.objects.filter(customer_id=silent).update(channel="wecom")
        said: dict[str, Any] = {"purpose": "promotion", "channel": "sms", "wording_version": "v1", "evidence": "paper"}
        Consent.objects.create(customer_id=refuser, granted=False, occurred_at=NOW - timedelta(days=1), **said)
        for days in (3, 12):
            had(told_often, NOW - timedelta(days=days), "service", channel="sms")
        rebuild_lake(now=NOW)

        plan_audience(actor=SYSTEM, wishes=[wish([silent, refuser, told_often, agreed])], now=NOW)

        assert decided() == {
            silent: ("sms", "refuse", "consent_missing"),
            refuser: ("sms", "refuse", "consent_refused"),
            told_often: ("sms", "refuse", "sms_month"),
            agreed: ("sms", "now", "free"),
        }

    def test_gets_the_useful_content_by_the_other_way_where_a_promotion_comes_too_early(self, person: Made) -> None:
        new, unwilling = (by_sms(person, value_days_ago=()) for _number in range(2))
        Consent.objects.filter(customer_id=unwilling, purpose="service").delete()
        rebuild_lake(now=NOW)

        (plan,) = plan_audience(actor=SYSTEM, wishes=[wish([new, unwilling], instead=USEFUL)], now=NOW)

        touch = Touch.objects.get(campaign="may")
        assert (touch.customer_id, touch.channel, touch.intent, touch.content) == (new, "sms", "value", USEFUL)
        assert decided()[unwilling][:2] == ("sms", "refuse")
        assert plan.ways == {"sms": 1}

    def test_is_refused_by_the_first_way_where_there_is_no_other(self, person: Made) -> None:
        someone = by_sms(person)
        rebuild_lake(now=NOW)

        plan_audience(actor=SYSTEM, wishes=[Wish("may", "wecom", "promotion", [someone])], now=NOW)

        assert decided() == {someone: ("wecom", "refuse", "unreachable")}

    def test_is_written_to_by_staff_where_wecom_is_the_other_way(self, person: Made, befriend: Any) -> None:
        friend, stranger = (person(kinds=("wecom",)) for _number in range(2))
        befriend(friend)
        rebuild_lake(now=NOW)
        turned = Wish("may", "sms", "promotion", [friend, stranger], other_way="wecom")

        plan_audience(actor=SYSTEM, wishes=[turned], now=NOW)

        assert planned() == {friend: "wecom"}
        assert decided()[stranger] == ("sms", "refuse", "unreachable")


class TestEverybodyTogether:
    def test_whoever_is_held_out_is_drawn_from_both_ways(self, person: Made) -> None:
        people = [person() if number % 2 else by_sms(person) for number in range(12)]
        people.append(person(kinds=()))
        rebuild_lake(now=NOW)
        asked: list[int] = []

        def hold_back(going: Ints) -> Flags:
            asked.extend(going.tolist())
            held: Flags = np.isin(going, people[:4])
            return held

        (plan,) = plan_audience(actor=SYSTEM, wishes=[wish(people, hold_back=hold_back)], now=NOW)

        assert sorted(asked) == sorted(people[:-1])
        assert (plan.held, plan.ways) == (4, {"wecom": 4, "sms": 4})
        assert set(planned()) == set(people[4:-1])

    def test_scarce_places_are_those_of_the_way_by_which_each_goes(self, person: Made) -> None:
        friends, others = [person() for _number in range(2)], [by_sms(person) for _number in range(3)]
        rebuild_lake(now=NOW)
        asked = wish([*friends, *others], expected_minor=[1, 1, 10, 30, 20])

        (plan,) = plan_audience(actor=SYSTEM, wishes=[asked], slots={"sms": 1}, now=NOW)

        assert planned() == {friends[0]: "wecom", friends[1]: "wecom", others[1]: "sms"}
        assert plan.reasons == {"worth_less": 2}

    def test_nobody_is_planned_twice_when_the_campaign_is_planned_again(self, person: Made, befriend: Any) -> None:
        friend, stranger, later = person(), person(), by_sms(person)
        befriend(friend)
        rebuild_lake(now=NOW)
        plan_audience(actor=SYSTEM, wishes=[wish([friend, stranger])], now=NOW)
        befriend(stranger)

        (again,) = plan_audience(actor=SYSTEM, wishes=[wish([friend, stranger, later])], now=NOW)

        assert (again.asked, again.known) == (1, 2)
        assert planned() == {friend: "wecom", stranger: "sms", later: "sms"}

    def test_a_trial_says_the_same_and_writes_nothing(self, person: Made) -> None:
        people = [person(), by_sms(person), by_sms(person, yes_to=()), person(kinds=())]
        rebuild_lake(now=NOW)

        (tried,) = audience_trial(access=SYSTEM, wishes=[wish(people)], now=NOW)

        assert not Decision.objects.exists()
        assert plan_audience(actor=SYSTEM, wishes=[wish(people)], now=NOW) == (tried,)

    def test_the_other_way_is_another_one(self, person: Made) -> None:
        for other in ("wecom", "group", "pigeon"):
            with pytest.raises(MessageIsWrong):
                plan_audience(
                    actor=SYSTEM, wishes=[Wish("may", "wecom", "value", [person()], other_way=other)], now=NOW
                )
