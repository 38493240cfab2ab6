"""From an event to a receiver: told once, tried again, given up, sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.customers.rows import resolve
from tests.webhooks.conftest import SYSTEM, Clock
from yutang.connectors.webhook_receiver import Receiver, is_signed
from yutang.customers import actions as people
from yutang.customers.events import ConsentChanged, PeopleMerged
from yutang.customers.models import Customer
from yutang.foundation.events import StoreChanged
from yutang.foundation.jobs import enqueue, run_inline, run_worker
from yutang.foundation.models import AuditEntry, Job
from yutang.ingest.events import ImportFinished, ImportUndone
from yutang.webhooks import actions, queries
from yutang.webhooks.announcing import announce
from yutang.webhooks.models import Delivery, Endpoint, Message
from yutang.webhooks.tasks import KEPT, deliver_webhooks, forget_webhooks
from yutang.webhooks.tries import LEASE, MOST_ATTEMPTS, pause_after, rest_after

pytestmark = pytest.mark.django_db(transaction=True)


class TestTelling:
    def test_brings_a_change_to_a_receiver_by_way_of_outbox_and_worker(
        self, register: Callable[..., Any], receiver: Receiver
    ) -> None:
        (person,) = resolve({"phone": "+8614550001234"})
        made = register(receiver.url, "customers.ConsentChanged")
        now = timezone.now()
        entry = people.withdraw_consent(
            actor=SYSTEM, customer_id=person, purpose="promotion", channel="sms", wording_version="v1",
            evidence="call", occurred_at=now, now=now,
        )  # fmt: skip

        run_worker(until_idle=True, schedules=False)
        run_worker(until_idle=True, schedules=False)

        (received,) = receiver.received
        assert is_signed(received, secret=made.secret)
        assert received.content["type"] == "customers.ConsentChanged"
        assert received.content["data"] == {
            "consent_id": entry, "customer_id": person, "purpose": "promotion", "channel": "sms", "granted": False,
            "occurred_at": now.isoformat().replace("+00:00", "Z"),
        }  # fmt: skip
        assert Delivery.objects.get().status == "taken"

    def test_tells_each_receiver_what_it_asks_for_under_one_id(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any], receiver: Receiver
    ) -> None:
        with Receiver() as other:
            register(receiver.url, "ingest.ImportUndone")
            register(other.url, "ingest.ImportUndone", "ingest.ImportFinished")
            told(ImportUndone(7))
            told(ImportFinished(8, "orders", True))
            deliver()

        assert [one.content["data"] for one in receiver.received] == [{"import_id": 7}]
        assert {one.content["type"] for one in other.received} == {"ingest.ImportUndone", "ingest.ImportFinished"}
        ids = {one.content["data"]["import_id"]: one.message_id for one in (*receiver.received, *other.received)}
        assert receiver.received[0].message_id == ids[7] != ids[8]

    def test_hears_the_same_event_once(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver, clock: Clock
    ) -> None:
        register(receiver.url)
        event_id = told(ImportUndone(7))
        announce(ImportUndone(7), event_id=event_id, now=clock.now)

        assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_writes_nothing_where_nobody_asks(self, told: Callable[..., int]) -> None:
        told(ImportUndone(7))

        assert not Message.objects.exists()


class TestReach:
    def test_tells_of_the_people_and_stores_that_a_receiver_reaches(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        stores: dict[str, Any], receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        here, there, nowhere = resolve({"phone": "+8614550001234"}, {"phone": "+8614550005678"}, {"member_no": "M1"})
        Customer.objects.filter(pk=here).update(store=stores["xuhui"])
        Customer.objects.filter(pk=there).update(store=stores["tianhe"])
        kinds = ("customers.ConsentChanged", "foundation.StoreChanged", "ingest.ImportUndone", "customers.PeopleMerged")
        register(receiver.url, *kinds, store_codes=["SH01"])
        for person in (here, there, nowhere):
            told(ConsentChanged(1, person or 0, "promotion", "sms", True, clock.now))
        for store in ("xuhui", "tianhe"):
            told(StoreChanged(stores[store].pk))
        told(ImportUndone(3))
        told(PeopleMerged(1, there or 0, here or 0))
        deliver()

        heard = [(one.content["type"].partition(".")[2], one.content["data"]) for one in receiver.received]
        assert sorted(kind for kind, _ in heard) == ["ConsentChanged", "ImportUndone", "PeopleMerged", "StoreChanged"]
        assert {facts["customer_id"] for kind, facts in heard if kind == "ConsentChanged"} == {here}
        assert {facts["store_id"] for kind, facts in heard if kind == "StoreChanged"} == {stores["xuhui"].pk}

    def test_shows_people_masked_and_only_those_within_reach(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        stores: dict[str, Any], receiver: Receiver,
    ) -> None:  # fmt: skip
        here, there = resolve({"phone": "+8614550001234", "name": "李静"}, {"phone": "+8614550005678", "name": "王芳"})
        Customer.objects.filter(pk=here).update(store=stores["xuhui"])
        Customer.objects.filter(pk=there).update(store=stores["tianhe"])
        register(receiver.url, "customers.PeopleMerged", store_codes=["SH01"], with_people=True)
        told(PeopleMerged(1, here or 0, there or 0))
        deliver()

        (received,) = receiver.received
        (shown,) = received.content["data"]["people"]
        assert (shown["id"], shown["store_id"]) == (here, stores["xuhui"].pk)
        assert shown["phone"].endswith("1234")
        for clear in ("14550001234", "14550005678", "静", "芳"):
            assert clear not in received.body.decode()

    def test_keeps_nothing_personal_in_the_queue(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver
    ) -> None:
        (person,) = resolve({"phone": "+8614550001234", "name": "李静"})
        register(receiver.url, "customers.PeopleMerged", with_people=True)
        told(PeopleMerged(1, person or 0, person or 0))

        rows = str([*Message.objects.values(), *Delivery.objects.values()])
        assert "李" not in rows
        assert "1234" not in rows


class TestTryingAgain:
    def test_waits_longer_each_time_and_gives_up(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: 500
        register(receiver.url)
        told(ImportUndone(7))
        pauses = []
        for _ in range(MOST_ATTEMPTS):
            Endpoint.objects.update(failing_since=None, rests_until=None)
            assert deliver().sent == 1
            row = Delivery.objects.get()
            pauses.append(row.next_at - clock.now)
            clock.now = row.next_at

        assert row.status == "dead"
        assert (row.attempts, row.answer_status, row.fault) == (MOST_ATTEMPTS, 500, "answer")
        assert deliver().sent == 0
        assert len({one.message_id for one in receiver.received}) == 1
        assert timedelta(seconds=5) <= pauses[0] <= timedelta(seconds=6)
        assert pauses[:6] == sorted(pauses[:6])
        assert max(pauses[:-1]) <= timedelta(hours=14, minutes=24)
        assert timedelta(days=3) < sum(pauses[:-1], timedelta()) < timedelta(days=4)

    def test_does_as_the_receiver_asks(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: (429, {"Retry-After": "3600"})
        register(receiver.url)
        told(ImportUndone(7))
        deliver()

        assert Delivery.objects.get().next_at >= clock.now + timedelta(hours=1)

    def test_one_that_fails_does_not_hold_up_the_others(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        with Receiver(answers=lambda _: 500) as broken:
            failing = register(broken.url)
            for number in range(200):
                told(ImportUndone(number))
            register(receiver.url)
            told(ImportUndone(999))
            rounds = [deliver() for _ in range(3)]
            clock.on(seconds=6)
            deliver()

        assert [one.message_id for one in receiver.received]
        assert [one.sent for one in rounds] == [9, 0, 0]
        # One round with eight, then it rests, then a single one to see.
        assert len(broken.received) == 9
        assert queries.endpoint(access=SYSTEM, endpoint_id=failing.id).health == "failing"

    def test_goes_on_when_it_works_again(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: 500
        made = register(receiver.url)
        for number in range(20):
            told(ImportUndone(number))
        deliver()
        receiver.answers = lambda _: 200
        for _ in range(10):
            clock.on(seconds=40)
            deliver()

        view = queries.endpoint(access=SYSTEM, endpoint_id=made.id)
        assert (view.health, view.taken, view.waiting, view.dead) == ("well", 20, 0, 0)

    def test_a_job_sends_all_that_is_due_and_asks_for_the_next_look(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver
    ) -> None:
        register(receiver.url)
        for number in range(30):
            told(ImportUndone(number))

        run_inline(enqueue(deliver_webhooks, {}, now=timezone.now()))

        assert len({one.message_id for one in receiver.received}) == 30
        assert Job.objects.get(task_path=deliver_webhooks.module_path, status="done").result == {
            "sent": 30,
            "taken": 30,
        }

    def test_pauses(self) -> None:
        assert pause_after(1) < pause_after(2) < pause_after(6)
        assert pause_after(1_000) <= timedelta(hours=14, minutes=24)
        assert pause_after(1, asked_seconds=100) >= timedelta(seconds=100)
        assert (rest_after(1), rest_after(1_000)) == (timedelta(seconds=5), timedelta(minutes=10))


class TestClaiming:
    def test_two_workers_never_send_the_same_at_once(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any], receiver: Receiver
    ) -> None:
        register(receiver.url)
        told(ImportUndone(7))
        during: list[int] = []

        def meanwhile(_: Any) -> int:
            from django.db import connection

            during.append(deliver().sent)
            connection.close()
            return 200

        receiver.answers = meanwhile

        assert deliver().taken == 1
        assert during == [0]

    def test_what_a_dead_worker_had_claimed_is_tried_after_the_lease(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        register(receiver.url)
        told(ImportUndone(7))

        def die(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr("yutang.webhooks.delivering._bodies", die)
            deliver()
        assert deliver().sent == 0
        clock.now += LEASE

        assert deliver().taken == 1


class TestSwitchedOff:
    def test_after_three_days_of_failures_and_somebody_is_told_once(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock, owner: Any, manager: Any,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: 500
        made = register(receiver.url)
        told(ImportUndone(7))
        deliver()
        clock.on(days=2)
        deliver()
        assert queries.endpoint(access=SYSTEM, endpoint_id=made.id).health == "failing"
        clock.on(days=1, minutes=1)
        told(ImportUndone(8))
        deliver()

        view = queries.endpoint(access=SYSTEM, endpoint_id=made.id)
        assert (view.health, view.off_because) == ("off", "failing")
        assert AuditEntry.objects.filter(action="webhooks.switched_off", subject_id=str(made.id)).count() == 1
        assert actions.note_switch_offs_told(actor=manager, now=clock.now) == ()
        assert actions.note_switch_offs_told(actor=owner, now=clock.now) == ((made.id, "ERP"),)
        assert actions.note_switch_offs_told(actor=owner, now=clock.now) == ()

    def test_what_happens_meanwhile_waits(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        made = register(receiver.url)
        actions.switch_endpoint_off(actor=SYSTEM, endpoint_id=made.id, now=clock.now)
        told(ImportUndone(7))
        assert deliver().sent == 0

        actions.switch_endpoint_on(actor=SYSTEM, endpoint_id=made.id, now=clock.now)

        assert deliver().taken == 1

    def test_at_once_when_it_says_that_it_is_gone(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: 410
        made = register(receiver.url)
        told(ImportUndone(7))
        deliver()

        view = queries.endpoint(access=SYSTEM, endpoint_id=made.id)
        assert (view.health, view.off_because, view.dead) == ("off", "gone", 1)


class TestReplay:
    def test_sends_again_under_the_same_id(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        made = register(receiver.url)
        for number in range(5):
            told(ImportUndone(number))
        deliver()
        Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[:3]).update(status="dead")
        receiver.received.clear()

        assert actions.replay_dead(actor=SYSTEM, endpoint_id=made.id, now=clock.now) == 3
        assert actions.replay_dead(actor=SYSTEM, endpoint_id=made.id, now=clock.now) == 0
        deliver()
        one = Delivery.objects.order_by("-pk")[0]
        actions.replay_delivery(actor=SYSTEM, delivery_id=one.pk, now=clock.now)
        with pytest.raises(actions.DeliveryWaitsAlready):
            actions.replay_delivery(actor=SYSTEM, delivery_id=one.pk, now=clock.now)
        deliver()

        known = set(Message.objects.values_list("token", flat=True))
        assert len(receiver.received) == 4
        assert {each.message_id for each in receiver.received} <= known
        assert not Delivery.objects.exclude(status="taken").exists()

    def test_refuses_what_is_off_or_out_of_reach(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver, clock: Clock
    ) -> None:
        made = register(receiver.url)
        actions.switch_endpoint_off(actor=SYSTEM, endpoint_id=made.id, now=clock.now)

        with pytest.raises(actions.EndpointIsOff):
            actions.replay_dead(actor=SYSTEM, endpoint_id=made.id, now=clock.now)
        with pytest.raises(actions.NoSuchDelivery):
            actions.replay_delivery(actor=SYSTEM, delivery_id=404, now=clock.now)

    def test_a_test_is_sent_though_the_receiver_rests(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        receiver.answers = lambda _: 500
        made = register(receiver.url)
        told(ImportUndone(7))
        deliver()
        receiver.answers = lambda _: 200
        receiver.received.clear()

        actions.send_test(actor=SYSTEM, endpoint_id=made.id, now=clock.now)
        deliver()

        (received,) = receiver.received
        assert (received.content["type"], received.content["data"]) == ("webhooks.Test", {"endpoint_id": made.id})


class TestForgetting:
    def test_drops_messages_whose_time_is_over(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver
    ) -> None:
        register(receiver.url)
        told(ImportUndone(7))
        told(ImportUndone(8))
        old = Message.objects.order_by("pk")[0]
        Message.objects.filter(pk=old.pk).update(occurred_at=timezone.now() - KEPT - timedelta(minutes=1))
        Message.objects.exclude(pk=old.pk).update(occurred_at=timezone.now())

        run_inline(enqueue(forget_webhooks, {}, now=timezone.now()))

        assert [row.message_id for row in Delivery.objects.all()] == [Message.objects.get().pk]
