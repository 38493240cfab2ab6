"""Whom the triggers let in: what is new since the last look, and nothing that was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import NOW
from tests.console.shop import fill
from tests.journeys.conftest import SYSTEM, Started, enter, message, tick, wait
from yutang.channels.actions import claim_to_send
from yutang.channels.models import Decision, Touch
from yutang.customers.models import Customer, Identifier
from yutang.ingest.journal import touch
from yutang.ingest.lake_sync import sync_lake
from yutang.insight.actions import score_customers
from yutang.insight.models import Score
from yutang.journeys import actions
from yutang.journeys.models import Enrolment, Playbook
from yutang.journeys.queries import dry_run
from yutang.orders.models import Order
from yutang.segments.actions import refresh_segments, save_segment

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Any, transactional_db: None) -> Iterator[None]:
    """A small shop with orders and scores."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    return


def begin(trigger: dict[str, Any], *, now: datetime = NOW, **more: Any) -> int:
    definition = {"format": 1, "trigger": trigger, "holdout_percent": 0, "steps": [wait("pause", days=300)], **more}
    key = actions.create_playbook(actor=SYSTEM, name=f"{trigger['kind']}", definition=definition, now=now)
    actions.start_playbook(actor=SYSTEM, playbook_id=key, now=now)
    return key


def inside() -> set[int]:
    return set(Enrolment.objects.values_list("customer_id", flat=True))


def refigured(now: datetime) -> None:
    """Bring lake and scores up to date after the store was changed by hand."""
    touch("orders_order", {f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)}, now=now)
    sync_lake(now=now)
    score_customers(actor=SYSTEM, now=now)


class TestStages:
    def test_who_comes_into_one_enters_and_who_is_there_already_does_not(self, shop: None) -> None:
        before = set(Score.objects.filter(stage="at_risk").values_list("customer_id", flat=True))
        begin({"kind": "stage", "to": ["at_risk", "asleep", "lost"]})
        tick()
        at_once = inside()

        gone = Order.objects.filter(business_date__gte="2025-11-20", customer__isnull=False)
        person = gone.order_by("customer_id").values_list("customer_id", flat=True).first()
        Order.objects.filter(customer_id=person, business_date__gte="2025-11-20").update(status=50)
        refigured(NOW + DAY)
        stage = Score.objects.get(customer_id=person).stage
        tick(NOW + DAY)
        tick(NOW + DAY)

        assert at_once == set()
        assert stage in {"at_risk", "asleep", "lost"}
        assert person in inside()
        assert inside().isdisjoint(before)

    def test_who_is_there_enters_where_that_is_wished(self, shop: None) -> None:
        everybody = set(Score.objects.filter(orders__gte=1).values_list("customer_id", flat=True))
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
        key = begin({"kind": "fits", "rule": rule, "include_present": True})

        tick()
        actions.pause_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        Enrolment.objects.all().delete()
        actions.resume_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        entered = inside()
        tick()

        assert len(everybody) > 10
        assert entered == set()
        assert inside() == set()
        assert Playbook.objects.get().fitted is not None

    def test_an_audience_narrows_who_enters(self, shop: None) -> None:
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
        narrow = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 6}}
        begin({"kind": "fits", "rule": rule, "include_present": True}, audience=narrow)

        tick()

        assert inside() == set(Score.objects.filter(orders__gte=6).values_list("customer_id", flat=True))
        assert inside()


class TestSegments:
    def test_who_enters_a_saved_one_enters(self, shop: None) -> None:
        most = Score.objects.order_by("-orders").values_list("orders", flat=True)[0]
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": most + 1}}
        segment_id = save_segment(actor=SYSTEM, name="最多", rule=rule, now=NOW)
        begin({"kind": "segment", "segment_id": segment_id})
        tick()
        at_once = inside()

        person = Score.objects.filter(orders=most).values_list("customer_id", flat=True)[0]
        twin = Order.objects.filter(customer_id=person).latest("business_date")
        twin.pk, twin.number = None, "X1"
        twin.save(force_insert=True)
        refigured(NOW + DAY)
        refresh_segments(actor=SYSTEM, now=NOW + DAY)
        tick(NOW + DAY)

        assert at_once == set()
        assert inside() == {person}


