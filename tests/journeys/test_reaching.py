"""Whom no way of a playbook reaches comes into neither of its arms, so that who got something is compared with people like them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, enter, message, wait
from yutang.customers.models import Consent, Customer, Identifier
from yutang.journeys import actions, queries
from yutang.journeys.models import Enrolment

TASK = {"id": "call", "do": "task", "words": "打电话"}


def inside(playbook_id: int, *, held: bool) -> set[int]:
    rows = Enrolment.objects.filter(playbook_id=playbook_id)
    rows = rows.filter(ended_because="held") if held else rows.exclude(ended_because="held")
    return set(rows.values_list("customer_id", flat=True))


def by_mail(key: str, intent: str = "value") -> dict[str, Any]:
    """Return a step by e-mail: a way that needs a yes also for what is useful, as short messages do."""
    return message(key, intent, channel="email", subject="问候")


def said(customer_id: int, channel: str, *, granted: bool, days_ago: int) -> None:
    """Write what somebody said about being served."""
    entry = {"purpose": "service", "channel": channel, "granted": granted, "wording_version": "v1", "evidence": "电话"}
    Consent.objects.create(customer_id=customer_id, occurred_at=NOW - timedelta(days=days_ago), **entry)


class TestWhomNoWayReaches:
    def test_is_in_neither_arm_and_is_counted(self, started: Started, person: Callable[..., int]) -> None:
        key = started(message("tip"), wait("pause"), holdout_percent=50)
        friends, strangers = [person() for _ in range(40)], [person(kinds=("phone",)) for _ in range(40)]

        entries = enter(key, *friends, *strangers)

        assert (entries.entered + entries.held, entries.unreached, entries.refused) == (40, 40, 0)
        assert entries.held > 0
        assert inside(key, held=True) | inside(key, held=False) == set(friends)
        assert queries.playbook(access=SYSTEM, playbook_id=key).counts.unreached == 40

    def test_comes_in_once_a_way_reaches_them(self, started: Started, person: Callable[..., int]) -> None:
        key, one = started(message("tip"), wait("pause")), person(kinds=())
        before = enter(key, one)
        Identifier.objects.create(kind="wecom", digest=b"0123456789abcdef", customer_id=one)

        after = enter(key, one)

        assert (before.unreached, after.entered) == (1, 1)

    def test_is_no_friend_of_staff_where_wecom_is_connected(
        self, started: Started, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, friend, lost = started(message("tip"), wait("pause")), person(), person()
        book = SimpleNamespace(befriended_of=lambda asked: frozenset({friend}) & frozenset(asked))
        monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [book])

        entries = enter(key, friend, lost)

        assert (inside(key, held=False), entries.unreached) == ({friend}, 1)

    def test_is_told_to_nobody_who_sees_some_stores_only(
        self, started: Started, person: Callable[..., int], stores: dict[str, Any]
    ) -> None:
        key = started(message("tip"))
        enter(key, person(kinds=(), store=stores["xuhui"]))
        of_store = replace(SYSTEM, store_ids=frozenset({stores["xuhui"].pk}))

        assert queries.playbook(access=of_store, playbook_id=key).counts.unreached is None


class TestConsent:
    def test_that_lacks_or_was_withdrawn_is_no_way(self, started: Started, person: Callable[..., int]) -> None:
        needs_yes, needs_no_no = started(by_mail("tip")), started(message("tip"), name="另一个")
        silent, willing, unwilling = person(yes_to=()), person(), person()
        said(unwilling, "any", granted=False, days_ago=0)

        enter(needs_yes, silent, willing, unwilling)
        enter(needs_no_no, silent, willing, unwilling)

        assert inside(needs_yes, held=False) == {willing}
        assert inside(needs_no_no, held=False) == {silent, willing}

    def test_counts_for_its_own_channel_by_the_latest_word(self, started: Started, person: Callable[..., int]) -> None:
        key, one = started(by_mail("tip")), person(yes_to=())
        said(one, "email", granted=True, days_ago=2)
        said(one, "sms", granted=False, days_ago=1)

        assert enter(key, one).entered == 1


def branch(key: str, then: str, otherwise: str = "next") -> dict[str, Any]:
    """Return a branch of which one way leads to a step; which way somebody takes is not known when they come in."""
    rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
    return {"id": key, "do": "branch", "ways": [{"rule": rule, "then": then}], "otherwise": otherwise}


def until(key: str, **more: Any) -> dict[str, Any]:
    """Return a wait for an order."""
    return {"id": key, "do": "wait_for", "happening": "order", "at_most_days": 7, **more}


class TestCourses:
    """Who would be said nothing to on some course that says something comes into neither arm."""

    def test_a_human_on_one_branch_is_no_way_for_who_takes_the_other(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(message("hello"), branch("back", "call"), message("tip"), wait("pause", days=1, then="end"), TASK)
        friend, called = person(), person(kinds=("phone",))

        entries = enter(key, friend, called)

        assert (inside(key, held=False), entries.unreached) == ({friend}, 1)

    def test_a_branch_that_ends_leaves_out_whom_the_message_before_it_did_not_reach(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(message("wish"), branch("loyal", "call", otherwise="end"), TASK)
        friend, called = person(), person(kinds=("phone",))

        enter(key, friend, called)

        assert inside(key, held=False) == {friend}

    def test_a_branch_that_says_nothing_on_one_way_asks_for_the_other_only(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(branch("worth", "call", otherwise="end"), TASK)
        friend, called, nobody = person(), person(kinds=("phone",)), person(kinds=("email",))

        enter(key, friend, called, nobody)

        assert inside(key, held=False) == {friend, called}

    def test_who_is_called_wherever_a_message_is_refused_is_reached(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(message("link", if_refused="call"), until("order", then="end", otherwise="call"), TASK)
        friend, called = person(), person(kinds=("phone",))

        enter(key, friend, called)

        assert inside(key, held=False) == {friend, called}

    def test_what_is_waited_for_and_happens_makes_good_for_what_was_not_said(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(message("link"), until("order", then="end", otherwise="call"), TASK)
        called = person(kinds=("phone",))

        assert enter(key, called).entered == 1

    def test_a_call_that_only_follows_a_happening_is_none_for_whom_the_message_does_not_reach(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(message("remind"), until("order", then="call", otherwise="end"), TASK)
        friend, called = person(), person(kinds=("phone",))

        enter(key, friend, called)

        assert inside(key, held=False) == {friend}

    def test_each_share_of_a_split_must_reach(self, started: Started, person: Callable[..., int]) -> None:
        ways = [{"percent": 50, "then": "tip"}, {"percent": 50, "then": "letter"}]
        key = started(
            {"id": "try", "do": "split", "ways": ways}, message("tip", then="end", if_refused="end"), by_mail("letter")
        )
        both, friend, has_mail = (person(kinds=kinds) for kinds in (("wecom", "email"), ("wecom",), ("email",)))

        enter(key, both, friend, has_mail)

        assert inside(key, held=False) == {both}

    def test_of_a_branch_before_another_system_everybody_comes_in(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        key = started(branch("worth", "told", otherwise="end"), {"id": "told", "do": "tell", "note": "到了"})

        assert enter(key, person(kinds=())).entered == 1


class TestWays:
    def test_any_of_them_is_enough(self, started: Started, person: Callable[..., int]) -> None:
        key = started(message("tip"), by_mail("letter"))
        both, has_mail, nothing = person(), person(kinds=("email",)), person(kinds=("phone",))

        enter(key, both, has_mail, nothing)

        assert inside(key, held=False) == {both, has_mail}

    def test_a_human_who_is_asked_reaches_who_has_a_number(self, started: Started, person: Callable[..., int]) -> None:
        key = started(message("tip"), TASK)
        called, nobody = person(kinds=("phone",), yes_to=()), person(kinds=("email",))

        enter(key, called, nobody)

        assert inside(key, held=False) == {called}

    @pytest.mark.parametrize("step", [{"id": "told", "do": "tell", "note": "到了"}, wait("pause")])
    def test_of_who_says_nothing_itself_everybody_comes_in(
        self, started: Started, person: Callable[..., int], step: dict[str, Any]
    ) -> None:
        key = started(step)

        assert enter(key, person(kinds=())).entered == 1


def test_a_dry_run_counts_them_apart_and_plays_the_others(own_lake: None, person: Callable[..., int]) -> None:
    people = [person(kinds=("wecom",) if n % 3 else ("phone",)) for n in range(30)]
    merged = person()
    Customer.objects.filter(pk=merged).update(merged_into_id=people[0])
    definition = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 20, "steps": [message("tip")]}
    key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

    found = queries.dry_run(access=SYSTEM, playbook_id=key, now=NOW)

    assert (found.of_people, found.people, found.unreached) == (20, 20, 10)
    assert len({one.customer_id for one in found.foreseen}) == 20 - found.held
