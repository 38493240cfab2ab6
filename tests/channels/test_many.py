"""Many messages at once: the answers of one after the other, whatever they are, and no more than there are places for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.channels.conftest import had, make_person
from tests.channels.test_workers import all_at_once, planned, set_policy
from tests.conftest import NOW
from yutang.channels.actions import (
    CampaignIsUnknown,
    Message,
    NothingNamed,
    SendingIsStopped,
    claim_many,
    claim_to_send,
    let_go_on,
    open_grievance,
    plan_many,
    plan_touch,
    set_group_standing,
    stop_sending,
)
from yutang.channels.models import Decision, QuotaUse, Touch
from yutang.customers.actions import merge_customers
from yutang.customers.models import Consent, Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal

SYSTEM = Actor.system()
DAY = timedelta(days=1)


class Taken(Exception):
    """Takes back what was done within."""


def crowd(chance: random.Random) -> list[int]:
    """Write people of many kinds, and some groups."""
    people = [
        make_person(
            joined_days_ago=chance.choice([1, 13, 14, 300]),
            kinds=tuple(kind for kind in ("phone", "wecom", "email") if chance.random() < 0.8),
            yes_to=tuple(purpose for purpose in ("service", "research", "promotion") if chance.random() < 0.7),
            value_days_ago=tuple(chance.sample(range(1, 50), chance.randint(0, 5))),
        )
        for _ in range(12)
    ]
    for someone in people:
        if chance.random() < 0.4:
            had(someone, NOW - timedelta(hours=chance.randint(1, 300)), chance.choice(["service", "promotion"]))
        if chance.random() < 0.3:
            had(someone, NOW + timedelta(hours=chance.randint(1, 90)), "promotion", state="planned")
        if chance.random() < 0.2:
            kind = chance.choice(["complaint", "mood"])
            open_grievance(actor=SYSTEM, customer_id=someone, kind=kind, source=f"c{someone}", now=NOW)
        if chance.random() < 0.2:
            QuotaUse.objects.create(customer_id=someone, slot="wecom:day:2026-03-11", used=1)
    for group in ("wr1", "wr2", "wr3"):
        standing = chance.choice(["alive", "alive", "fatigued", "dead"])
        set_group_standing(actor=SYSTEM, group_key=group, standing=standing, joined_at=NOW - 90 * DAY, now=NOW)
    return people


def messages(people: Sequence[int], chance: random.Random) -> list[Message]:
    """Make messages, several to one receiver among them."""
    wanted = []
    for number in range(60):
        channel = chance.choice(["wecom", "wecom", "sms", "email", "group"])
        intent = chance.choice(["promotion", "value", "service", "research", "transactional"])
        receiver: dict[str, Any] = {"customer_id": chance.choice(people)}
        if channel == "group":
            receiver = {"group_key": chance.choice(["wr1", "wr2", "wr3"])}
        content = chance.choice(["", "", "poster"])
        moment = NOW + timedelta(hours=chance.choice([0, 0, 0, 30]))
        latest = chance.choice([None, None, NOW + 3 * DAY, NOW + timedelta(hours=2)])
        wanted.append(
            Message(
                key=f"k{number}",
                channel=channel,
                intent=intent,
                campaign=chance.choice(["", "spring"]),
                content=content,
                moment=moment,
                latest=latest,
                expected_minor=number,
                **receiver,
            )
        )
    return wanted


def rows_planned() -> list[Any]:
    """Return what was written of messages and of decisions about them, without keys of rows, which no rollback takes back."""
    rows: list[Any] = []
    for model, key in ((Touch, "key"), (Decision, "touch_key")):
        columns = sorted(one.attname for one in model._meta.concrete_fields if one.name not in {"id", "policy"})
        rows += model.objects.filter(**{f"{key}__startswith": "k"}).order_by(key).values_list(*columns)
    return rows


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
class TestSameAsOneByOne:
    def test_planning(self, seed: int) -> None:
        chance = random.Random(seed)
        wanted = messages(crowd(chance), chance)
        one_by_one: list[Any] = []
        written: list[Any] = []
        try:
            with transaction.atomic():
                one_by_one = [plan_touch(actor=SYSTEM, message=one, now=NOW).decision for one in wanted]
                written = rows_planned()
                raise Taken
        except Taken:
            pass

        together = plan_many(actor=SYSTEM, messages=wanted, now=NOW)

        assert [one.decision for one in together] == one_by_one
        assert rows_planned() == written
        assert len({one.outcome for one in one_by_one}) >= 3
        assert [one.touch_id is not None for one in together] == [one.outcome in {"now", "at"} for one in one_by_one]
        again = plan_many(actor=SYSTEM, messages=wanted, now=NOW + DAY)
        assert [(one.touch_id, one.decision, one.is_new) for one in again] == [
            (one.touch_id, one.decision, False) for one in together
        ]

    def test_claiming(self, seed: int) -> None:
        chance = random.Random(seed)
        people = crowd(chance)
        plan_many(actor=SYSTEM, messages=messages(people, chance), now=NOW - DAY)
        Touch.objects.filter(state="planned").update(at=NOW)
        for someone in people[::3]:
            word = {"purpose": "service", "channel": "any", "wording_version": "v1", "evidence": "call"}
            Consent.objects.create(customer_id=someone, granted=False, occurred_at=NOW, **word)
        keys = list(Touch.objects.filter(state="planned").order_by("id").values_list("key", flat=True))
        chance.shuffle(keys)
        one_by_one: dict[str, Any] = {}
        rows: list[Any] = []
        columns = ("key", "state", "at", "business_date", "slot", "changed_at")
        try:
            with transaction.atomic():
                one_by_one = {key: claim_to_send(actor=SYSTEM, key=key, now=NOW) for key in keys}
                rows = list(Touch.objects.order_by("key").values_list(*columns))
                used = sorted(
                    QuotaUse.objects.filter(used__gt=0).values_list("slot", "customer_id", "group_key", "used")
                )
                raise Taken
        except Taken:
            pass

        together = claim_many(actor=SYSTEM, keys=keys, now=NOW)

        assert dict(together.answers) == one_by_one
        assert {"now", "refuse"} <= {one.decision.outcome for one in one_by_one.values()}
        assert list(Touch.objects.order_by("key").values_list(*columns)) == rows
        assert (
            sorted(QuotaUse.objects.filter(used__gt=0).values_list("slot", "customer_id", "group_key", "used")) == used
        )
        assert Decision.objects.filter(stage="claim").count() == len(keys)
        assert set(claim_many(actor=SYSTEM, keys=together.mine, now=NOW).left.values()) <= {"closed"}


@pytest.mark.django_db
class TestMany:
    def test_what_cannot_be_claimed_is_left_and_told(self) -> None:
        someone = make_person()
        for key, channel in (("a", "wecom"), ("b", "sms")):
            planned_at = NOW if key == "a" else NOW + 3 * DAY
            message = Message(key=key, channel=channel, intent="service", customer_id=someone, moment=planned_at)
            plan_touch(actor=SYSTEM, message=message, now=NOW)

        found = claim_many(actor=SYSTEM, keys=["a", "b", "c"], now=NOW)

        assert found.mine == ("a",)
        assert dict(found.left) == {"b": "not_due", "c": "unknown"}

    def test_what_is_stopped_waits_whoever_claims(self) -> None:
        someone = make_person()
        message = Message(key="a", channel="wecom", intent="service", customer_id=someone, campaign="spring")
        plan_touch(actor=SYSTEM, message=message, now=NOW)

        for stopped in ({"channel": "all"}, {"channel": "wecom"}, {"campaign": "spring"}):
            stop_sending(actor=SYSTEM, **stopped, now=NOW)  # type: ignore[arg-type]
            assert dict(claim_many(actor=SYSTEM, keys=["a"], now=NOW).left) == {"a": "stopped"}
            with pytest.raises(SendingIsStopped):
                claim_to_send(actor=SYSTEM, key="a", now=NOW)
            let_go_on(actor=SYSTEM, **stopped, now=NOW)  # type: ignore[arg-type]

        assert claim_many(actor=SYSTEM, keys=["a"], now=NOW).mine == ("a",)

    def test_what_there_is_not_is_not_stopped(self) -> None:
        with pytest.raises(CampaignIsUnknown):
            stop_sending(actor=SYSTEM, campaign="sprnig", now=NOW)
        with pytest.raises(NothingNamed) as refusal:
            stop_sending(actor=SYSTEM, channel="pigeon", now=NOW)
        assert "E-mail" in str(refusal.value.sentence) or "e-mail" in str(refusal.value.data)

    def test_nobody_out_of_reach_is_planned_for(self, stores: Any) -> None:
        here, there = make_person(store=stores["xuhui"]), make_person(store=stores["tianhe"])
        actor = Actor(None, "own-1", frozenset({stores["xuhui"].pk}), "x", granted=frozenset({"channels.send"}))
        wanted = [Message(key=f"k{one}", channel="wecom", intent="service", customer_id=one) for one in (here, there)]

        with pytest.raises(NoSuchCustomer):
            plan_many(actor=actor, messages=wanted, now=NOW)
        assert not Touch.objects.filter(key__startswith="k").exists()

    def test_a_key_that_is_named_twice_is_one_message(self) -> None:
        wish = Message(key="k", channel="wecom", intent="value", customer_id=make_person())
        other = Message(key="k", channel="sms", intent="service", customer_id=make_person())

        first = plan_many(actor=SYSTEM, messages=[wish, other], now=NOW)
        second = plan_many(actor=SYSTEM, messages=[other], now=NOW + 30 * DAY)

        assert [one.is_new for one in (*first, *second)] == [True, False, False]
        assert first[0].decision == first[1].decision == second[0].decision
        assert Touch.objects.get(key="k").customer_id == wish.customer_id
        assert Decision.objects.filter(touch_key="k").count() == 1

    def test_a_merged_person_is_who_they_are_now(self) -> None:
        first, second = make_person(), make_person()
        Customer.objects.update(sealed_profile=seal({"name": "张三"}))
        merge_customers(actor=SYSTEM, first_id=first, second_id=second, now=NOW)
        loser = Customer.objects.exclude(merged_into=None).get()

        wish = Message(key="k", channel="wecom", intent="value", customer_id=loser.pk)
        plan_many(actor=SYSTEM, messages=[wish], now=NOW)

        assert Touch.objects.get(key="k").customer_id == loser.merged_into_id

    def test_who_is_not_there_holds_nobody_else_up(self) -> None:
        wanted = [
            Message(key=f"k{n}", channel="wecom", intent="value", customer_id=n) for n in (987_654, make_person())
        ]

        gone, there = plan_many(actor=SYSTEM, messages=wanted, now=NOW)

        assert (gone.decision.outcome, gone.decision.reason, gone.touch_id) == ("refuse", "unreachable", None)
        assert there.decision.outcome == "now"

    def test_questions_do_not_grow_with_the_messages(self) -> None:
        counts = []
        for size in (5, 40):
            people = [make_person(value_days_ago=()) for _ in range(size)]
            wanted = [Message(key=f"{size}:{p}", channel="wecom", intent="service", customer_id=p) for p in people]
            with CaptureQueriesContext(connection) as asked:
                plan_many(actor=SYSTEM, messages=wanted, now=NOW)
                claim_many(actor=SYSTEM, keys=[one.key for one in wanted], now=NOW)
            counts.append(len(asked))

        # Inserts on SQLite are cut into statements of 32 rows.
        assert counts[1] <= counts[0] + 4


@pytest.mark.django_db(transaction=True)
class TestFourWorkers:
    def test_claim_together_no_more_than_the_caps_allow(self) -> None:
        set_policy(person_day=2, person_week=2, wecom_week=2, wecom_person_period="month", wecom_person_most=31)
        people = [make_person(value_days_ago=()) for _ in range(6)]
        for person in people:
            planned([f"{person}:{n}" for n in range(4)], intent="service", customer_id=person)
        set_group_standing(actor=SYSTEM, group_key="wr1", standing="alive", joined_at=NOW - 90 * DAY, now=NOW)
        planned([f"g{n}" for n in range(4)], intent="value", group_key="wr1")
        keys = [*(f"{person}:{n}" for person in people for n in range(4)), *(f"g{n}" for n in range(4))]
        sent: list[str] = []

        def work(number: int) -> None:
            mine = keys[number * 5 :] + keys[: number * 5]
            for start in range(0, len(mine), 9):
                sent.extend(claim_many(actor=SYSTEM, keys=mine[start : start + 9], now=NOW).mine)

        all_at_once(work)

        assert len(sent) == len(set(sent)) == 6 * 2 + 1
        assert Touch.objects.filter(state="sent").count() == len(sent)
        assert set(QuotaUse.objects.filter(customer__isnull=False).values_list("used", flat=True)) == {2}
