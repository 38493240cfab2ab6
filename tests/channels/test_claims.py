"""One message: planned by a decision, decided again when it is to go out, sent once at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.channels.conftest import Made, had
from tests.conftest import NOW
from yutang.channels.actions import (
    Message,
    MessageIsWrong,
    NoSuchGroup,
    NoSuchTouch,
    TouchIsClosed,
    TouchIsNotDue,
    claim_to_send,
    close_grievance,
    note_failure,
    note_quota_use,
    open_grievance,
    plan_touch,
    set_group_standing,
)
from yutang.channels.models import Decision, PolicyVersion, QuotaUse, Touch
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import change_setting

SYSTEM = Actor.system()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def promotion(person: int, key: str = "spring:1", **more: Any) -> Message:
    return Message(key=key, channel="wecom", intent="promotion", customer_id=person, campaign="spring", **more)


def plan(message: Message, now: Any = NOW) -> Any:
    return plan_touch(actor=SYSTEM, message=message, now=now)


def claim(key: str = "spring:1", now: Any = NOW) -> Any:
    return claim_to_send(actor=SYSTEM, key=key, now=now)


class TestPlan:
    def test_a_friend_gets_the_message_and_the_decision_is_kept(self, person: Made) -> None:
        someone = person()

        planned = plan(promotion(someone))

        assert (planned.decision.outcome, planned.is_new) == ("now", True)
        kept = Decision.objects.get()
        assert (kept.touch_key, kept.stage, kept.outcome, kept.reason) == ("spring:1", "plan", "now", "free")
        assert kept.policy == PolicyVersion.objects.get()

    def test_the_same_key_gets_the_same_answer(self, person: Made) -> None:
        message = promotion(person())
        first = plan(message)

        again = plan(message, NOW + DAY)

        assert (again.touch_id, again.decision.outcome, again.is_new) == (first.touch_id, "now", False)
        assert Decision.objects.count() == Touch.objects.filter(campaign="spring").count() == 1

    def test_what_is_refused_is_kept_with_its_reason_and_is_no_touch(self, person: Made) -> None:
        planned = plan(promotion(person(yes_to=())))

        assert (planned.decision.reason, planned.touch_id) == ("consent_missing", None)
        assert plan(promotion(planned.touch_id or Customer.objects.get().pk)).decision == planned.decision

    def test_planned_messages_take_places(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))

        second = plan(Message(key="care:1", channel="sms", intent="service", customer_id=someone))

        assert (second.decision.outcome, second.decision.reason) == ("at", "person_day")
        assert second.decision.at == NOW + DAY

    def test_who_may_not_send_may_not_plan(self, person: Made, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            plan_touch(actor=manager, message=promotion(person()), now=NOW)

    def test_a_person_out_of_reach_is_none(self, person: Made, stores: Any) -> None:
        someone = person(store=stores["tianhe"])
        one_store = frozenset({stores["xuhui"].pk})
        sender = Actor(None, "own-1", one_store, "x", granted=frozenset({"channels.send"}))

        with pytest.raises(NoSuchCustomer):
            plan_touch(actor=sender, message=promotion(someone), now=NOW)

    @pytest.mark.parametrize(
        ("what", "message"),
        [
            ("key", Message(key="", channel="wecom", intent="value", customer_id=1)),
            ("channel", Message(key="k", channel="pigeon", intent="value", customer_id=1)),
            ("intent", Message(key="k", channel="wecom", intent="advertising", customer_id=1)),
            ("receiver", Message(key="k", channel="wecom", intent="value")),
            ("receiver", Message(key="k", channel="group", intent="value", customer_id=1)),
            ("receiver", Message(key="k", channel="wecom", intent="value", customer_id=1, group_key="g")),
        ],
    )
    def test_a_message_that_names_no_receiver_or_way_is_refused(self, db: None, what: str, message: Message) -> None:
        with pytest.raises(MessageIsWrong) as refusal:
            plan(message)
        assert refusal.value.data == {"what": what}


class TestClaim:
    def test_of_two_claims_the_second_finds_it_sent(self, person: Made) -> None:
        plan(promotion(person()))

        assert claim().may_send
        with pytest.raises(TouchIsClosed):
            claim()

    def test_a_withdrawn_consent_stops_what_is_planned(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        said = {"purpose": "promotion", "channel": "any", "wording_version": "v1", "evidence": "call"}
        withdraw_consent_of(someone, **said)

        answer = claim(now=NOW + HOUR)

        assert (answer.may_send, answer.decision.reason) == (False, "consent_refused")
        with pytest.raises(TouchIsClosed):
            claim(now=NOW + HOUR)

    def test_a_yes_for_one_channel_after_a_no_for_any_counts_for_that_channel(self, person: Made) -> None:
        someone = person()
        said = {"purpose": "promotion", "wording_version": "v1", "evidence": "call"}
        withdraw_consent_of(someone, channel="any", **said)
        give_consent_of(someone, channel="wecom", **said)

        assert plan(promotion(someone)).decision.outcome == "now"
        sms = Message(key="sms", channel="sms", intent="promotion", customer_id=someone)
        assert plan(sms).decision.reason == "consent_refused"

    def test_a_complaint_stops_promotion_until_it_is_settled(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        open_grievance(actor=SYSTEM, customer_id=someone, kind="complaint", source="case:7", now=NOW)

        assert claim().decision.reason == "complaint_open"
        close_grievance(actor=SYSTEM, source="case:7", now=NOW)
        assert plan(promotion(someone, key="spring:2")).decision.outcome == "now"

    def test_the_mood_of_a_person_keeps_promotion_away(self, person: Made) -> None:
        someone = person()
        open_grievance(actor=SYSTEM, customer_id=someone, kind="mood", source="reply:7", now=NOW)

        assert plan(promotion(someone)).decision.reason == "mood_fell"

    def test_what_waits_is_planned_anew_and_cannot_be_claimed_before(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        had(someone, NOW, "service")

        assert claim(now=NOW).decision.at == NOW + DAY
        with pytest.raises(TouchIsNotDue):
            claim(now=NOW + HOUR)
        assert claim(now=NOW + DAY).may_send

    def test_two_that_are_planned_for_one_place_do_not_hold_each_other_back(self, person: Made) -> None:
        someone = person()
        for key in ("a", "b"):
            plan(Message(key=key, channel="wecom", intent="service", customer_id=someone))
        Touch.objects.filter(key="b").update(at=NOW)

        assert claim("a").may_send
        assert claim("b").decision.at == NOW + DAY
        assert claim("b", NOW + DAY).may_send

    def test_patience_is_counted_from_when_it_was_wanted(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        for days in (0, 1):
            had(someone, NOW + 5 * DAY + days * HOUR, "service")

        late = claim(now=NOW + 6 * DAY)

        assert (late.may_send, late.decision.reason) == (False, "person_week")

    def test_a_claim_after_the_patience_is_too_late(self, person: Made) -> None:
        plan(promotion(person()))

        assert claim(now=NOW + 8 * DAY).decision.reason == "too_late"

    def test_a_message_may_be_wanted_later(self, person: Made) -> None:
        planned = plan(promotion(person(), moment=NOW + 3 * DAY))

        assert (planned.decision.outcome, planned.decision.at) == ("now", NOW + 3 * DAY)
        with pytest.raises(TouchIsNotDue):
            claim()
        assert claim(now=NOW + 3 * DAY).may_send

    def test_the_quota_of_the_platform_is_taken_by_the_claim(self, person: Made) -> None:
        someone = person()
        plan(Message(key="a", channel="wecom", intent="transactional", customer_id=someone))
        plan(Message(key="b", channel="wecom", intent="transactional", customer_id=someone))

        assert claim("a").may_send
        assert claim("b").decision.reason == "platform_quota"
        assert QuotaUse.objects.get().used == 1

    def test_a_message_that_failed_gives_its_places_back(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        claim()

        note_failure(actor=SYSTEM, key="spring:1", now=NOW + HOUR)

        assert QuotaUse.objects.get().used == 0
        assert plan(promotion(someone, key="spring:2"), NOW + HOUR).decision.outcome == "now"
        with pytest.raises(TouchIsClosed):
            note_failure(actor=SYSTEM, key="spring:1", now=NOW + HOUR)

    def test_what_wecom_says_of_its_quota_holds(self, person: Made) -> None:
        someone = person()
        note_quota_use(actor=SYSTEM, customer_id=someone, used=1, now=NOW)

        decision = plan(promotion(someone)).decision

        assert (decision.outcome, decision.reason) == ("at", "platform_quota")
        assert decision.at == datetime(2026, 3, 12, 1, 0, tzinfo=UTC)

    def test_a_deleted_person_is_not_reached(self, person: Made) -> None:
        someone = person()
        plan(promotion(someone))
        Touch.objects.filter(key="spring:1").update(customer_id=someone + 1_000)

        assert claim().decision.reason == "unreachable"

    def test_there_is_no_other_key(self, db: None) -> None:
        with pytest.raises(NoSuchTouch):
            claim("nobody's")

    def test_a_change_of_the_policy_holds_for_what_is_planned_and_is_another_version(self, person: Made) -> None:
        plan(promotion(person()))
        change_setting(actor=SYSTEM, key="channels.value_touches", value=5, now=NOW)

        assert claim().decision.reason == "value_first"
        assert PolicyVersion.objects.count() == 2
        change_setting(actor=SYSTEM, key="channels.value_touches", value=3, now=NOW)
        plan(promotion(Customer.objects.get().pk, key="spring:2"))
        assert PolicyVersion.objects.count() == 2


class TestGroups:
    def post(self, key: str) -> Message:
        return Message(key=key, channel="group", intent="value", group_key="wr1")

    def test_a_group_that_nobody_noted_is_unknown(self, db: None) -> None:
        with pytest.raises(NoSuchGroup):
            plan(self.post("p1"))

    def test_a_group_gets_two_posts_a_week_and_a_dead_one_none(self, db: None) -> None:
        set_group_standing(actor=SYSTEM, group_key="wr1", standing="alive", joined_at=NOW - 90 * DAY, now=NOW)
        for key, at in (("p1", NOW), ("p2", NOW + 2 * DAY)):
            plan(self.post(key), at)
            assert claim(key, at).may_send

        third = plan(self.post("p3"), NOW + 4 * DAY).decision
        set_group_standing(actor=SYSTEM, group_key="wr1", standing="dead", now=NOW + 5 * DAY)

        assert (third.outcome, third.reason, third.at) == ("at", "group_week", NOW + 7 * DAY)
        assert claim("p3", NOW + 7 * DAY).decision.reason == "group_dead"
        assert sorted(QuotaUse.objects.values_list("slot", "used")) == [("group:month:2026-03-01", 2)]


def withdraw_consent_of(customer_id: int, **said: Any) -> None:
    """Withdraw as the ledger's own action does; the profile of these people is not sealed, so the entry is written directly."""
    from yutang.customers.models import Consent

    Consent.objects.create(customer_id=customer_id, granted=False, occurred_at=NOW - HOUR, **said)


def give_consent_of(customer_id: int, **said: Any) -> None:
    from yutang.customers.models import Consent

    Consent.objects.create(customer_id=customer_id, granted=True, occurred_at=NOW - HOUR / 2, **said)
