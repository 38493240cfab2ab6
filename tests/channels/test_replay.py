"""What a policy would have said to the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.channels.conftest import Made, had
from tests.channels.random_facts import policies
from tests.conftest import NOW
from tests.support.experiments import told_experiment
from yutang.channels.actions import open_grievance
from yutang.channels.imported_sendings import SendingsAreUnreadable, friends_of, read_sendings
from yutang.channels.models import Touch
from yutang.channels.policy import Policy
from yutang.channels.queries import PolicyValueIsWrong, changed_policy, current_policy, replay_of_history, replayed
from yutang.channels.replaying import Open, Past, Said, Sending, replay
from yutang.console.sentences import spoken
from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_settings
from yutang.ingest.lake_sync import rebuild_lake

#: Ten in the morning of a Monday in Shanghai.
MONDAY = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SYSTEM = Actor.system()
POLICY = Policy()
FRIEND = Past(joined_at=MONDAY - 300 * DAY, said=(Said(MONDAY - 300 * DAY, "promotion", "any", True),), value_touches=9)


def every(days: int, times: int, intent: str = "service", worth: int = 100) -> list[Sending]:
    return [Sending(1, MONDAY + n * days * DAY, "wecom", intent, worth_minor=worth, cost_minor=5) for n in range(times)]


class TestReplay:
    def test_what_fits_goes_out_as_it_did(self) -> None:
        found = replay(sendings=every(4, 3), pasts={1: FRIEND}, policy=POLICY)

        assert found.fates == {"now": 3, "at": 0, "replace": 0, "refuse": 0}
        assert (found.worth_minor, found.lost_minor, found.spared, found.reasons) == (300, 0, 0, {})

    def test_what_was_refused_did_not_happen_for_what_follows(self) -> None:
        policy = replace(POLICY, wait_days=0, person_month=100, wecom_week=100)

        found = replay(sendings=every(1, 9), pasts={1: FRIEND}, policy=policy)

        # Two of the first week; the third was refused, and a week after the first its place is free again.
        assert found.fates == {"now": 4, "at": 0, "replace": 0, "refuse": 5}
        assert (found.reasons, found.lost_minor, found.saved_minor, found.spared) == ({"person_week": 5}, 500, 25, 1)
        assert found.weeks == {
            date(2026, 3, 9): {"now": 2, "at": 0, "replace": 0, "refuse": 5},
            date(2026, 3, 16): {"now": 2, "at": 0, "replace": 0, "refuse": 0},
        }

    def test_what_is_put_off_meets_what_comes_after(self) -> None:
        night = Sending(1, MONDAY - timedelta(hours=8), "wecom", "service")
        morning = Sending(1, MONDAY, "wecom", "service")

        found = replay(sendings=[morning, night], pasts={1: FRIEND}, policy=POLICY)

        assert found.fates == {"now": 0, "at": 2, "replace": 0, "refuse": 0}
        assert found.reasons == {"person_day": 1, "quiet_hours": 1}

    def test_promotions_give_way_to_something_useful_and_earn_trust_by_it(self) -> None:
        stranger = replace(FRIEND, value_touches=2)
        sendings = every(8, 2, "promotion")

        found = replay(sendings=sendings, pasts={1: stranger}, policy=replace(POLICY, promotion_percent=50))

        assert (found.fates["replace"], found.fates["now"], found.reasons) == (1, 1, {"value_first": 1})
        assert found.lost_minor == 100

    def test_consent_and_complaints_count_as_they_stood(self) -> None:
        past = replace(
            FRIEND,
            said=(*FRIEND.said, Said(MONDAY + 5 * DAY, "promotion", "wecom", False)),
            grievances=(Open("complaint", MONDAY - DAY, MONDAY + DAY),),
        )
        policy = replace(POLICY, promotion_percent=100)

        found = replay(sendings=every(4, 3, "promotion"), pasts={1: past}, policy=policy)

        assert found.reasons == {"complaint_open": 1, "consent_refused": 1}
        assert found.fates["now"] == 1

    def test_the_quota_of_the_platform_is_one_of_each_day(self) -> None:
        policy = replace(POLICY, wait_days=0)
        sendings = [Sending(1, MONDAY + n * timedelta(hours=1), "wecom", "transactional") for n in range(3)]

        assert replay(sendings=sendings, pasts={1: FRIEND}, policy=policy).reasons == {"platform_quota": 2}

    def test_people_of_whom_nothing_is_known_are_not_asked_about(self) -> None:
        found = replay(sendings=every(4, 3), pasts={}, policy=POLICY)

        assert (found.sendings, found.unknown) == (0, 3)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["value", "promotion", "service"])), max_size=25),
        policies(),
    )
    def test_what_the_replay_lets_through_keeps_within_the_caps(
        self, told: list[tuple[int, str]], policy: Policy
    ) -> None:
        sendings = [Sending(1, MONDAY + hours * timedelta(hours=1), "wecom", intent) for hours, intent in told]

        found = replay(sendings=sendings, pasts={1: FRIEND}, policy=policy)

        assert sum(found.fates.values()) == len(sendings) == found.sendings
        assert found.fates["now"] + found.fates["at"] <= 41 * policy.person_day + policy.person_day
        assert sum(found.reasons.values()) == len(sendings) - found.fates["now"]


class TestLists:
    def test_a_list_of_another_system_is_played(self) -> None:
        text = (
            "receiver,at,channel,intent,worth_minor,cost_minor\n"
            "a,2026-03-09T10:00,sms,service,100,5\n"
            "a,2026-03-09T18:00,sms,promotion,900,5\n"
            "b,2026-03-09T02:00+00:00,sms,service,100,5\n"
        )

        found = replayed(sendings=read_sendings(text=text, time_zone="Asia/Shanghai"), policy=POLICY)

        assert (found.sendings, found.receivers, found.worth_minor) == (3, 2, 1_100)
        assert found.fates == {"now": 2, "at": 0, "replace": 1, "refuse": 0}
        assert (found.reasons, found.lost_minor) == ({"promotion_share": 1}, 900)
        assert (found.unvalued, found.lost_unvalued) == (0, 0)

    def test_a_list_that_names_no_worth_has_none_and_not_nothing(self) -> None:
        text = (
            "receiver,at,channel,intent,worth_minor\n"
            "a,2026-03-09T10:00,sms,service,\n"
            "a,2026-03-09T18:00,sms,promotion,0\n"
            "a,2026-03-09T19:00,sms,promotion,\n"
        )

        found = replayed(sendings=read_sendings(text=text, time_zone="Asia/Shanghai"), policy=POLICY)

        assert (found.fates["now"], found.worth_minor, found.unvalued, found.lost_unvalued) == (1, 0, 2, 1)

    @pytest.mark.parametrize(
        ("line", "column", "row"),
        [
            (2, "at", "a,yesterday,sms,service"),
            (2, "channel", "a,2026-03-09T10:00,pigeon,service"),
            (2, "intent", "a,2026-03-09T10:00,sms,sale"),
            (2, "receiver", ",2026-03-09T10:00,sms,service"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named(self, line: int, column: str, row: str) -> None:
        with pytest.raises(SendingsAreUnreadable) as refusal:
            read_sendings(text=f"receiver,at,channel,intent\n{row}\n", time_zone="Asia/Shanghai")
        assert (refusal.value.data["line"], refusal.value.data["column"]) == (line, column)

    def test_a_list_without_its_columns_is_refused(self) -> None:
        with pytest.raises(SendingsAreUnreadable):
            read_sendings(text="who,when\n", time_zone="Asia/Shanghai")

    def test_its_people_are_friends(self) -> None:
        sending = Sending("a", MONDAY, "sms", "promotion")

        assert friends_of([sending])["a"].joined_at < MONDAY - 300 * DAY


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_lake")
class TestKeptHistory:
    def test_what_went_out_is_played_with_what_was_known(self, person: Made, stores: Any) -> None:
        someone = person(store=stores["xuhui"], value_days_ago=(50, 45, 40, 30))
        other = person(store=stores["tianhe"], value_days_ago=(), yes_to=())
        for days in (9, 5, 4):
            had(someone, NOW - days * DAY, "promotion")
        had(other, NOW - 3 * DAY, "promotion")
        open_grievance(actor=Actor.system(), customer_id=someone, kind="mood", source="x", now=NOW - 5 * DAY)
        rebuild_lake(now=NOW)
        policy = replace(POLICY, promotion_percent=100)

        found = replay_of_history(access=Actor.system(), policy=policy, days=20, now=NOW)

        assert (found.tried.sendings, found.tried.receivers, found.one_in) == (4, 2, 1)
        assert found.tried.reasons == {"consent_missing": 1, "mood_fell": 2}
        assert found.present.reasons == {"consent_missing": 1, "mood_fell": 2, "promotion_share": 1}

    def test_worth_is_what_was_expected_else_what_was_measured_else_unknown(self, person: Made, stores: Any) -> None:
        people = [person(value_days_ago=(), store=stores["xuhui"]) for _number in range(4)]
        for someone in people:
            had(someone, NOW - 5 * DAY, "service")
        expected, *measured, unknown = people
        Touch.objects.filter(customer_id=expected).update(expected_minor=700, campaign="summer")
        Touch.objects.filter(customer_id__in=measured).update(campaign="summer")
        Touch.objects.filter(customer_id=unknown).update(campaign="winter")
        arms = {"held_out": (200, 0.2, 0.2, 1_000.0, 0.0), "treated": (400, 0.3, 0.3, 1_500.0, 0.0)}
        told_experiment(arms=arms, key="campaign:summer", now=NOW)
        rebuild_lake(now=NOW)
        nothing = replace(POLICY, person_day=0)

        found = replay_of_history(access=SYSTEM, policy=nothing, days=20, now=NOW).tried

        # 400 people brought 500 more each, shared among the three messages that the campaign sent.
        share = round(400 * 500 / 3)
        assert found.fates["refuse"] == 4
        assert (found.worth_minor, found.lost_minor) == (700 + 2 * share, 700 + 2 * share)
        assert (found.measured, found.unvalued, found.lost_unvalued) == (2, 1, 1)
        blind = Actor(None, "own-1", None, "blind", granted=frozenset({"channels.view"}))
        may = frozenset({"channels.view", "experiments.view"})
        local = Actor(None, "own-2", frozenset({stores["xuhui"].pk}), "local", granted=may)
        for who in (blind, local):
            unseen = replay_of_history(access=who, policy=nothing, days=20, now=NOW).tried
            assert (unseen.lost_minor, unseen.measured, unseen.lost_unvalued) == (700, 0, 3)

    def test_only_people_within_reach_are_played(self, person: Made, stores: Any, manager: Actor) -> None:
        for store in ("xuhui", "tianhe"):
            had(person(store=stores[store]), NOW - 3 * DAY, "service")
        rebuild_lake(now=NOW)

        found = replay_of_history(access=manager, policy=POLICY, days=5, now=NOW)

        assert found.tried.receivers == 1

    def test_of_many_messages_those_of_some_people_are_played(self, person: Made) -> None:
        people = [person() for _ in range(6)]
        for someone in people:
            had(someone, NOW - 3 * DAY, "service")
        rebuild_lake(now=NOW)

        found = replay_of_history(access=Actor.system(), policy=POLICY, days=5, most=2, now=NOW)

        assert (found.one_in, found.tried.sendings) == (3, 2)


@pytest.mark.django_db
class TestValues:
    def test_every_value_of_the_policy_is_a_setting_with_the_same_default(self) -> None:
        kept = organisation_settings(room="channels")

        assert kept == {f"channels.{name}": value for name, value in POLICY.as_json().items()}
        assert current_policy() == POLICY

    def test_a_value_to_be_tried_must_be_one_that_can_be_set(self) -> None:
        assert changed_policy(policy=POLICY, values={"person_week": 1}).person_week == 1
        for values in ({"person_week": -1}, {"persons_week": 1}, {"opens": 3}, {"wecom_person_period": "year"}):
            with pytest.raises(PolicyValueIsWrong):
                changed_policy(policy=POLICY, values=values)

    def test_a_value_that_cannot_be_is_named_by_its_title(self) -> None:
        with pytest.raises(PolicyValueIsWrong) as refusal:
            changed_policy(policy=POLICY, values={"person_week": "many"})

        assert refusal.value.data["name"] == "person_week"
        assert "person_week" not in str(spoken(refusal.value.sentence))
