"""Contents go out under their own intent, whoever asks, and own words are checked as the library's are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.channels.conftest import make_person
from yutang.channels.actions.campaigns import (
    CampaignWish,
    NoticeConcernsOne,
    change_campaign,
    draft_campaign,
    start_campaign,
)
from yutang.channels.actions.claims import plan_many
from yutang.channels.actions.drafts import choose_parts
from yutang.channels.actions.touches import Message, plan_touch
from yutang.channels.delivery.words import bodies_of, why_silent
from yutang.channels.models import Campaign, Decision, Touch
from yutang.channels.said_words import IntentIsAnother
from yutang.content.word_checks import WordsMayNotGoOut
from yutang.foundation.access import Actor
from yutang.journeys import actions as journeys
from yutang.journeys.queries import checked_definition, definition_read, warnings_of
from yutang.journeys.reading import DefinitionIsWrong

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
Approved = Callable[..., int]


@pytest.fixture
def promotion(approved: Approved) -> str:
    """The name of an approved promotion."""
    return f"content:{approved(intent='promotion', title='限时八折')}:1"


@pytest.fixture
def useful(approved: Approved) -> str:
    """The name of an approved content of use."""
    return f"content:{approved()}:1"


def wish(**more: Any) -> CampaignWish:
    told = {"name": "春茶", "channel": "wecom", "intent": "service", "audience": {"everybody": True}}
    return CampaignWish(**{**told, **more})


def written(**step: Any) -> dict[str, Any]:
    hello = {"id": "hello", "do": "message", "channel": "wecom", "intent": "service", **step}
    return {"format": 1, "trigger": {"kind": "hand"}, "steps": [hello]}


class TestCampaigns:
    def test_refuse_a_promotion_as_a_service_and_name_both(self, promotion: str, now: datetime) -> None:
        with pytest.raises(IntentIsAnother) as refused:
            draft_campaign(actor=SYSTEM, wish=wish(content=promotion), now=now)

        assert refused.value.data["content"] == promotion
        assert refused.value.data["own"] != refused.value.data["asked"]
        assert not Campaign.objects.exists()

    def test_refuse_a_notice_of_a_transaction_to_many(self, approved: Approved, now: datetime) -> None:
        notice = f"content:{approved(intent='transactional', title='预约确认')}:1"

        with pytest.raises(NoticeConcernsOne):
            draft_campaign(actor=SYSTEM, wish=wish(intent="transactional", content=notice), now=now)

        assert not Campaign.objects.exists()

    def test_take_it_as_what_it_is(self, promotion: str, useful: str, now: datetime) -> None:
        made = wish(content=promotion, intent="promotion", instead=useful)

        assert draft_campaign(actor=SYSTEM, wish=made, now=now)

    def test_refuse_a_promotion_in_place_of_a_promotion(self, promotion: str, now: datetime) -> None:
        made = wish(content=promotion, intent="promotion", instead=promotion)

        with pytest.raises(IntentIsAnother):
            draft_campaign(actor=SYSTEM, wish=made, now=now)

    def test_are_held_to_it_when_changed_chosen_and_started(self, promotion: str, now: datetime) -> None:
        made = wish(content=promotion, intent="promotion")
        key = draft_campaign(actor=SYSTEM, wish=made, now=now)

        with pytest.raises(IntentIsAnother):
            change_campaign(actor=SYSTEM, campaign_id=key, wish=replace(made, intent="service"), now=now)
        with pytest.raises(IntentIsAnother):
            choose_parts(actor=SYSTEM, campaign_id=key, parts={"intent": "service"}, now=now)
        Campaign.objects.filter(pk=key).update(intent="service")
        with pytest.raises(IntentIsAnother):
            start_campaign(actor=SYSTEM, campaign_id=key, now=now)

    def test_refuse_own_words_that_law_forbids_and_take_others(self, now: datetime) -> None:
        with pytest.raises(WordsMayNotGoOut) as refused:
            draft_campaign(actor=SYSTEM, wish=wish(words={"text": "您好\n全国第一的春茶"}), now=now)

        assert refused.value.data["line"] == 2
        assert draft_campaign(actor=SYSTEM, wish=wish(words={"text": "您好，春茶到了"}), now=now)


class TestMessages:
    def test_are_not_planned_under_another_intent(self, promotion: str, now: datetime) -> None:
        message = Message(key="a", channel="wecom", intent="service", customer_id=1, content=promotion)

        with pytest.raises(IntentIsAnother):
            plan_touch(actor=SYSTEM, message=message, now=now)

    def test_of_many_are_refused_with_a_reason_of_their_own_and_the_others_go_on(
        self, promotion: str, useful: str, now: datetime
    ) -> None:
        person = make_person()
        wanted = [
            Message(key=key, channel="wecom", intent=intent, customer_id=person, content=content)
            for key, intent, content in (("a", "service", promotion), ("b", "value", useful))
        ]

        wrong, right = plan_many(actor=SYSTEM, messages=wanted, now=now)

        assert (wrong.decision.outcome, wrong.decision.reason, wrong.touch_id) == ("refuse", "other_intent", None)
        assert "written for something else" in wrong.decision.words.template
        assert right.decision.reason != "other_intent"
        kept = Decision.objects.get(touch_key="a")
        assert (kept.reason, kept.customer_id) == ("other_intent", person)

    @pytest.mark.parametrize(("intent", "code"), [("service", "other_intent"), ("promotion", "no_words")])
    def test_say_why_they_have_no_words(self, promotion: str, intent: str, code: str) -> None:
        touch = Touch(pk=1, key="a", channel="wecom", intent=intent, content=promotion, customer_id=1)

        assert why_silent([touch]) == {code: [1]}

    @pytest.mark.parametrize(("intent", "said"), [("service", 0), ("promotion", 1)])
    def test_have_no_words_under_another_intent_whoever_planned_them(
        self, promotion: str, now: datetime, intent: str, said: int
    ) -> None:
        touch = Touch(pk=1, key="a", channel="wecom", intent=intent, content=promotion, group_key="g")

        assert len(bodies_of([touch], now=now)) == said


class TestPlaybooks:
    def test_name_the_step_whose_content_is_for_something_else(self, promotion: str, now: datetime) -> None:
        given = written(content=promotion)

        with pytest.raises(DefinitionIsWrong) as refused:
            journeys.create_playbook(actor=SYSTEM, name="春茶", definition=given, now=now)
        assert refused.value.data["place"] == "hello.content"
        with pytest.raises(DefinitionIsWrong):
            checked_definition(given)

    @pytest.mark.parametrize("kind", ["stage", "order"])
    def test_tell_of_a_transaction_only_the_one_whom_it_concerns(
        self, approved: Approved, now: datetime, kind: str
    ) -> None:
        notice = f"content:{approved(intent='transactional', title='预约确认')}:1"
        trigger = {"stage": {"kind": "stage", "to": ["loyal"]}, "order": {"kind": "order", "state": "paid"}}[kind]
        given = {**written(content=notice, intent="transactional"), "trigger": trigger}

        if kind == "order":
            assert journeys.create_playbook(actor=SYSTEM, name="通知", definition=given, now=now)
            return
        with pytest.raises(DefinitionIsWrong) as refused:
            journeys.create_playbook(actor=SYSTEM, name="通知", definition=given, now=now)
        assert refused.value.data["place"] == "hello.intent"

    def test_are_held_to_it_when_saved_and_started(self, promotion: str, now: datetime) -> None:
        key = journeys.create_playbook(
            actor=SYSTEM, name="春茶", definition=written(content=promotion, intent="promotion"), now=now
        )

        with pytest.raises(DefinitionIsWrong):
            journeys.save_draft(actor=SYSTEM, playbook_id=key, definition=written(content=promotion), now=now)
        journeys.Playbook.objects.filter(pk=key).update(draft=written(content=promotion))
        with pytest.raises(DefinitionIsWrong):
            journeys.start_playbook(actor=SYSTEM, playbook_id=key, now=now)

    @pytest.mark.parametrize(
        ("step", "place"),
        [
            ({"words": "全国第一的春茶"}, "hello.words"),
            ({"words": "您好", "intent": "promotion", "instead": {"words": "全国第一"}}, "hello.instead.words"),
            ({"words": "春茶到了", "intent": "promotion", "channel": "sms"}, "hello.words"),
        ],
    )
    def test_refuse_own_words_that_law_forbids(self, now: datetime, step: dict[str, Any], place: str) -> None:
        with pytest.raises(DefinitionIsWrong) as refused:
            journeys.create_playbook(actor=SYSTEM, name="春茶", definition=written(**step), now=now)

        assert refused.value.data["place"] == place

    def test_tell_of_words_about_which_a_person_decides(self) -> None:
        read = definition_read(written(words="春茶到了", intent="value", channel="sms"))

        assert [place for place, _sentence in warnings_of(read)] == ["hello.words"]
