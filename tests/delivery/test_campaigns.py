"""A campaign from draft to end: tried without a trace, planned once, paused, stopped, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import NOW
from tests.delivery.conftest import SYSTEM, Book, Corp, states
from tests.delivery.test_mass import follow
from yutang.channels.actions import (
    CampaignIsElsewhere,
    CampaignIsIncomplete,
    CampaignWish,
    NoSuchCampaign,
    change_campaign,
    draft_campaign,
    pause_campaign,
    set_group_standing,
    start_campaign,
    stop_campaign,
)
from yutang.channels.actions.campaigns import clear_ended, plan_running, start_due
from yutang.channels.audiences_of import AudienceIsWrong
from yutang.channels.delivery import books, noting
from yutang.channels.delivery.falling_back import fall_back_round, has_someone_left
from yutang.channels.delivery.mass import create_round
from yutang.channels.models import Campaign, Decision, Delivery, Touch
from yutang.channels.queries import (
    campaign,
    campaign_progress,
    campaign_results,
    campaign_trial,
    campaigns,
    delivery_status,
    messages_of,
    tallies,
)
from yutang.experiments.models import Assignment
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry
from yutang.ingest.lake_sync import rebuild_lake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]
Reachable = Callable[..., int]
WORDS = {"text": "您好，春茶到了", "subject": "春茶", "template": "SMS_7", "values": {"tea": "龙井"}}


@pytest.fixture
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def wish(people: list[int], **more: Any) -> CampaignWish:
    told = {"name": "春茶", "channel": "wecom", "intent": "promotion", "audience": {"people": people}, "words": WORDS}
    told["held_out_percent"] = 0
    return CampaignWish(**{**told, **more})


def begin(made: CampaignWish) -> int:
    """Draft a campaign, start it, and ask the policy about its people."""
    campaign_id = draft_campaign(actor=SYSTEM, wish=made, now=NOW)
    start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW)
    plan_running(actor=SYSTEM, now=NOW)
    return campaign_id


class TestDraft:
    @pytest.mark.parametrize(
        ("what", "more"),
        [
            ("name", {"name": " "}),
            ("channel", {"channel": "phone"}),
            ("intent", {"intent": "advertising"}),
            ("audience", {"channel": "group"}),
            ("fallback", {"fallback": "wecom"}),
            ("fallback hours", {"fallback_hours": 0}),
            ("time", {"starts_at": datetime.max.replace(tzinfo=UTC)}),
            ("time", {"latest": datetime.min.replace(tzinfo=UTC)}),
            ("words", {"words": {}}),
            ("words", {"words": {"text": "x", "attachments": 7}, "channel": "sms"}),
            ("words", {"words": {"text": "hello"}, "channel": "email"}),
            ("words", {"words": {"text": "hello", "subject": "x\ny"}, "channel": "email"}),
            ("words", {"words": {"text": "hello"}, "fallback": "sms"}),
            ("words", {"words": {}, "content": "nothing:1"}),
        ],
    )
    def test_that_lacks_something_is_refused_and_says_what(self, what: str, more: Any) -> None:
        with pytest.raises(CampaignIsIncomplete) as refusal:
            draft_campaign(actor=SYSTEM, wish=wish([1], **more), now=NOW)
        assert refusal.value.data == {"what": what}
        assert not Campaign.objects.exists()

    @pytest.mark.parametrize(
        "audience",
        [{}, {"people": []}, {"people": [1, 1]}, {"people": ["1"]}, {"people": [True]}, {"rule": {}, "people": [1]}],
    )
    def test_for_nobody_in_particular_is_refused(self, audience: Any) -> None:
        with pytest.raises(AudienceIsWrong):
            draft_campaign(actor=SYSTEM, wish=wish([1], audience=audience), now=NOW)

    def test_may_be_changed_until_it_is_started(self, reachable: Reachable) -> None:
        campaign_id = draft_campaign(actor=SYSTEM, wish=wish([reachable(1)]), now=NOW)
        other = {**WORDS, "text": "夏茶"}

        change_campaign(actor=SYSTEM, campaign_id=campaign_id, wish=wish([2], words=other), now=NOW)

        assert campaign(access=SYSTEM, campaign_id=campaign_id).words == other
        assert Campaign.objects.get().words_version == 2
        start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW)
        with pytest.raises(CampaignIsElsewhere):
            change_campaign(actor=SYSTEM, campaign_id=campaign_id, wish=wish([2]), now=NOW)
        with pytest.raises(NoSuchCampaign):
            start_campaign(actor=SYSTEM, campaign_id=campaign_id + 1, now=NOW)
        actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["channels.draft_campaign", "channels.change_campaign", "channels.start_campaign"]

    def test_is_made_by_who_may_send_only(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            draft_campaign(actor=manager, wish=wish([1]), now=NOW)
        assert campaigns(access=manager) == ()


class TestTrial:
    def test_tells_who_gets_it_who_not_and_why_and_leaves_no_trace(self, reachable: Reachable) -> None:
        people = [reachable(1), reachable(2), reachable(3, yes_to=())]
        rebuild_lake(now=NOW)

        told = campaign_trial(access=SYSTEM, wish=wish(people), now=NOW)

        assert (told.asked, dict(told.outcomes)) == (3, {"now": 2, "at": 0, "replace": 0, "refuse": 1})
        assert told.reasons == {"consent_missing": 1}
        assert not Decision.objects.exists()
        begin(wish(people))
        assert Touch.objects.filter(campaign__startswith="c-").count() == 2

    def test_of_groups_asks_a_handful_of_questions(self) -> None:
        for number in range(30):
            standing = "dead" if number % 3 == 0 else "alive"
            set_group_standing(actor=SYSTEM, group_key=f"wr{number}", standing=standing, now=NOW)
        groups = {"groups": [f"wr{number}" for number in range(30)]}
        made = wish([], channel="group", intent="value", audience=groups)

        told = campaign_trial(access=SYSTEM, wish=made, now=NOW)

        assert (told.asked, told.outcomes["now"], told.reasons) == (30, 20, {"group_dead": 10})
        campaign_id = begin(made)
        assert campaign_results(access=SYSTEM, campaign_id=campaign_id).refusals == {"group_dead": 10}
        assert Touch.objects.filter(channel="group", state="planned").count() == 20


class TestWhoIsNoFriend:
    @pytest.fixture
    def two_of_forty(self, reachable: Reachable, open_corp: Callable[..., Corp]) -> Iterator[list[int]]:
        corp = open_corp()
        people = [reachable(number) for number in range(40)]
        corp.befriend(people[:2])
        rebuild_lake(now=NOW)
        books.plug_in(corp.book)
        yield people
        books._BOOKS.clear()

    def test_is_told_as_unreachable_before_and_gets_no_message(self, two_of_forty: list[int]) -> None:
        foreseen = campaign_trial(access=SYSTEM, wish=wish(two_of_forty), now=NOW)

        begin(wish(two_of_forty))

        assert (foreseen.outcomes["now"] + foreseen.outcomes["at"], foreseen.outcomes["refuse"]) == (2, 38)
        assert foreseen.reasons["unreachable"] == 38
        told = Touch.objects.filter(campaign__startswith="c-").values_list("customer_id", flat=True)
        assert set(told) == set(two_of_forty[:2])
        assert Decision.objects.filter(reason="unreachable", outcome="refuse").count() == 38

    def test_is_not_drawn_to_be_held_out(self, two_of_forty: list[int]) -> None:
        begin(wish(two_of_forty, held_out_percent=50))

        told = Touch.objects.filter(campaign__startswith="c-").values_list("customer_id", flat=True)
        drawn = Assignment.objects.values_list("customer_id", flat=True)
        assert set(drawn) | set(told) == set(two_of_forty[:2])

    def test_goes_by_the_other_way_and_where_the_way_is_another(self, two_of_forty: list[int]) -> None:
        by_both = campaign_trial(access=SYSTEM, wish=wish(two_of_forty, intent="service", fallback="sms"), now=NOW)
        by_sms = campaign_trial(access=SYSTEM, wish=wish(two_of_forty, intent="service", channel="sms"), now=NOW)

        assert (by_both.outcomes["refuse"], by_both.ways) == (0, {"wecom": 2, "sms": 38})
        assert (by_sms.outcomes["refuse"], by_sms.ways) == (0, {"sms": 40})

    def test_never_goes_back_while_a_friend_who_was_lost_meanwhile_goes_the_other_way(
        self, two_of_forty: list[int]
    ) -> None:
        lost, _friend, *strangers = two_of_forty[:4]
        campaign_id = begin(wish(two_of_forty[:4], fallback="sms"))
        book = books.wecom_book()
        assert isinstance(book, Book)
        del book.people[lost]

        create_round(book=book, clock=lambda: NOW)
        by_sms = Touch.objects.filter(channel="sms", campaign__startswith="c-")
        Delivery.objects.bulk_create(
            Delivery(touch=one, state="failed", out_id=f"o{one.pk}", state_at=NOW) for one in by_sms
        )
        while fall_back_round(now=NOW):
            continue

        key = Campaign.objects.get(pk=campaign_id).key
        assert {one for one in states() if "~" in one} == {f"{key}:{lost}~sms"}
        told = campaign_progress(access=SYSTEM, campaign_id=campaign_id, now=NOW)
        assert (told.at_once, told.other_way, told.way["planned"]) == (len(strangers), 1, 4)


class TestProgress:
    def test_counts_steps_that_happened_only(self, reachable: Reachable, open_corp: Callable[..., Corp]) -> None:
        corp = open_corp()
        people = [reachable(number) for number in range(5)]
        corp.befriend(people[:3])
        rebuild_lake(now=NOW)
        campaign_id = begin(wish(people))

        create_round(book=corp.book, clock=corp.now)
        follow(corp)

        before = campaign_progress(access=SYSTEM, campaign_id=campaign_id, now=corp.now())
        assert before.way == {"planned": 5, "created": 3, "notified": 3, "confirmed": 0, "delivered": 0}
        assert before.ends == {"not_a_friend": 2}
        # One who leaves while the message waits is found out after the member of staff confirmed.
        gone = Delivery.objects.filter(state="notified").order_by("pk").values_list("pk", flat=True)[0]
        with transaction.atomic():
            noting.move([gone], to="confirmed", now=corp.now())
            noting.move([gone], to="not_a_friend", now=corp.now())
        after = campaign_progress(access=SYSTEM, campaign_id=campaign_id, now=corp.now())
        assert after.way == {"planned": 5, "created": 3, "notified": 3, "confirmed": 1, "delivered": 0}
        assert after.ends == {"not_a_friend": 3}


class TestRun:
    def test_waits_for_its_time_and_is_planned_once(self, reachable: Reachable) -> None:
        people = [reachable(number) for number in range(3)]
        rebuild_lake(now=NOW)
        later = NOW + timedelta(hours=2)
        campaign_id = draft_campaign(actor=SYSTEM, wish=wish(people, starts_at=later), now=NOW)

        assert start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW) == "ready"
        assert (start_due(actor=SYSTEM, now=NOW), plan_running(actor=SYSTEM, now=NOW)) == (0, 0)
        assert (start_due(actor=SYSTEM, now=later), plan_running(actor=SYSTEM, now=later)) == (1, 1)
        Campaign.objects.update(planned_at=None)
        plan_running(actor=SYSTEM, now=later)

        assert Touch.objects.filter(campaign__startswith="c-").count() == 3

    def test_of_a_rule_is_planned_for_who_fits_then(self, reachable: Reachable) -> None:
        reachable(1)
        rebuild_lake(now=NOW)
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}

        campaign_id = begin(wish([], audience={"rule": rule}))

        assert campaign(access=SYSTEM, campaign_id=campaign_id).planned_at == NOW
        assert not Touch.objects.filter(campaign__startswith="c-").exists()

    def test_rests_and_goes_on(self, reachable: Reachable, open_corp: Callable[..., Corp]) -> None:
        corp = open_corp()
        people = [reachable(number) for number in range(3)]
        corp.befriend(people)
        rebuild_lake(now=NOW)
        campaign_id = begin(wish(people))

        pause_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW)
        assert create_round(book=corp.book, clock=corp.now).claimed == 0
        start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW)

        assert create_round(book=corp.book, clock=corp.now).created == 3
        content = next(iter(corp.tasks())).content
        assert content["text"]["content"] == WORDS["text"]

    def test_that_is_stopped_ends_what_is_planned_and_takes_back_what_staff_did_not_send(
        self, reachable: Reachable, open_corp: Callable[..., Corp]
    ) -> None:
        corp = open_corp()
        people = [reachable(number) for number in range(6)]
        corp.befriend(people[:4])
        rebuild_lake(now=NOW)
        campaign_id = begin(wish(people))
        Touch.objects.filter(customer_id__in=people[4:], state="planned").update(at=NOW + timedelta(days=1))
        create_round(book=corp.book, clock=corp.now)
        follow(corp)

        stop_campaign(actor=SYSTEM, campaign_id=campaign_id, now=corp.now())
        assert (clear_ended(actor=SYSTEM, now=corp.now()), clear_ended(actor=SYSTEM, now=corp.now())) == (2, 0)
        follow(corp, minutes=6)

        told = campaign_results(access=SYSTEM, campaign_id=campaign_id)
        assert told.states == {"failed": 4, "refused": 2}
        assert told.refusals == {"stopped": 2}
        assert all(one.is_cancelled for one in corp.tasks())
        with pytest.raises(CampaignIsElsewhere):
            start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=NOW)

    def test_asks_by_the_other_way_whom_the_first_did_not_reach(
        self, reachable: Reachable, open_corp: Callable[..., Corp]
    ) -> None:
        corp = open_corp()
        people = [reachable(number) for number in range(4)]
        corp.befriend(people[:3])
        rebuild_lake(now=NOW)
        campaign_id = begin(wish(people, fallback="sms", fallback_hours=6))
        create_round(book=corp.book, clock=corp.now)
        follow(corp)
        (first, *_others) = corp.tasks()
        for userid in first.targets:
            corp.sandbox.order("member/confirm", msgid=first.msgid, userid=userid)
        follow(corp, minutes=10)
        reached = {key for key, state in states().items() if state == "delivered"}
        assert fall_back_round(now=corp.now()) == 1

        follow(corp, hours=6)
        while fall_back_round(now=corp.now()):
            continue

        key = Campaign.objects.get().key
        asked = {one for one in states() if one.endswith("~sms")}
        assert asked == {f"{key}:{one}~sms" for one in people if f"{key}:{one}" not in reached}
        assert not has_someone_left()
        told = campaign_results(access=SYSTEM, campaign_id=campaign_id)
        assert told.by_channel["sms"] == {"planned": len(asked)}
        assert told.faults == ({"not_confirmed": 3 - len(reached)} if len(reached) < 3 else {})
        assert Delivery.objects.filter(fell_back=True).count() == len(asked)
        # Who has two messages is one person, and nobody of the staff confirms a short message.
        Delivery.objects.bulk_create(
            Delivery(touch=one, state="delivered", out_id=f"o{one.pk}", state_at=corp.now())
            for one in Touch.objects.filter(key__in=asked)
        )
        progress = campaign_progress(access=SYSTEM, campaign_id=campaign_id, now=corp.now())
        assert (progress.way["planned"], progress.way["delivered"], progress.other_way) == (4, 4, len(asked))
        assert progress.way["confirmed"] == len(reached)
        assert tallies(access=SYSTEM, campaign_ids=[campaign_id])[campaign_id].planned == 4

    def test_is_told_step_by_step_and_in_the_whole(self, reachable: Reachable, open_corp: Callable[..., Corp]) -> None:
        corp = open_corp()
        people = [reachable(number) for number in range(3)]
        corp.befriend(people)
        rebuild_lake(now=NOW)
        campaign_id = begin(wish(people))
        create_round(book=corp.book, clock=corp.now)
        follow(corp)

        told = campaign_results(access=SYSTEM, campaign_id=campaign_id)
        (latest, *_older) = messages_of(access=SYSTEM, customer_id=people[0])

        assert told.states == {"notified": 3}
        assert told.waits_for_staff == (len(corp.tasks()), 3)
        assert (latest.state, [one.state for one in latest.steps]) == (
            "notified",
            ["claimed", "handing", "created", "notified"],
        )
        whole = delivery_status(access=SYSTEM, now=corp.now())
        assert (whole.states, whole.open_tasks, whole.lost_tasks) == ({"notified": 3}, len(corp.tasks()), 0)
