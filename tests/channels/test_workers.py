"""Four workers at once: no cap, no quota and no consent is passed over by any interleaving."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from tests.channels.conftest import make_person
from tests.conftest import NOW
from yutang.channels.actions import (
    TouchIsClosed,
    TouchIsNotDue,
    claim_many,
    claim_to_send,
    claims,
    set_group_standing,
    touches,
)
from yutang.channels.models import QuotaUse, Touch
from yutang.customers.models import Consent
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting

WORKERS = 4
SYSTEM = Actor.system()

pytestmark = pytest.mark.django_db(transaction=True)


def planned(keys: list[str], *, intent: str, customer_id: int | None = None, group_key: str = "") -> None:
    Touch.objects.bulk_create(
        [
            Touch(
                key=key,
                customer_id=customer_id,
                group_key=group_key,
                channel="group" if group_key else "wecom",
                intent=intent,
                state="planned",
                wanted_at=NOW,
                at=NOW,
                business_date=NOW.date(),
                changed_at=NOW,
            )
            for key in keys
        ]
    )


def set_policy(**values: object) -> None:
    for name, value in values.items():
        change_setting(actor=SYSTEM, key=f"channels.{name}", value=value, now=NOW)


def all_at_once(work: Callable[[int], None], *, workers: int = WORKERS) -> None:
    """Run the work in as many threads as workers, each with its own connection, from the same instant on."""
    gate = Barrier(workers)

    def run(number: int) -> None:
        try:
            gate.wait()
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, range(workers)))


def claim_each(keys: list[str], sent: list[str]) -> None:
    for key in keys:
        try:
            if claim_to_send(actor=SYSTEM, key=key, now=NOW).may_send:
                sent.append(key)
        except (TouchIsClosed, TouchIsNotDue):
            continue


def one_by_one(people: list[int]) -> list[int]:
    """Claim a promotion to each, and return who gets it."""
    return [person for person in people if claim_to_send(actor=SYSTEM, key=f"p{person}", now=NOW).may_send]


def together(people: list[int]) -> list[int]:
    """Claim a promotion to all, and return who gets it."""
    mine = claim_many(actor=SYSTEM, keys=[f"p{person}" for person in people], now=NOW).mine
    return [person for person in people if f"p{person}" in mine]


def withdraw(person: int) -> None:
    word = {"purpose": "promotion", "channel": "any", "wording_version": "v1", "evidence": "call"}
    Consent.objects.create(customer_id=person, granted=False, occurred_at=NOW, **word)


class TestFourWorkers:
    def test_never_exceed_a_cap_of_one_person(self) -> None:
        set_policy(person_day=3, person_week=3, wecom_week=3, wecom_person_period="month", wecom_person_most=31)
        keys = [f"k{n}" for n in range(12)]
        planned(keys, intent="service", customer_id=make_person(value_days_ago=()))
        sent: list[str] = []

        all_at_once(lambda number: claim_each(keys[number:] + keys[:number], sent))

        assert len(sent) == len(set(sent)) == 3
        assert Touch.objects.filter(state="sent").count() == 3

    def test_never_exceed_the_quota_of_the_platform(self) -> None:
        set_policy(wecom_person_most=2)
        keys = [f"k{n}" for n in range(12)]
        planned(keys, intent="transactional", customer_id=make_person())
        sent: list[str] = []

        all_at_once(lambda number: claim_each(keys[number:] + keys[:number], sent))

        assert len(sent) == len(set(sent)) == 2
        assert QuotaUse.objects.get().used == 2

    def test_never_exceed_a_cap_of_one_group(self) -> None:
        set_group_standing(actor=SYSTEM, group_key="wr1", standing="alive", joined_at=NOW - timedelta(days=90), now=NOW)
        keys = [f"k{n}" for n in range(8)]
        planned(keys, intent="value", group_key="wr1")
        sent: list[str] = []

        all_at_once(lambda number: claim_each(keys[number:] + keys[:number], sent))

        assert len(sent) == 1

    @pytest.mark.parametrize("claim", [one_by_one, together])
    def test_send_no_promotion_after_a_withdrawal(self, claim: Callable[[list[int]], list[int]]) -> None:
        people = [make_person() for _ in range(24)]
        for person in people:
            planned([f"p{person}"], intent="promotion", customer_id=person)
        withdrawn: set[int] = set()
        wronged: list[int] = []
        sent: list[int] = []

        def work(number: int) -> None:
            if number == 0:
                for person in reversed(people):
                    withdraw(person)
                    withdrawn.add(person)
                return
            mine = people[number - 1 :: WORKERS - 1]
            for some in (mine[:4], mine[4:]):
                before = withdrawn & set(some)
                sent.extend(got := claim(some))
                wronged.extend(before & set(got))

        all_at_once(work)

        assert withdrawn == set(people)
        assert wronged == []
        assert Touch.objects.filter(state="sent", intent="promotion").count() == len(sent)

    @pytest.mark.parametrize(("claim", "module"), [(one_by_one, touches), (together, claims)])
    def test_hold_the_person_while_they_decide(
        self, claim: Callable[[list[int]], list[int]], module: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = make_person()
        planned([f"p{person}"], intent="promotion", customer_id=person)
        was_read, is_withdrawn = Event(), Event()
        overtaken: list[bool] = []
        decide = module.decide

        def slowly(**told: Any) -> Any:
            # What is known of the person was read before: a withdrawal in between would not be seen.
            was_read.set()
            overtaken.append(is_withdrawn.wait(0.4))
            return decide(**told)

        monkeypatch.setattr(module, "decide", slowly)

        def work(number: int) -> None:
            if number == 0:
                assert claim([person]) == [person]
                return
            assert was_read.wait(20)
            withdraw(person)
            is_withdrawn.set()

        all_at_once(work, workers=2)

        assert overtaken == [False]
        assert is_withdrawn.is_set()
