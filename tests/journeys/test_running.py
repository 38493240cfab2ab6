"""People move through a playbook: each step once, by the clock, under the contact policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from tests.channels.conftest import had
from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, enter, message, tick, wait
from yutang.channels.actions import open_grievance
from yutang.channels.models import Decision, Touch
from yutang.customers.events import ConsentChanged
from yutang.customers.models import CustomerTag, Identifier
from yutang.experiments.queries import arms_of
from yutang.foundation.models import OutboxEvent, Staff
from yutang.foundation.outbox import record
from yutang.insight.models import Score
from yutang.journeys import actions
from yutang.journeys.hearing import hear_event, hear_orders, hear_words
from yutang.journeys.models import Enrolment, Passage
from yutang.worklist.models import Proposal

DAY = timedelta(days=1)
Person = Callable[..., int]


def where(person: int) -> tuple[str, str]:
    """Return the step at which somebody stands, and why they left."""
    row = Enrolment.objects.get(customer_id=person)
    return ("" if row.ended_at else row.step), row.ended_because


def ordered(person: int, orders: int, on: Any) -> None:
    """Let the scores know of orders of somebody."""
    values = {"orders": orders, "order_days": orders, "spend_minor": 0, "stage": "new", "last_order_date": on}
    Score.objects.update_or_create(customer_id=person, defaults=values)


class TestWaits:
    def test_are_over_at_their_time_and_not_before(self, started: Started, person: Person) -> None:
        key, somebody = started(wait("pause", days=2), message("tip")), person()
        enter(key, somebody)

        early = tick(NOW + 2 * DAY - timedelta(minutes=1))
        stood = where(somebody)
        tick(NOW + 2 * DAY)

        assert (early.moved, stood) == (0, ("pause", ""))
        assert where(somebody) == ("", "end")
        assert Touch.objects.get(customer_id=somebody, campaign=f"playbook:{key}").at == NOW + 2 * DAY

    def test_end_at_a_time_of_the_day_and_of_the_week(self, started: Started, person: Person) -> None:
        until = {"id": "friday", "do": "wait_until", "time": "10:30", "weekday": "friday"}
        key, somebody = started(until, message("tip")), person()
        enter(key, somebody)

        # NOW is a Wednesday, 10:00 in Shanghai.
        assert Enrolment.objects.get().due_at == NOW + 2 * DAY + timedelta(minutes=30)

    def test_end_when_what_they_wait_for_happens_or_at_the_limit(self, started: Started, person: Person) -> None:
        waiting = {
            "id": "word", "do": "wait_for", "happening": "word", "words": ["有问题"], "at_most_days": 3,
            "then": "help", "otherwise": "end",
        }  # fmt: skip
        key = started(waiting, {"id": "help", "do": "tag", "group": "服务", "tag": "求助"})
        unhappy, content = person(), person()
        enter(key, unhappy, content)

        hear_words(customer_id=unhappy, text="收到了，有问题！", occasion="7", now=NOW + DAY)
        hear_words(customer_id=content, text="很好，谢谢", occasion="8", now=NOW + DAY)
        tick(NOW + DAY)
        after_a_day = where(unhappy), where(content)
        tick(NOW + 3 * DAY)

        assert after_a_day == (("", "end"), ("word", ""))
        assert where(content) == ("", "end")
        assert list(CustomerTag.objects.values_list("customer_id", flat=True)) == [unhappy]

    def test_end_with_an_event_of_the_person(self, started: Started, person: Person) -> None:
        event = {
            "id": "yes",
            "do": "wait_for",
            "happening": "event",
            "event": "customers.ConsentChanged",
            "at_most_days": 9,
        }
        key, one, other = started(event, {"id": "over", "do": "end"}), person(), person()
        enter(key, one, other)

        hear_event(ConsentChanged(1, one, "promotion", "any", True, NOW), event_id=5, now=NOW + DAY)
        tick(NOW + DAY)

        assert (where(one), where(other)) == (("", "end"), ("yes", ""))

    def test_end_with_an_order_that_the_scores_know(self, started: Started, person: Person) -> None:
        until = {
            "id": "order",
            "do": "wait_for",
            "happening": "order",
            "at_most_days": 9,
            "then": "thanks",
            "otherwise": "end",
        }
        key, one, other = started(until, {"id": "thanks", "do": "tag", "group": "g", "tag": "t"}), person(), person()
        ordered(one, 1, NOW.date() - DAY), ordered(other, 1, NOW.date() - DAY)
        enter(key, one, other)

        ordered(one, 2, NOW.date() + DAY)
        hear_orders(now=NOW + DAY)
        tick(NOW + DAY)

        assert (where(one), where(other)) == (("", "end"), ("order", ""))
        assert Passage.objects.get(step="order").outcome == "heard"


class TestMessages:
    def test_are_planned_once_by_a_key_of_their_own(self, started: Started, person: Person) -> None:
        key, somebody = started(message("tip"), wait("pause")), person()
        enter(key, somebody)

        tick()
        tick()

        row = Enrolment.objects.get()
        touch = Touch.objects.get(campaign=f"playbook:{key}")
        assert touch.key == f"playbook:{row.pk}:tip:1"
        assert touch.content.startswith("playbook:")
        assert Decision.objects.filter(touch_key=touch.key).count() == 1

    def test_go_on_from_the_time_at_which_the_policy_lets_them_out(self, started: Started, person: Person) -> None:
        key, somebody = started(message("tip"), wait("pause")), person()
        had(somebody, NOW - timedelta(hours=3), "value")
        enter(key, somebody)

        tick()

        touch, row = Touch.objects.get(campaign=f"playbook:{key}"), Enrolment.objects.get()
        # A day after the last message it would be seven in the morning: messages go out from nine.
        assert touch.at == NOW + timedelta(hours=23)
        assert (row.step, row.due_at) == ("pause", touch.at + DAY)
        assert Passage.objects.get().reason == "person_day"

    @pytest.mark.parametrize(("named", "ending"), [("next", ""), ("end", "refused"), ("far", "")])
    def test_that_are_refused_take_the_way_of_the_definition(
        self, started: Started, person: Person, named: str, ending: str
    ) -> None:
        steps = (message("tip", if_refused=named), wait("pause"), wait("far"))
        key, somebody = started(*steps), person()
        enter(key, somebody)
        Identifier.objects.filter(customer_id=somebody).delete()

        tick()

        assert where(somebody) == ({"next": "pause", "end": "", "far": "far"}[named], ending)
        assert Passage.objects.values_list("outcome", "reason").get() == ("refused", "unreachable")

    def test_give_way_to_something_useful_where_a_promotion_may_not_go(self, started: Started, person: Person) -> None:
        offer = message("offer", "promotion", instead={"words": "实用清单"})
        key, trusting, fresh = started(offer, wait("pause")), person(), person(value_days_ago=())
        enter(key, trusting, fresh)

        tick()

        sent = dict(Touch.objects.filter(campaign=f"playbook:{key}").values_list("customer_id", "intent"))
        assert sent == {trusting: "promotion", fresh: "value"}
        assert set(Passage.objects.values_list("outcome", "reason")) == {("planned", ""), ("replaced", "value_first")}


class TestOtherSteps:
    def test_tags_are_given_and_taken(self, started: Started, person: Person) -> None:
        tag = {"do": "tag", "group": "来源", "tag": "体验"}
        key, somebody = started({"id": "on", **tag}, wait("pause"), {"id": "off", **tag, "do": "untag"}), person()
        enter(key, somebody)

        tick()
        given = CustomerTag.objects.count()
        tick(NOW + DAY)

        assert (given, CustomerTag.objects.count()) == (1, 0)

    def test_tasks_stand_on_todays_list_and_wait_for_a_free_place(
        self, started: Started, person: Person, owner_staff: Staff, settings: Any
    ) -> None:
        people = [person() for _ in range(14)]
        key = started({"id": "call", "do": "task", "words": "打电话道谢"}, wait("pause"))
        enter(key, *people)

        tick()
        first = Proposal.objects.filter(kind="playbook_task").count()
        waiting = Enrolment.objects.filter(step="call").count()
        Proposal.objects.update(status="lapsed")
        tick(NOW + DAY)

        assert (first, waiting) == (12, 2)
        assert Proposal.objects.filter(kind="playbook_task").count() == 14
        assert not Enrolment.objects.filter(step="call").exists()

    def test_other_systems_are_told(self, started: Started, person: Person) -> None:
        key, one, other = started({"id": "say", "do": "tell", "note": "upgraded"}), person(), person()
        enter(key, one, other)

        tick()

        told = list(OutboxEvent.objects.filter(kind="journeys.StepReached").values_list("payload", flat=True))
        assert [each["customer_id"] for each in told] == [one, other]
        assert told[0] == {"playbook_id": key, "step": "say", "note": "upgraded", "customer_id": one}

    def test_a_split_sends_everybody_one_way_and_always_the_same(self, started: Started, person: Person) -> None:
        ways = [{"percent": 30, "then": "left"}, {"percent": 70, "then": "right"}]
        key = started({"id": "part", "do": "split", "ways": ways}, wait("left", days=9), wait("right", days=9))
        people = [person(value_days_ago=(), yes_to=(), kinds=()) for _ in range(60)]
        enter(key, *people)

        tick()

        went = dict(Enrolment.objects.values_list("customer_id", "step"))
        assert set(went.values()) == {"left", "right"}
        assert 6 <= sum(step == "left" for step in went.values()) <= 30


class TestLeaving:
    def test_who_orders_has_reached_the_goal(self, started: Started, person: Person) -> None:
        key, one, other = started(wait("pause", days=5), goal={"kind": "order"}), person(), person()
        enter(key, one, other)

        ordered(one, 1, NOW.date() + DAY)
        hear_orders(now=NOW + DAY)

        assert (where(one), where(other)) == (("", "goal"), ("pause", ""))

    def test_orders_from_before_are_no_goal(self, started: Started, person: Person) -> None:
        key, somebody = started(wait("pause", days=5), goal={"kind": "order"}), person()
        ordered(somebody, 3, NOW.date())
        enter(key, somebody)

        hear_orders(now=NOW + DAY)
        ordered(somebody, 4, NOW.date() - 30 * DAY)
        hear_orders(now=NOW + DAY)

        assert where(somebody) == ("pause", "")

    def test_who_complains_leaves_before_the_next_step(self, started: Started, person: Person) -> None:
        key = started(wait("pause"), message("tip"), exits=[{"kind": "complaint"}])
        unhappy, content = person(), person()
        enter(key, unhappy, content)
        open_grievance(actor=SYSTEM, customer_id=unhappy, kind="complaint", source="case:1", now=NOW)

        tick(NOW + DAY)

        assert (where(unhappy), where(content)) == (("", "exit"), ("", "end"))
        assert list(Touch.objects.filter(campaign=f"playbook:{key}").values_list("customer_id", flat=True)) == [content]


class TestComingIn:
    def test_nobody_is_in_it_twice_at_a_time_nor_again_where_that_is_never(
        self, started: Started, person: Person
    ) -> None:
        key, somebody = started(wait("pause")), person()

        first, second = enter(key, somebody), enter(key, somebody, occasion="2")
        tick(NOW + DAY)
        third = enter(key, somebody, occasion="3", now=NOW + 2 * DAY)

        assert (first.entered, second.entered, third.entered) == (1, 0, 0)

    def test_who_may_come_again_does_so_after_the_days_and_by_another_occasion(
        self, started: Started, person: Person
    ) -> None:
        key = started(wait("pause"), reentry={"kind": "after_days", "days": 10})
        somebody = person()
        enter(key, somebody)
        tick(NOW + DAY)

        early = enter(key, somebody, occasion="2", now=NOW + 9 * DAY)
        same = enter(key, somebody, occasion="1", now=NOW + 11 * DAY)
        late = enter(key, somebody, occasion="2", now=NOW + 11 * DAY)

        assert (early.entered, same.entered, late.entered) == (0, 0, 1)

    def test_a_share_is_held_out_for_ever_and_gets_nothing(self, started: Started, person: Person) -> None:
        people = [person(value_days_ago=(), yes_to=(), kinds=()) for _ in range(80)]
        key = started({"id": "mark", "do": "tag", "group": "g", "tag": "t"}, holdout_percent=30)

        entries = enter(key, *people)
        tick()

        held = set(Enrolment.objects.filter(ended_because="held").values_list("customer_id", flat=True))
        tagged = set(CustomerTag.objects.values_list("customer_id", flat=True))
        assert (entries.held, entries.entered) == (len(held), 80 - len(held))
        assert 10 <= len(held) <= 40
        assert held.isdisjoint(tagged)
        assert held | tagged == set(people)
        # What it brings is told by the room of experiments, from the same draw.
        drawn = arms_of(access=SYSTEM, key=f"playbook:{key}", customer_ids=sorted(people))
        assert {one for one, arm in zip(sorted(people), drawn.tolist(), strict=True) if arm == 0} == held

    def test_an_event_lets_in_once_however_often_it_is_delivered(self, started: Started, person: Person) -> None:
        trigger = {"kind": "event", "event": "customers.ConsentChanged", "where": {"granted": True}}
        started(wait("pause"), trigger=trigger, reentry={"kind": "after_days", "days": 1})
        agreed, refused = person(), person()

        for event_id, somebody, granted in ((1, agreed, True), (2, refused, False), (1, agreed, True)):
            event = ConsentChanged(event_id, somebody, "promotion", "any", granted, NOW)
            hear_event(event, event_id=event_id, now=NOW)
        hear_event(ConsentChanged(1, agreed, "promotion", "any", True, NOW), event_id=1, now=NOW + 5 * DAY)

        assert list(Enrolment.objects.values_list("customer_id", flat=True)) == [agreed]

    def test_the_outbox_leads_to_it(self, started: Started, person: Person) -> None:
        from yutang.foundation import jobs
        from yutang.foundation.outbox import deliver_events

        started(wait("pause"), trigger={"kind": "event", "event": "customers.ConsentChanged"})
        somebody = person()
        record(ConsentChanged(1, somebody, "promotion", "any", True, NOW), now=NOW)

        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=NOW, idempotency_key="now"))

        assert where(somebody) == ("pause", "")

    def test_a_word_lets_in(self, started: Started, person: Person) -> None:
        started(wait("pause"), trigger={"kind": "word", "words": ["活动", "优惠"]})
        one, other = person(), person()

        hear_words(customer_id=one, text="最近有什么优惠吗", occasion="1", now=NOW)
        hear_words(customer_id=other, text="几点关门", occasion="2", now=NOW)

        assert list(Enrolment.objects.values_list("customer_id", flat=True)) == [one]


class TestStates:
    def test_paused_nobody_moves_and_resumed_they_go_on(self, started: Started, person: Person) -> None:
        key, somebody = started(wait("pause"), wait("more")), person()
        enter(key, somebody)
        actions.pause_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        tick(NOW + DAY)
        paused = where(somebody)

        actions.resume_playbook(actor=SYSTEM, playbook_id=key, now=NOW + DAY)
        tick(NOW + DAY)

        assert (paused[0], where(somebody)[0]) == ("pause", "more")

    def test_stopped_everybody_is_out(self, started: Started, person: Person) -> None:
        key, somebody = started(wait("pause")), person()
        enter(key, somebody)

        ended = actions.stop_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

        assert (ended, where(somebody)) == (1, ("", "stopped"))
        with pytest.raises(actions.PlaybookIsNotIn):
            enter(key, person())

    def test_people_finish_on_the_version_on_which_they_began(self, started: Started, person: Person) -> None:
        key, early, late = started(wait("pause"), message("tip")), person(), person()
        enter(key, early)
        changed = {
            "format": 1,
            "trigger": {"kind": "hand"},
            "holdout_percent": 0,
            "steps": [wait("pause"), wait("other")],
        }
        actions.save_draft(actor=SYSTEM, playbook_id=key, definition=changed, now=NOW)

        number = actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        enter(key, late)
        tick(NOW + DAY)

        assert number == 2
        assert (where(early), where(late)) == (("", "end"), ("other", ""))
        assert Touch.objects.filter(campaign=f"playbook:{key}").count() == 1

    def test_migrated_they_go_on_where_the_map_says(self, started: Started, person: Person) -> None:
        key, somebody = started(wait("pause", days=3), message("tip")), person()
        enter(key, somebody)
        changed = {"format": 1, "trigger": {"kind": "hand"}, "steps": [wait("rest", days=5), message("tip")]}
        actions.save_draft(actor=SYSTEM, playbook_id=key, definition=changed, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

        with pytest.raises(actions.MapIsWrong):
            actions.migrate_people(actor=SYSTEM, playbook_id=key, steps={}, now=NOW + DAY)
        moved = actions.migrate_people(actor=SYSTEM, playbook_id=key, steps={"pause": "rest"}, now=NOW + DAY)

        row = Enrolment.objects.select_related("version").get()
        assert (moved, row.step, row.version.number) == (1, "rest", 2)
        assert row.due_at == NOW + 5 * DAY


class TestManyAtOnce:
    def test_a_step_takes_as_many_questions_for_forty_as_for_ten(
        self, started: Started, person: Person, django_assert_max_num_queries: Any
    ) -> None:
        from django.db import connection

        counts = []
        for n, size in enumerate((10, 40)):
            people = [person() for _ in range(size)]
            steps = (
                message("tip"),
                {"id": "mark", "do": "tag", "group": "g", "tag": "t"},
                {"id": "say", "do": "tell", "note": "x"},
            )
            key = started(*steps, name=f"第{n}")
            enter(key, *people)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                report = tick()
            assert report.moved == 3 * size
            counts.append(len(asked))

        # A tag that is made for the first time asks for more.
        assert counts[1] <= counts[0]

    def test_two_messages_of_two_playbooks_count_under_the_caps_together(
        self, started: Started, person: Person
    ) -> None:
        somebody = person(value_days_ago=())
        for n in range(3):
            enter(started(message("tip"), name=f"第{n}"), somebody)

        tick()

        days = sorted(Touch.objects.filter(customer_id=somebody).values_list("at", flat=True))
        assert days == [NOW, NOW + DAY, NOW + 7 * DAY]
