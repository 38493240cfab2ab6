"""The one decision: what each rule holds back, until when, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from tests.channels.random_facts import facts, policies, requests
from yutang.channels.policy import INTENTS, Policy, policy_from
from yutang.channels.rules import Contact, Decision, Facts, Request, decide

#: Ten in the morning in Shanghai.
MOMENT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
POLICY = Policy()


def ago(**span: int) -> datetime:
    return MOMENT - timedelta(**span)


def had(*messages: tuple[str, int], channel: str = "wecom") -> tuple[Contact, ...]:
    """Return messages as (intent, days ago)."""
    return tuple(Contact(ago(days=days), channel, intent) for intent, days in messages)


#: Somebody whom three useful messages have made a friend, the last one ten days ago.
FRIEND = Facts(
    joined_at=ago(days=200),
    consents={"service": True, "promotion": True},
    contacts=had(("value", 25), ("value", 18), ("value", 10)),
    value_touches=3,
)


def asked(intent: str = "promotion", channel: str = "wecom", facts: Facts = FRIEND, **known: Any) -> Decision:
    request = Request(intent, channel, MOMENT)
    return decide(request=request, facts=replace(facts, **known), policy=POLICY)


class TestTrustBeforeSale:
    def test_a_friend_gets_a_promotion(self) -> None:
        decision = asked()

        assert (decision.outcome, decision.at, decision.reason) == ("now", MOMENT, "free")

    def test_two_useful_messages_are_not_three(self) -> None:
        decision = asked(value_touches=2)

        assert (decision.outcome, decision.intent, decision.reason, decision.have) == (
            "replace",
            "value",
            "value_first",
            2,
        )
        assert str(decision.words) == (
            "Trust first: promotion comes after 3 messages that were useful; so far there were 2."
        )

    def test_a_promotion_waits_for_the_last_days_of_the_first_fortnight(self) -> None:
        decision = asked(joined_at=ago(days=10))

        assert (decision.outcome, decision.reason, decision.have) == ("at", "too_new", 10)
        assert decision.at == ago(days=10) + timedelta(days=14)

    def test_a_newcomer_gets_something_useful_instead(self) -> None:
        decision = asked(joined_at=ago(days=2))

        assert (decision.outcome, decision.intent, decision.at, decision.reason) == (
            "replace",
            "value",
            MOMENT,
            "too_new",
        )

    def test_promotion_is_a_quarter_of_all_at_most(self) -> None:
        fourth = asked(contacts=had(("value", 25), ("value", 18), ("promotion", 10)))

        assert (fourth.outcome, fourth.intent, fourth.reason) == ("replace", "value", "promotion_share")

    def test_useful_messages_that_are_only_planned_build_no_trust(self) -> None:
        planned = tuple(one._replace(is_planned=True) for one in FRIEND.contacts)

        assert asked(contacts=planned).reason == "promotion_share"

    def test_an_open_complaint_stops_promotion_and_nothing_else(self) -> None:
        assert asked(has_complaint=True).outcome == "refuse"
        assert asked("service", has_complaint=True).outcome == "now"

    def test_after_the_mood_fell_there_is_no_promotion_for_a_month(self) -> None:
        assert asked(mood_fell_at=ago(days=3)).outcome == "refuse"
        assert asked(mood_fell_at=ago(days=28)).at == ago(days=28) + timedelta(days=30)
        assert asked(mood_fell_at=ago(days=30)).outcome == "now"


class TestConsent:
    def test_promotion_needs_a_yes(self) -> None:
        assert asked(consents={}).reason == "consent_missing"
        assert asked(consents={"promotion": False}).reason == "consent_refused"

    def test_nothing_takes_the_place_of_what_was_not_agreed_to(self) -> None:
        assert asked(consents={}).outcome == "refuse"

    def test_service_is_stopped_by_a_no_only(self) -> None:
        assert asked("service", consents={}).outcome == "now"
        assert asked("service", consents={"service": False}).reason == "consent_refused"

    def test_useful_content_by_sms_needs_a_yes_and_by_wecom_none(self) -> None:
        assert asked("value", channel="sms", consents={}).reason == "consent_missing"
        assert asked("value", channel="wecom", consents={}).outcome == "now"

    def test_a_transaction_notice_needs_none_and_knows_no_night(self) -> None:
        night = datetime(2026, 3, 11, 18, 0, tzinfo=UTC)
        full = had(*[("service", 0)] * 9)
        known = replace(FRIEND, consents={"service": False}, contacts=full)

        decision = decide(request=Request("transactional", "sms", night), facts=known, policy=POLICY)

        assert (decision.outcome, decision.at) == ("now", night)


class TestCaps:
    def test_the_second_of_a_day_waits_for_the_first_to_age(self) -> None:
        decision = asked("service", contacts=(Contact(ago(hours=20), "wecom", "value"),))

        assert (decision.outcome, decision.reason) == ("at", "person_day")
        assert decision.at == ago(hours=20) + timedelta(days=1)

    def test_the_window_is_open_at_its_far_end(self) -> None:
        assert asked("service", contacts=(Contact(ago(days=1), "wecom", "value"),)).outcome == "now"

    def test_a_planned_message_takes_a_place(self) -> None:
        tomorrow = Contact(MOMENT + timedelta(days=1), "wecom", "service", is_planned=True)

        assert asked("service", contacts=(tomorrow,)).at == tomorrow.at + timedelta(days=1)

    def test_a_place_that_is_free_too_late_is_none(self) -> None:
        decision = asked("service", channel="phone", contacts=had(("service", 3), channel="phone"))

        assert (decision.outcome, decision.at, decision.reason) == ("refuse", None, "phone_month")

    def test_a_cap_of_nothing_forbids(self) -> None:
        policy = replace(POLICY, sms_month=0)
        request = Request("service", "sms", MOMENT)

        assert decide(request=request, facts=FRIEND, policy=policy).reason == "sms_month"

    def test_a_message_of_no_use_after_tomorrow_does_not_wait_longer(self) -> None:
        request = Request("service", "wecom", MOMENT, latest=MOMENT + timedelta(hours=3))
        facts = replace(FRIEND, contacts=(Contact(ago(hours=20), "wecom", "value"),))

        assert decide(request=request, facts=facts, policy=POLICY).outcome == "refuse"

    def test_the_platform_has_the_last_word_also_on_a_transaction_notice(self) -> None:
        tomorrow = MOMENT + timedelta(hours=14)

        assert asked("transactional", quota_free_at=tomorrow).at == tomorrow

    def test_the_same_content_comes_once_a_month(self) -> None:
        request = Request("service", "wecom", MOMENT, content="poster")

        assert decide(request=request, facts=replace(FRIEND, had_content_at=ago(days=29)), policy=POLICY).reason == (
            "same_content"
        )
        assert (
            decide(request=request, facts=replace(FRIEND, had_content_at=ago(days=30)), policy=POLICY).outcome == "now"
        )


class TestGroups:
    GROUP = Facts(
        joined_at=ago(days=60), contacts=had(*[("value", d) for d in (27, 20, 12)], channel="group"), value_touches=9
    )

    def test_two_posts_a_week(self) -> None:
        busy = had(("value", 2), ("service", 6), channel="group")

        decision = asked("value", channel="group", facts=self.GROUP, contacts=busy)

        assert (decision.outcome, decision.reason) == ("at", "group_week")
        assert decision.at == ago(days=6) + timedelta(days=7)

    def test_a_dead_group_gets_nothing_and_a_tired_one_rests(self) -> None:
        assert asked("value", channel="group", facts=self.GROUP, standing="dead").reason == "group_dead"
        tired = asked("value", channel="group", facts=self.GROUP, standing="fatigued", standing_since=ago(days=9))
        assert (tired.outcome, tired.reason, tired.at) == ("at", "group_rests", ago(days=9) + timedelta(days=14))

    def test_a_group_agrees_by_being_joined(self) -> None:
        assert asked("promotion", channel="group", facts=self.GROUP).outcome == "now"


class TestQuietHours:
    @pytest.mark.parametrize(
        ("zone", "moment", "at"),
        [
            ("Asia/Shanghai", "2026-03-10T23:30+00:00", "2026-03-11T01:00+00:00"),
            ("Asia/Shanghai", "2026-03-11T12:00+00:00", "2026-03-12T01:00+00:00"),
            ("America/New_York", "2026-03-08T05:00+00:00", "2026-03-08T13:00+00:00"),
            ("America/New_York", "2026-11-01T04:00+00:00", "2026-11-01T14:00+00:00"),
        ],
    )
    def test_a_message_waits_for_the_morning_of_the_person(self, zone: str, moment: str, at: str) -> None:
        request = Request("service", "wecom", datetime.fromisoformat(moment))

        decision = decide(request=request, facts=replace(FRIEND, zone=zone, contacts=()), policy=POLICY)

        assert (decision.outcome, decision.reason) == ("at", "quiet_hours")
        assert decision.at == datetime.fromisoformat(at)


class TestForAllFacts:
    @settings(max_examples=100, deadline=None)
    @given(facts(), requests(), policies())
    def test_no_promotion_without_a_yes(self, known: Facts, request: Request, policy: Policy) -> None:
        decision = decide(request=request, facts=known, policy=policy)

        if decision.outcome != "refuse" and decision.intent == "promotion" and request.channel != "group":
            assert known.consents["promotion"] is True
            assert not known.has_complaint
            assert known.value_touches >= policy.value_touches

    @settings(max_examples=100, deadline=None)
    @given(facts(), requests(), policies())
    def test_every_cap_holds_in_every_window_of_the_time_it_names(
        self, known: Facts, request: Request, policy: Policy
    ) -> None:
        decision = decide(request=request, facts=known, policy=policy)

        if decision.at is not None:
            for cap in policy.caps_for(channel=request.channel, intent=decision.intent):
                times = [
                    one.at
                    for one in known.contacts
                    if cap.channel in {"", one.channel} and cap.intent in {"", one.intent}
                ]
                for end in [decision.at, *(at for at in times if at >= decision.at)]:
                    within = [at for at in times if end - timedelta(days=cap.days) < at <= end]
                    holds_it = end - timedelta(days=cap.days) < decision.at
                    assert len(within) + holds_it <= cap.most or not holds_it

    @settings(max_examples=100, deadline=None)
    @given(facts(), requests(), policies())
    def test_nobody_is_disturbed_in_their_night(self, known: Facts, request: Request, policy: Policy) -> None:
        decision = decide(request=request, facts=known, policy=policy)

        if decision.at is not None and request.intent != "transactional":
            assert policy.opens <= decision.at.astimezone(ZoneInfo(known.zone)).hour < policy.closes

    @settings(max_examples=100, deadline=None)
    @given(facts(), requests(), policies())
    def test_what_may_go_out_later_may_go_out_then(self, known: Facts, request: Request, policy: Policy) -> None:
        decision = decide(request=request, facts=known, policy=policy)

        if decision.outcome == "at" and decision.at is not None:
            then = decide(request=replace(request, moment=decision.at), facts=known, policy=policy)
            assert then.outcome == "now"


def test_a_policy_reads_back_what_it_wrote() -> None:
    policy = replace(POLICY, value_needs_yes_on=("sms",), person_week=7)

    assert policy_from(policy.as_json()) == policy


def test_there_is_no_other_intent() -> None:
    assert "transactional" in INTENTS
    with pytest.raises(ValueError, match="no intent"):
        Request("advertising", "wecom", MOMENT)