class TestDays:
    def test_each_day_lets_in_whose_day_it_is_once(self, shop: None) -> None:
        wanted = {}
        for person, day in Score.objects.exclude(last_order_date=None).values_list("customer_id", "last_order_date"):
            wanted.setdefault(day, set()).add(person)
        begin({"kind": "date", "of": "last_order", "days": 3})

        seen: dict[int, set[int]] = {}
        for n in range(5):
            # Two in the night is too early for today, yet yesterday is done.
            tick(NOW - timedelta(hours=8) + n * DAY)
            tick(NOW + n * DAY)
            seen[n] = inside()

        for n, entered in seen.items():
            days = {NOW.date() + (k - 3) * DAY for k in range(n + 1)}
            assert entered == {person for day in days for person in wanted.get(day, set())}
        assert seen[4]

    def test_days_of_a_standstill_are_made_up_for(self, shop: None) -> None:
        begin({"kind": "date", "of": "last_order", "days": 3})

        tick(NOW + 4 * DAY)

        days = {NOW.date() + (k - 3) * DAY for k in range(5)}
        assert inside() == set(Score.objects.filter(last_order_date__in=days).values_list("customer_id", flat=True))

    def test_a_birthday_comes_round(self, stores: Any, own_lake: None) -> None:
        from yutang.customers.people_store import add_name_tokens
        from yutang.customers.rules import birthday_word

        people = [Customer.objects.create(sealed_profile=b"", first_seen_at=NOW) for _ in range(2)]
        add_name_tokens([(people[0].pk, [birthday_word("03-13")]), (people[1].pk, [birthday_word("04-13")])])
        begin({"kind": "date", "of": "birthday", "days": -2})

        tick()

        assert inside() == {people[0].pk}


class TestOrders:
    def test_an_order_that_comes_to_the_state_lets_in_and_older_ones_do_not(self, shop: None) -> None:
        Order.objects.update(status=30)
        refigured(NOW)
        begin({"kind": "order", "state": "completed"}, reentry={"kind": "after_days", "days": 1})
        tick()

        one = Order.objects.filter(business_date__gte="2026-02-20", customer__isnull=False).first()
        assert one is not None
        Order.objects.filter(pk=one.pk).update(status=40)
        refigured(NOW + DAY)
        tick(NOW + DAY)
        again = tick(NOW + 3 * DAY)

        assert inside() == {one.customer_id}
        assert Enrolment.objects.get().entry.endswith(f":o{one.pk}")
        assert again.entered == 0

    def test_only_the_first_order_within_an_amount(self, shop: None) -> None:
        Order.objects.update(status=10)
        refigured(NOW)
        begin({"kind": "order", "state": "paid", "first": True, "least_minor": 10_000, "most_minor": 15_000})
        tick()

        Order.objects.update(status=20)
        firsts = {}
        for order in Order.objects.exclude(customer=None).order_by("business_date", "pk"):
            firsts.setdefault(order.customer_id, order)
        Order.objects.filter(pk__in=[one.pk for one in firsts.values()]).update(business_date="2026-02-15")
        Order.objects.exclude(pk__in=[one.pk for one in firsts.values()]).update(business_date="2026-02-16")
        refigured(NOW + DAY)
        tick(NOW + DAY)

        assert inside() == {key for key, one in firsts.items() if 10_000 <= one.total_minor <= 15_000}
        assert inside()


class TestSchedules:
    def test_come_round_once_for_everybody_in_the_audience(self, shop: None) -> None:
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
        trigger = {"kind": "schedule", "every": "week", "weekday": "thursday", "time": "10:00"}
        begin(trigger, audience=rule, reentry={"kind": "after_days", "days": 5})

        tick(NOW + timedelta(hours=20))
        early = inside()
        tick(NOW + DAY)
        tick(NOW + DAY + timedelta(minutes=5))
        first = Enrolment.objects.count()
        Enrolment.objects.update(lane=-1 * actions.F("id"), ended_at=NOW + DAY, ended_because="end")
        tick(NOW + 8 * DAY)

        everybody = Score.objects.filter(orders__gte=1).count()
        assert (early, first, Enrolment.objects.count()) == (set(), everybody, 2 * everybody)

    def test_one_without_an_audience_is_not_started(self, own_lake: None) -> None:
        with pytest.raises(actions.PlaybookCannotStart):
            begin({"kind": "schedule", "every": "day", "time": "10:00"})


