"""Playbooks about groups: new ones come in, posts are held to the caps of groups, whole groups are held out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, make_group, message, post, tick, wait
from yutang.channels.actions import set_group_standing
from yutang.channels.bodies import BODIES
from yutang.channels.models import Touch
from yutang.experiments.models import Assignment, Experiment, GroupMember
from yutang.foundation.models import OutboxEvent
from yutang.journeys import actions, handlers
from yutang.journeys.hearing import hear_groups, hear_standing
from yutang.journeys.models import Enrolment, Passage
from yutang.journeys.queries import dry_run, groups_at, results_of_steps
from yutang.journeys.reading import DefinitionIsWrong, definition_from_json
from yutang.wecom.models import Group
from yutang.worklist.models import Proposal

DAY = timedelta(days=1)
Person = Callable[..., int]

pytestmark = pytest.mark.django_db


@pytest.fixture
def about_groups(started: Started) -> Started:
    """Start a playbook about groups, let in by hand unless told otherwise."""

    def start(*steps: dict[str, Any], **more: Any) -> int:
        return started(*steps, subject="group", **more)

    return start


def enter(playbook_id: int, *groups: str, occasion: str = "1", now: Any = NOW) -> Any:
    return actions.enrol_groups(actor=SYSTEM, playbook_id=playbook_id, group_keys=groups, occasion=occasion, now=now)


class TestComingIn:
    def test_new_groups_come_in_and_old_ones_that_a_full_look_found_do_not(self, about_groups: Started) -> None:
        about_groups(wait("pause"), trigger={"kind": "group_found", "made_within_days": 7})
        new, old = make_group("new", made_days_ago=2), make_group("old", made_days_ago=30)

        for _ in range(2):
            hear_groups(group_ids=list(Group.objects.values_list("pk", flat=True)), event_id=5, now=NOW)

        assert list(Enrolment.objects.values_list("group_key", flat=True)) == [new]
        assert old in set(Group.objects.values_list("chat_id", flat=True))

    def test_the_event_of_wecom_leads_to_it(self, about_groups: Started) -> None:
        from yutang.wecom.events import GroupsFound

        about_groups(wait("pause"), trigger={"kind": "group_found"})
        make_group("new")
        key = Group.objects.get().pk

        handlers.follow_new_groups(GroupsFound((key,)), event_id=1, now=NOW)

        assert Enrolment.objects.get().group_key == "new"

    def test_a_group_that_has_become_tired_comes_in_and_one_that_was_does_not(self, about_groups: Started) -> None:
        about_groups(wait("pause"), trigger={"kind": "group_standing", "to": ["fatigued", "dead"]})
        tired, alive = make_group("tired"), make_group("alive")

        set_group_standing(actor=SYSTEM, group_key=tired, standing="fatigued", now=NOW)
        set_group_standing(actor=SYSTEM, group_key=alive, standing="alive", now=NOW)
        told = list(OutboxEvent.objects.filter(kind="channels.GroupStandingChanged"))
        for event in told * 2:
            hear_standing(
                group_key=event.payload["group_key"], standing=event.payload["standing"], event_id=event.pk, now=NOW
            )

        assert [event.payload["group_key"] for event in told] == [tired]
        assert list(Enrolment.objects.values_list("group_key", flat=True)) == [tired]

    def test_a_schedule_lets_in_all_that_fit_once_a_time(self, about_groups: Started, person: Person) -> None:
        about_groups(
            wait("pause", days=300),
            trigger={"kind": "schedule", "every": "day", "time": "12:00"},
            audience={"all": [{"fact": "members", "at_least": 2}]},
        )
        large, _small = make_group("large", person(), person()), make_group("small", person())

        tick(NOW + timedelta(hours=3))
        tick(NOW + timedelta(hours=4))

        assert list(Enrolment.objects.values_list("group_key", flat=True)) == [large]

    def test_by_hand_once_for_an_occasion_and_never_twice_at_a_time(self, about_groups: Started) -> None:
        key, one = about_groups(wait("pause")), make_group("one")

        first, again = enter(key, one, "nowhere"), enter(key, one)
        other = enter(key, one, occasion="2")

        assert (first.entered, first.refused, again.entered, other.entered) == (1, 1, 0, 0)

    def test_people_are_not_let_into_it_nor_groups_into_one_about_people(
        self, about_groups: Started, started: Started, person: Person
    ) -> None:
        of_groups, of_people = about_groups(wait("pause")), started(wait("pause"), name="人")

        with pytest.raises(actions.PlaybookIsNotIn):
            actions.enrol_people(actor=SYSTEM, playbook_id=of_groups, customer_ids=[1], occasion="1", now=NOW)
        with pytest.raises(actions.PlaybookIsNotIn):
            enter(of_people, "one")


class TestPosts:
    def test_are_planned_once_and_their_words_are_read(self, about_groups: Started) -> None:
        key, one = about_groups(post("hello"), wait("pause")), make_group("one")
        enter(key, one)

        tick()
        tick()

        row, touch = Enrolment.objects.get(), Touch.objects.get()
        assert (touch.key, touch.group_key, touch.channel) == (f"playbook:{row.pk}:hello:1", one, "group")
        source, _colon, _reference = touch.content.partition(":")
        assert source == "playbook"
        said = BODIES["playbook"].bodies(
            reference=touch.content, channel="group", customer_ids=(), group_keys=(one,), now=NOW
        )
        assert said[one].text == "群里说 hello"
        assert row.step == "pause"

    def test_never_pass_the_caps_of_groups(self, about_groups: Started) -> None:
        """One a day and two a week, whatever the playbook wants; what follows counts from when a post goes out."""
        key, one = about_groups(*(post(f"p{n}") for n in range(4))), make_group("one")
        enter(key, one)

        for hours in range(0, 24 * 30, 6):
            tick(NOW + timedelta(hours=hours))

        days = sorted(Touch.objects.values_list("at", flat=True))
        assert len(days) >= 3
        for first, third in zip(days, days[2:], strict=False):
            assert third - first >= 7 * DAY
        for first, second in itertools.pairwise(days):
            assert second - first >= DAY

    def test_a_dead_group_is_refused_with_the_reason_and_goes_the_way_of_refusals(self, about_groups: Started) -> None:
        key, one = about_groups(post("hello", if_refused="end"), wait("pause")), make_group("one")
        set_group_standing(actor=SYSTEM, group_key=one, standing="dead", now=NOW)
        enter(key, one)

        tick()

        assert Enrolment.objects.get().ended_because == "refused"
        assert Passage.objects.get().outcome == "refused"
        assert results_of_steps(
            access=SYSTEM, playbook_id=key, definition=definition_from_json(actions.Playbook.objects.get().draft)
        )["hello"].refused == {Passage.objects.get().reason: 1}
        assert not Touch.objects.exists()

    def test_wait_for_the_policy_to_know_the_group(self, about_groups: Started) -> None:
        key, one = about_groups(post("hello")), make_group("one", is_known=False)
        enter(key, one)

        tick()
        waiting = Enrolment.objects.get().due_at
        set_group_standing(actor=SYSTEM, group_key=one, standing="alive", joined_at=NOW, now=NOW)
        tick(NOW + timedelta(hours=1))

        assert waiting == NOW + timedelta(hours=1)
        assert Touch.objects.get().group_key == one

    def test_4400_groups_take_a_handful_of_questions(self, about_groups: Started) -> None:
        """The number of questions of a tick does not grow with the groups."""
        key = about_groups(post("hello"), wait("pause"))
        counts = []
        for n, size in enumerate((3, 30)):
            enter(key, *(make_group(f"{n}-{k}") for k in range(size)))
            with CaptureQueriesContext(__import__("django.db").db.connection) as asked:
                tick()
            counts.append(len(asked))

        assert Touch.objects.count() == 33
        assert counts[1] <= counts[0] + 2


class TestOtherSteps:
    def test_a_branch_asks_facts_and_a_task_goes_to_the_owner(
        self, about_groups: Started, person: Person, stores: dict[str, Any]
    ) -> None:
        key = about_groups(
            {
                "id": "size", "do": "branch", "otherwise": "look_in",
                "ways": [{"rule": {"all": [{"fact": "members", "at_least": 2}]}, "then": "end"}],
            },
            {"id": "look_in", "do": "task", "words": "去打个招呼"},
        )  # fmt: skip
        large = make_group("large", person(), person(), store=stores["xuhui"])
        small = make_group("small", person(), store=stores["xuhui"])
        enter(key, large, small)

        tick()

        asked = Proposal.objects.get()
        assert asked.owner.username == "owner-small"
        assert asked.subject == {"room": "wecom_groups", "id": "small"}
        assert set(Passage.objects.filter(step="look_in").values_list("enrolment__group_key", flat=True)) == {small}

    def test_a_group_that_is_gone_leaves(self, about_groups: Started) -> None:
        key, one = about_groups(wait("pause"), post("hello")), make_group("one")
        enter(key, one)
        Group.objects.update(dismissed_at=NOW)

        tick(NOW + DAY)

        assert Enrolment.objects.get().ended_because == "gone"
        assert not Touch.objects.exists()


class TestHoldout:
    def test_draws_whole_groups_with_their_people_and_posts_nothing_to_them(
        self, about_groups: Started, person: Person
    ) -> None:
        key = about_groups(post("hello"), holdout_percent=40)
        groups = [make_group(f"g{n}", person()) for n in range(30)]

        enter(key, *groups)
        tick()

        drawn = dict(Assignment.objects.values_list("group_key", "arm"))
        held = {group for group, arm in drawn.items() if arm == 0}
        assert Experiment.objects.get().unit == "group"
        assert set(drawn) == set(groups)
        assert 0 < len(held) < 30
        assert GroupMember.objects.count() == 30
        assert set(Enrolment.objects.filter(ended_because="held").values_list("group_key", flat=True)) == held
        posts = Touch.objects.filter(channel="group")
        assert set(posts.values_list("group_key", flat=True)) == set(groups) - held

    def test_the_dry_run_foresees_the_same_groups_and_days(self, about_groups: Started) -> None:
        key = about_groups(post("hello"), wait("pause"), post("more"), holdout_percent=40)
        groups = [make_group(f"g{n}") for n in range(12)]

        found = dry_run(access=SYSTEM, playbook_id=key, now=NOW)
        enter(key, *groups)
        for days in range(20):
            tick(NOW + days * DAY)

        assert found.held == Enrolment.objects.filter(ended_because="held").count() > 0
        planned = {(t.group_key, t.key.split(":")[2], t.at) for t in Touch.objects.all()}
        assert {(one.group_key, one.step, one.at) for one in found.foreseen} == planned


class TestStarting:
    @pytest.mark.parametrize(
        ("subject", "steps", "more"),
        [
            ("person", [post("p")], {}),
            ("group", [message("m")], {}),
            ("group", [{"id": "j", "do": "join_group"}], {}),
            ("group", [wait("w")], {"trigger": {"kind": "word", "words": ["您好"]}}),
            ("person", [wait("w")], {"trigger": {"kind": "group_found"}}),
            ("group", [wait("w")], {"goal": {"kind": "order"}}),
            ("group", [wait("w")], {"exits": [{"kind": "complaint"}]}),
        ],
    )
    def test_refuses_what_is_for_others(self, started: Started, subject: str, steps: Any, more: Any) -> None:
        with pytest.raises(actions.PartIsForOthers):
            started(*steps, subject=subject, **more)

    def test_what_a_playbook_is_about_is_fixed_once_it_ran(self, started: Started) -> None:
        key = started(wait("w"))
        definition = {**actions.Playbook.objects.get().draft, "subject": "group"}
        actions.save_draft(actor=SYSTEM, playbook_id=key, definition=definition, now=NOW)

        with pytest.raises(actions.SubjectIsFixed):
            actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

    @pytest.mark.parametrize(
        "rule",
        [
            {},
            {"all": []},
            {"all": [{"fact": "colour", "at_least": 1}]},
            {"all": [{"fact": "members", "is_one_of": ["x"]}]},
        ],
    )
    def test_a_rule_that_is_none_of_groups_is_told_with_its_place(self, rule: Any) -> None:
        told = {
            "format": 1, "subject": "group", "trigger": {"kind": "hand"}, "audience": rule, "steps": [wait("w")],
        }  # fmt: skip
        with pytest.raises(DefinitionIsWrong) as refused:
            definition_from_json(told)
        assert str(refused.value.data["place"]).startswith("audience")


def test_who_looks_sees_the_groups_of_the_own_stores(about_groups: Started, stores: dict[str, Any]) -> None:
    key = about_groups(wait("pause"))
    own, foreign = make_group("own", store=stores["xuhui"]), make_group("foreign", store=stores["tianhe"])
    enter(key, own, foreign)

    of_store = replace(SYSTEM, store_ids=frozenset({stores["xuhui"].pk}))
    assert {one.group_key for one, _name in groups_at(access=SYSTEM, playbook_id=key)} == {own, foreign}
    assert [(one.group_key, name) for one, name in groups_at(access=of_store, playbook_id=key)] == [(own, "群own")]
