"""Mass messages against the simulated WeCom: chunks, confirmations and results add up person by person, whatever is killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.delivery.conftest import SYSTEM, Corp, plan, states, way_of
from yutang.channels.actions import Message, let_go_on, plan_many, set_group_standing, stop_sending
from yutang.channels.delivery import following
from yutang.channels.delivery.following import follow_round
from yutang.channels.delivery.mass import create_round
from yutang.channels.delivery.reconciling import SETTLED
from yutang.channels.delivery.rounds import LEASE
from yutang.channels.models import Delivery, DeliveryStep, MassTask, QuotaUse, Touch
from yutang.connectors.wecom.simulator import acts_mass
from yutang.connectors.wecom.simulator.world import Tie
from yutang.customers.actions import withdraw_consent
from yutang.foundation.actions import change_setting
from yutang.wecom.models import Account, Contact, Friendship

pytestmark = pytest.mark.django_db
OpenCorp = Callable[..., Corp]
Reachable = Callable[..., int]


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture
def corp(open_corp: OpenCorp) -> Corp:
    return open_corp()


def friends(corp: Corp, reachable: Reachable, *, intent: str = "service") -> list[int]:
    """Let twelve people be customers of three members of staff, each with a message planned."""
    people = [reachable(number) for number in range(12)]
    corp.befriend(people)
    for someone in people:
        plan(someone, "wecom", key=f"k{someone}", campaign="may", intent=intent)
    return people


def follow(corp: Corp, **span: float) -> int:
    corp.pass_by(**(span or {"seconds": 30}))
    return follow_round(book=corp.book, clock=corp.now)


def confirm(corp: Corp, task: Any) -> None:
    for userid in task.targets:
        corp.sandbox.order("member/confirm", msgid=task.msgid, userid=userid)


class TestTasks:
    def test_one_for_each_member_of_staff_and_nothing_is_said_that_wecom_has_not(
        self, corp: Corp, reachable: Reachable
    ) -> None:
        people = friends(corp, reachable)

        done = create_round(book=corp.book, clock=corp.now)

        assert (done.claimed, done.created, done.tasks) == (12, 12, len(corp.tasks()))
        assert done.tasks == len({userid for _external, userid in corp.book.people.values()})
        assert set(states().values()) == {"created"}
        assert {one.msgid for one in corp.tasks()} == set(MassTask.objects.values_list("msgid", flat=True))
        follow(corp)
        assert set(states().values()) == {"notified"}
        confirm(corp, corp.tasks()[0])
        follow(corp, minutes=6)
        first = {target for targets in corp.tasks()[0].targets.values() for target in targets}
        reached = {f"k{one}" for one in people if corp.book.people[one][0] in first}
        assert {key for key, state in states().items() if state == "delivered"} == reached
        assert way_of(min(reached)) == ["claimed", "handing", "created", "notified", "confirmed", "delivered"]
        step = DeliveryStep.objects.filter(touch__key=min(reached), state="delivered").get()
        assert step.at < step.noted_at

    def test_chunks_hold_no_more_than_a_task_may_name(self, corp: Corp, reachable: Reachable) -> None:
        change_setting(actor=SYSTEM, key="channels.customers_a_task", value=2, now=NOW)
        friends(corp, reachable)

        create_round(book=corp.book, clock=corp.now)

        sizes = [sum(len(targets) for targets in one.targets.values()) for one in corp.tasks()]
        assert sum(sizes) == 12
        assert max(sizes) == 2
        assert all(len(one.targets) == 1 for one in corp.tasks())

    def test_refusals_are_told_person_by_person(self, corp: Corp, reachable: Reachable) -> None:
        people = friends(corp, reachable)
        stranger, lost, full, deleted = people[:4]
        del corp.book.people[stranger]
        for one, tie in ((lost, Tie.LEFT_BY_CUSTOMER), (deleted, Tie.DELETED_BY_STAFF)):
            external, userid = corp.book.people[one]
            corp.world.relations[userid][external].tie = tie
        corp.world.received[corp.book.people[full][0]] = [corp.world.now()] * 31

        create_round(book=corp.book, clock=corp.now)
        corp.pass_by(seconds=30)
        corp.sandbox.order("member/confirm_all")
        follow(corp, minutes=6)

        told = states()
        assert told.pop(f"k{stranger}") == told.pop(f"k{lost}") == told.pop(f"k{deleted}") == "not_a_friend"
        assert told.pop(f"k{full}") == "quota_refused"
        assert set(told.values()) == {"delivered"}
        assert Touch.objects.filter(key__startswith="k", state="failed").count() == 4
        # What did not arrive gives its place back; what WeCom's own quota refused has used it up.
        used = QuotaUse.objects.filter(used__gt=0).values_list("customer_id", flat=True)
        assert set(used) == set(people) - {stranger, lost, deleted}
        assert set(MassTask.objects.values_list("state", flat=True)) == {"ended"}

    def test_groups_are_posted_to_by_their_owners(self, corp: Corp) -> None:
        groups = {chat.chat_id: chat.owner for chat in corp.world.chats.values()}
        for key in groups:
            set_group_standing(
                actor=SYSTEM, group_key=key, standing="alive", joined_at=NOW - timedelta(days=90), now=NOW
            )
        corp.book.groups = {key: (key, owner) for key, owner in groups.items()}
        posts = [
            Message(key=f"p{key}", channel="group", intent="value", group_key=key, campaign="may", content="said:hello")
            for key in groups
        ]
        plan_many(actor=SYSTEM, messages=posts, now=NOW)

        create_round(book=corp.book, clock=corp.now)
        corp.pass_by(seconds=30)
        task = corp.tasks()[0]
        (owner,) = task.targets
        chosen = task.targets[owner][:1]
        acts_mass.confirm(corp.world, msgid=task.msgid, userid=owner, only=chosen)
        follow(corp)

        assert len(corp.tasks()) == len(set(groups.values()))
        # Of groups only those count as confirmed that the owner chose.
        assert Counter(states().values()) == {"delivered": 1, "notified": len(groups) - 1}
        assert states()[f"p{chosen[0]}"] == "delivered"


class TestStaff:
    def test_are_looked_after_each_minute_while_few_tasks_are_open_and_more_seldom_while_many_are(
        self, corp: Corp, reachable: Reachable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (someone,) = people = [reachable(1)]
        corp.befriend(people)
        plan(someone, "wecom", key="one")
        create_round(book=corp.book, clock=corp.now)
        follow(corp)
        soon = MassTask.objects.get().next_at - corp.now()

        monkeypatch.setattr(following, "FEW_TASKS", 0)
        follow(corp, minutes=2)

        later = MassTask.objects.get().next_at - corp.now()
        assert timedelta(seconds=50) < soon <= timedelta(minutes=1)
        assert timedelta(minutes=4) < later <= timedelta(minutes=5)

    def test_are_reminded_by_day_and_three_times_at_most(self, corp: Corp, reachable: Reachable) -> None:
        change_setting(actor=SYSTEM, key="delivery.task_hours", value=200, now=NOW)
        friends(corp, reachable)
        create_round(book=corp.book, clock=corp.now)
        moments: list[int] = []
        seen = 0

        for _ in range(90):
            follow(corp, hours=1)
            count = sum(len(one.reminders) for one in corp.tasks())
            if count > seen:
                moments.append((corp.now() + timedelta(hours=8)).hour)
                seen = count

        assert seen == 3 * len(corp.tasks())
        assert all(9 <= hour < 20 for hour in moments)

    def test_who_do_not_confirm_in_time_are_relieved_of_the_task(self, corp: Corp, reachable: Reachable) -> None:
        friends(corp, reachable)
        create_round(book=corp.book, clock=corp.now)
        follow(corp)
        confirm(corp, corp.tasks()[0])

        follow(corp, hours=48)

        told = Counter(states().values())
        reached = len(next(iter(corp.tasks()[0].targets.values())))
        assert told == {"delivered": reached, "failed": 12 - reached}
        assert all(one.is_cancelled for one in corp.tasks())
        assert set(Delivery.objects.filter(state="failed").values_list("fault", flat=True)) == {"not_confirmed"}

    def test_are_not_asked_any_more_when_everything_is_stopped(self, corp: Corp, reachable: Reachable) -> None:
        people = friends(corp, reachable)
        create_round(book=corp.book, clock=corp.now)
        follow(corp)

        stop_sending(actor=SYSTEM, channel="all", now=corp.now())
        follow(corp, minutes=6)

        assert all(one.is_cancelled for one in corp.tasks())
        assert set(Touch.objects.filter(key__startswith="k").values_list("state", flat=True)) == {"planned"}
        assert create_round(book=corp.book, clock=corp.now).claimed == 0
        let_go_on(actor=SYSTEM, channel="all", now=corp.now())
        assert create_round(book=corp.book, clock=corp.now).created == len(people)

    def test_are_not_asked_any_more_to_send_what_somebody_said_no_to(self, corp: Corp, reachable: Reachable) -> None:
        people = friends(corp, reachable, intent="promotion")
        create_round(book=corp.book, clock=corp.now)
        follow(corp)
        someone = people[0]
        said = {"purpose": "promotion", "channel": "wecom", "wording_version": "v1", "evidence": "call"}
        withdraw_consent(actor=SYSTEM, customer_id=someone, occurred_at=corp.now(), now=corp.now(), **said)
        _hear(corp)

        follow(corp)
        create_round(book=corp.book, clock=corp.now)

        external, userid = corp.book.people[someone]
        first, again = (one for one in corp.tasks() if userid in one.targets)
        assert first.is_cancelled
        assert external in first.targets[userid]
        assert set(again.targets[userid]) == set(first.targets[userid]) - {external}
        assert states()[f"k{someone}"] in {"refused", "put_off"}
        assert Touch.objects.get(key=f"k{someone}").state == "refused"


def _hear(corp: Corp) -> None:
    """Deliver the events that were recorded."""
    from yutang.channels import handlers
    from yutang.customers.events import ConsentChanged
    from yutang.foundation.models import OutboxEvent

    for row in OutboxEvent.objects.filter(kind="customers.ConsentChanged"):
        told = ConsentChanged(**{**row.payload, "occurred_at": corp.now()})
        handlers.stop_what_nobody_wants(told, event_id=row.pk, now=corp.now())


class TestLostAnswers:
    def lose_in_the_call(self, corp: Corp, monkeypatch: pytest.MonkeyPatch, *, made: bool) -> None:
        """Kill the worker in its first call, before or after WeCom made the task."""
        create = corp.client.mass.create

        def killed(**told: Any) -> Any:
            if made:
                create(**told)
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(corp.client.mass, "create", killed)
            create_round(book=corp.book, clock=corp.now)

    def test_a_task_that_was_made_is_found_and_not_made_again(
        self, corp: Corp, reachable: Reachable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = friends(corp, reachable)
        self.lose_in_the_call(corp, monkeypatch, made=True)
        assert Counter(states().values())["handing"] == len(next(iter(corp.tasks()[0].targets.values())))

        follow(corp, seconds=LEASE.total_seconds() + 1)
        create_round(book=corp.book, clock=corp.now)
        follow(corp, minutes=6)

        targets = [target for one in corp.tasks() for part in one.targets.values() for target in part]
        assert sorted(targets) == sorted(corp.book.people[one][0] for one in people)
        assert set(states().values()) == {"notified"}

    def test_a_task_that_was_not_made_lets_its_messages_be_planned_again(
        self, corp: Corp, reachable: Reachable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = friends(corp, reachable)
        self.lose_in_the_call(corp, monkeypatch, made=False)

        follow(corp, seconds=SETTLED.total_seconds() + LEASE.total_seconds())
        create_round(book=corp.book, clock=corp.now)

        targets = [target for one in corp.tasks() for part in one.targets.values() for target in part]
        assert sorted(targets) == sorted(corp.book.people[one][0] for one in people)
        assert set(states().values()) == {"created"}

    def test_an_answer_that_the_network_ate_is_looked_up(self, corp: Corp, reachable: Reachable) -> None:
        people = friends(corp, reachable)
        corp.sandbox.fault(kind="drop_after", api="externalcontact/add_msg_template", times=1)

        done = create_round(book=corp.book, clock=corp.now)
        assert done.unknown > 0
        follow(corp)
        follow(corp)

        targets = [target for one in corp.tasks() for part in one.targets.values() for target in part]
        assert len(targets) == len(set(targets)) == len(people)
        assert set(states().values()) == {"notified"}

    def test_what_wecom_refuses_for_now_waits_and_what_it_refuses_for_good_fails(
        self, corp: Corp, reachable: Reachable, said: dict[str, Any]
    ) -> None:
        friends(corp, reachable)
        corp.sandbox.fault(kind="code", errcode=60020, api="externalcontact/add_msg_template", times=9)

        done = create_round(book=corp.book, clock=corp.now)

        assert (done.put_off, done.created) == (12, 0)
        corp.sandbox.order("faults", clear=True)
        said["hello"]["text"] = "长" * 2_000
        corp.pass_by(hours=1)
        assert create_round(book=corp.book, clock=corp.now).failed == 12
        assert set(Delivery.objects.values_list("fault", flat=True)) == {"wecom_over_limit"}


class TestLastTouch:
    def test_is_noted_at_the_friendship_by_whom_the_message_went(self, corp: Corp, reachable: Reachable) -> None:
        people = friends(corp, reachable)
        accounts: dict[str, Account] = {}
        for number, someone in enumerate(people):
            userid = corp.book.people[someone][1]
            account = accounts.get(userid) or Account.objects.create(userid=userid, seen_at=NOW)
            accounts[userid] = account
            contact = Contact.objects.create(
                digest=bytes([number]) * 16, sealed_card=b"", customer_id=someone, seen_at=NOW
            )
            Friendship.objects.create(account=account, contact=contact, standing="friends")
        create_round(book=corp.book, clock=corp.now)
        follow(corp)
        task = MassTask.objects.get(msgid=corp.tasks()[0].msgid)
        assert task.confirmed_at is None

        confirm(corp, corp.tasks()[0])
        follow(corp, minutes=6)

        steps = DeliveryStep.objects.filter(state="delivered").values_list("touch__customer_id", "at")
        noted = Friendship.objects.exclude(last_touch_at=None).values_list("contact__customer_id", "last_touch_at")
        assert dict(noted) == dict(steps)
        assert 0 < len(noted) < len(people)
        task.refresh_from_db()
        assert task.confirmed_at is not None