class TestDryRun:
    def test_tells_what_would_go_out_and_writes_nothing(self, shop: None) -> None:
        from yutang.channels.models import Touch

        trigger = {"kind": "fits", "rule": {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}}
        steps = [
            {"id": "tip", "do": "message", "channel": "sms", "intent": "service", "words": "您好"},
            wait("pause", days=3),
            {"id": "call", "do": "task", "words": "打电话"},
        ]
        definition = {"format": 1, "trigger": trigger, "holdout_percent": 20, "steps": steps}
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        everybody = Score.objects.filter(orders__gte=1).count()
        assert (found.people, found.of_people, found.basis) == (everybody, everybody, "present")
        assert 0 < found.held < everybody
        getting = {one.customer_id for one in found.foreseen}
        assert len(getting) == everybody - found.held
        days = {(one.step, one.outcome, (one.day - NOW.date()).days) for one in found.foreseen}
        assert days == {("tip", "now", 0), ("call", "task", 3)}
        assert (Enrolment.objects.count(), Touch.objects.count(), Decision.objects.count()) == (0, 0, 0)

    def test_foresees_what_becomes_of_each_friend_and_holds_nobody_else_out(
        self, shop: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = sorted(Score.objects.filter(orders__gte=1).values_list("customer_id", flat=True))
        digests = {one: f"friend{one}".encode().ljust(16, b"\0")[:16] for one in people}
        kept = [Identifier(kind="wecom", digest=digest, customer_id=one) for one, digest in digests.items()]
        Identifier.objects.bulk_create(kept)
        book = SimpleNamespace(befriended_of=lambda asked: frozenset(people[::2]) & frozenset(asked))
        monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [book])
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
        trigger = {"kind": "fits", "rule": rule, "include_present": True}
        steps = [
            {
                "id": "tip",
                "do": "message",
                "channel": "wecom",
                "intent": "service",
                "words": "您好",
                "if_refused": "end",
            },
            wait("pause"),
        ]
        definition = {"format": 1, "trigger": trigger, "holdout_percent": 30, "steps": steps}
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        tick(NOW)

        told = {one.customer_id: (one.outcome, one.reason) for one in found.foreseen}
        real = {
            one.customer_id: (one.outcome, one.reason) for one in Decision.objects.filter(campaign=f"playbook:{key}")
        }
        held = set(Enrolment.objects.filter(ended_because="held").values_list("customer_id", flat=True))
        assert told == real
        assert (found.held, set(people[::2]) - set(told)) == (len(held), held)
        assert found.unreached == len(people[1::2])
        assert held
        assert not (held | told.keys()) & set(people[1::2])

    def test_says_at_which_condition_how_many_are_left(self, shop: None) -> None:
        asked = [{"field": "orders", "is": "at_least", "value": n} for n in (1, 10_000, 2)]
        trigger = {"kind": "schedule", "every": "day", "time": "10:00"}
        audience = {"version": 1, "rule": {"all": asked}}
        steps = [{"id": "call", "do": "task", "words": "打电话"}]
        definition = {"format": 1, "trigger": trigger, "audience": audience, "steps": steps}
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        buyers = Score.objects.filter(orders__gte=1).count()
        everybody = Customer.objects.filter(merged_into=None).count()
        assert [(one.asked, one.count) for one in found.left] == [
            ("trigger", everybody),
            ("audience", buyers),
            ("audience", 0),
            ("audience", 0),
            ("again", 0),
            ("reach", 0),
        ]
        assert found.nobody_at is not None
        assert found.nobody_at.rule == {"version": 1, "rule": asked[1]}

    def test_takes_nobody_who_is_in_it_and_who_was_in_it_as_soon_as_they_may(self, shop: None) -> None:
        people = sorted(Score.objects.filter(orders__gte=1).values_list("customer_id", flat=True))
        trigger = {"kind": "schedule", "every": "day", "time": "15:00"}
        audience = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
        steps = [{"id": "call", "do": "task", "words": "打电话"}, wait("pause", days=20)]
        definition = {
            "format": 1,
            "trigger": trigger,
            "audience": audience,
            "reentry": {"kind": "after_days", "days": 10},
            "holdout_percent": 0,
            "steps": steps,
        }
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW - 5 * DAY)
        enter(key, people[0], now=NOW - 5 * DAY)
        enter(key, people[1], now=NOW - 5 * DAY)
        Enrolment.objects.filter(customer_id=people[1]).update(ended_at=NOW, ended_because="end", lane=-1)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        first = {one.customer_id: (one.day - timezone.localtime(NOW).date()).days for one in found.foreseen}
        assert people[0] not in first
        assert first[people[1]] == 5
        assert first[people[2]] == 0
        assert [(one.asked, one.count) for one in found.left][-2:] == [
            ("again", len(people) - 1),
            ("reach", len(people) - 1),
        ]

    def test_plays_newcomers_as_they_came_and_not_after_their_greeting(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        people = [person(joined_days_ago=3, value_days_ago=()) for _ in range(3)]
        offer = message("offer", "promotion", if_refused="end")
        key = started(message("hello", "service"), wait("pause", days=15), offer, trigger={"kind": "newcomer"})
        before = dry_run(access=SYSTEM, playbook_id=key, now=NOW)
        enter(key, *people)
        tick()
        for one in Touch.objects.filter(customer_id__in=people):
            claim_to_send(actor=SYSTEM, key=one.key, now=NOW)

        after = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        told = {(one.step, one.outcome, one.reason) for one in after.foreseen}
        assert Touch.objects.filter(customer_id__in=people, state="sent").count() == 3
        assert told == {("hello", "now", "free"), ("offer", "refuse", "value_first")}
        assert before.foreseen == after.foreseen

    def test_foresees_the_caps_that_its_own_messages_fill(self, shop: None) -> None:
        trigger = {"kind": "fits", "rule": {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}}
        steps = [
            {"id": f"m{n}", "do": "message", "channel": "sms", "intent": "service", "words": f"第 {n} 条"}
            for n in range(4)
        ]
        definition = {"format": 1, "trigger": trigger, "holdout_percent": 0, "steps": steps}
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        person = found.foreseen[0].customer_id
        told = [(one.step, one.outcome, one.reason) for one in found.foreseen if one.customer_id == person]
        assert told[0][:2] == ("m0", "now")
        assert ("m2", "refuse", "sms_month") in told

    def test_rests_on_the_days_that_come(self, shop: None) -> None:
        definition = {
            "format": 1,
            "trigger": {"kind": "date", "of": "last_order", "days": 10},
            "holdout_percent": 0,
            "steps": [{"id": "call", "do": "task", "words": "打电话"}],
        }
        key = actions.create_playbook(actor=SYSTEM, name="演练", definition=definition, now=NOW)

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)

        wanted = {
            (person, day + 10 * DAY)
            for person, day in Score.objects.exclude(last_order_date=None).values_list("customer_id", "last_order_date")
            if NOW.date() <= day + 10 * DAY <= NOW.date() + 29 * DAY
        }
        assert found.basis == "days"
        assert {(one.customer_id, one.day) for one in found.foreseen} == wanted
        assert wanted


def test_a_rule_that_cannot_be_asked_puts_the_step_off(started: Any, person: Any) -> None:
    from tests.journeys.conftest import enter
    from yutang.segments.models import Segment

    rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
    segment = Segment.objects.create(name="s", rule=rule, created_at=NOW, changed_at=NOW)
    ways = [{"rule": {"version": 1, "rule": {"segment": segment.pk}}, "then": "end"}]
    key = started({"id": "fork", "do": "branch", "ways": ways})
    enter(key, person())
    segment.delete()

    tick()

    row = Enrolment.objects.get()
    assert (row.step, row.visit, row.ended_at) == ("fork", 1, None)
    assert row.due_at == datetime(2026, 3, 11, 3, 0, tzinfo=UTC)
