"""What is foreseen of a campaign is what its planning does, person by person; held out people get nothing; killed, it goes on."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from tests.channels.conftest import had, make_person
from tests.conftest import NOW
from yutang.channels.actions import (
    CampaignIsElsewhere,
    CampaignIsIncomplete,
    CampaignReachesFurther,
    CampaignWasNotLookedAt,
    CampaignWish,
    NobodyWouldGetIt,
    NumberIsAnother,
    ask_for_preview,
    choose_parts,
    draft_campaign,
    launch_campaign,
    launching,
    set_group_standing,
    sketch_campaign,
    start_campaign,
)
from yutang.channels.actions.audiences import _Asked
from yutang.channels.actions.campaigns import plan_running
from yutang.channels.audiences_of import AudienceIsWrong
from yutang.channels.columns import microseconds
from yutang.channels.models import Campaign, CampaignPreview, Decision, Touch
from yutang.channels.policy import CHANNELS
from yutang.channels.previews import FATES, answers_like, kept_answers, make_preview
from yutang.channels.queries import campaign_progress, preview_view, receivers_foreseen, receivers_met, tallies
from yutang.channels.tasks import preview_campaign
from yutang.channels.wording import REASONS
from yutang.experiments.models import Assignment, Experiment
from yutang.foundation import jobs
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import change_setting
from yutang.ingest.lake_sync import rebuild_lake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]
SYSTEM = Actor.system()
WORDS = {"text": "您好，春茶到了", "subject": "春茶", "template": "SMS_7", "values": {"tea": "龙井"}}
USEFUL = "content:1:1"


def crowd(size: int, *, seed: int, store: Any = None) -> list[int]:
    """Write people of every kind: new and old, willing or not, with and without an address, with much and little had."""
    rng = random.Random(seed)
    people = []
    for _number in range(size):
        person = make_person(
            store=store,
            joined_days_ago=rng.choice((2, 10, 40, 200)),
            kinds=rng.choice((("phone", "wecom", "email"), ("phone",), ("wecom",), ())),
            yes_to=rng.choice((("service", "promotion"), ("service", "promotion"), ("promotion",), ())),
            value_days_ago=rng.choice(((), (12,), (25, 18, 10), (28, 25, 18, 10, 9))),
        )
        if rng.random() < 0.3:
            had(person, NOW - timedelta(hours=rng.choice((2, 30, 100))), rng.choice(("promotion", "service")))
        if rng.random() < 0.15:
            had(person, NOW - timedelta(days=3), "value", channel="sms")
            Touch.objects.filter(customer_id=person, channel="sms").update(content=USEFUL)
        people.append(person)
    rebuild_lake(now=NOW)
    return people


def draft(audience: dict[str, Any], *, actor: Actor = SYSTEM, **more: Any) -> Campaign:
    told: dict[str, Any] = {
        "name": "春茶",
        "channel": "wecom",
        "intent": "promotion",
        "audience": audience,
        "words": WORDS,
    }
    campaign_id = draft_campaign(actor=actor, wish=CampaignWish(**{**told, **more}), now=NOW)
    # The lot falls the same in every run.
    Campaign.objects.filter(pk=campaign_id).update(salt=b"a lot of the test's own, as it was")
    return Campaign.objects.get(pk=campaign_id)


def run(campaign: Campaign, *, now: Any = NOW) -> None:
    start_campaign(actor=SYSTEM, campaign_id=campaign.pk, now=now)
    plan_running(actor=SYSTEM, now=now)


def foreseen(campaign: Campaign) -> dict[Any, tuple[str, str, int]]:
    answers = kept_answers(campaign)
    assert answers is not None
    columns = (answers.receivers, answers.fate, answers.reason, answers.at)
    return {
        receiver: (FATES[fate], REASONS[reason], at)
        for receiver, fate, reason, at in zip(*(one.tolist() for one in columns), strict=True)
    }


def foreseen_ways(campaign: Campaign) -> dict[Any, str]:
    answers = kept_answers(campaign)
    assert answers is not None
    return dict(zip(answers.receivers.tolist(), [CHANNELS[one] for one in answers.way.tolist()], strict=True))


class TestPreviewIsWhatThePlanningDoes:
    @pytest.mark.parametrize(
        ("seed", "more"),
        [
            (1, {}),
            (2, {"instead": USEFUL}),
            (3, {"channel": "sms", "intent": "value"}),
            (4, {"starts_at": NOW + timedelta(days=2, hours=11), "latest": NOW + timedelta(days=4), "instead": USEFUL}),
            (5, {"channel": "email", "held_out_percent": 0}),
            (6, {"fallback": "sms", "instead": USEFUL}),
            (7, {"channel": "sms", "fallback": "wecom", "intent": "value"}),
        ],
    )
    def test_person_by_person_while_nothing_changes_in_between(self, seed: int, more: dict[str, Any]) -> None:
        people = crowd(70, seed=seed)
        campaign = draft({"people": people}, **{"held_out_percent": 50, **more})
        make_preview(campaign, now=NOW)
        told, ways = foreseen(campaign), foreseen_ways(campaign)
        assert not Touch.objects.filter(campaign=campaign.key).exists()
        assert not Decision.objects.exists()
        assert not Experiment.objects.exists()

        at = more.get("starts_at", NOW)
        Campaign.objects.filter(pk=campaign.pk).update(state="running")
        plan_running(actor=SYSTEM, now=NOW)

        decided = {one.customer_id: one for one in Decision.objects.filter(stage="plan")}
        touches = {one.customer_id: one for one in Touch.objects.filter(campaign=campaign.key)}
        held = set(Assignment.objects.filter(arm=0).values_list("customer_id", flat=True))
        assert set(told) == set(people) == set(decided) | held
        for person, (fate, reason, instant) in told.items():
            if fate == "held":
                assert person in held
                assert person not in decided
                assert person not in touches
                continue
            assert (decided[person].outcome, decided[person].reason) == (fate, reason)
            goes = fate in {"now", "at"} or (fate == "replace" and bool(campaign.instead))
            assert (person in touches) == goes
            if goes:
                assert int(microseconds(touches[person].at)) == instant
                assert touches[person].at >= at
                assert touches[person].channel == decided[person].channel == ways[person]
                is_useful = fate == "replace"
                assert touches[person].intent == ("value" if is_useful else campaign.intent)
                assert (touches[person].content == USEFUL) == is_useful
        # A case that never happens would prove nothing.
        fates = {fate for fate, _reason, _at in told.values()}
        assert {"refuse"} < fates
        assert ("held" in fates) == bool(campaign.held_out_percent)
        channels = {one.channel for one in touches.values()}
        assert channels == {campaign.channel, campaign.fallback} - {""}

    def test_group_by_group_with_whole_groups_held_out(self) -> None:
        groups = [f"wr{number}" for number in range(40)]
        for number, group in enumerate(groups):
            standing = ("alive", "dead", "fatigued")[number % 3] if number % 2 else "alive"
            set_group_standing(
                actor=SYSTEM, group_key=group, standing=standing, joined_at=NOW - timedelta(days=90), now=NOW
            )
        more: dict[str, Any] = {"channel": "group", "instead": USEFUL, "held_out_percent": 30}
        campaign = draft({"groups": groups}, **more)
        make_preview(campaign, now=NOW)
        told = foreseen(campaign)

        run(campaign)

        sent = {one.group_key: one for one in Touch.objects.filter(campaign=campaign.key)}
        held = set(Assignment.objects.filter(arm=0, customer=None).values_list("group_key", flat=True))
        assert {group for group, (fate, *_rest) in told.items() if fate == "held"} == held
        assert held
        assert Experiment.objects.get().unit == "group"
        for group, (fate, _reason, at) in told.items():
            assert (group in sent) == (fate in {"now", "at", "replace"})
            if group in sent:
                assert int(microseconds(sent[group].at)) == at
                assert (sent[group].intent == "value") == (fate == "replace")

    def test_counts_are_those_of_the_people_behind_them(self) -> None:
        campaign = draft({"people": crowd(60, seed=6)}, fallback="sms", instead=USEFUL)
        ask_for_preview(actor=SYSTEM, campaign_id=campaign.pk, now=NOW)
        view = preview_view(access=SYSTEM, campaign_id=campaign.pk, now=NOW)
        answers = kept_answers(campaign)
        assert view is not None
        assert answers is not None

        assert sum(view.outcomes.values()) == view.asked == 60
        assert sum(view.days.values()) == view.outcomes["at"]
        for fate, reasons in view.reasons.items():
            assert sum(reasons.values()) == view.outcomes[fate]
            for reason, n in reasons.items():
                found = receivers_foreseen(access=SYSTEM, campaign_id=campaign.pk, fate=fate, reason=reason)
                assert len(found) == n
        for day, n in view.days.items():
            assert len(answers_like(answers, fate="at", day=day)) == n
        assert sum(view.ways.values()) == view.getting
        for way, n in view.ways.items():
            assert len(receivers_foreseen(access=SYSTEM, campaign_id=campaign.pk, way=way)) == n > 0

    def test_what_was_kept_before_ways_were_told_apart_is_read_and_not_fresh(self) -> None:
        campaign = draft({"people": [make_person() for _number in range(3)]}, fallback="sms", held_out_percent=0)
        rebuild_lake(now=NOW)
        make_preview(campaign, now=NOW)
        kept, packed = CampaignPreview.objects.get(), io.BytesIO()
        with np.load(io.BytesIO(bytes(kept.answers))) as read:
            np.savez_compressed(packed, **{name: read[name] for name in read.files if name != "way"})
        counts = {name: told for name, told in kept.counts.items() if name != "ways"}
        CampaignPreview.objects.update(answers=packed.getvalue(), counts=counts, digest="of other questions")

        view = preview_view(access=SYSTEM, campaign_id=campaign.pk, now=NOW)

        assert view is not None
        assert (view.getting, view.ways, view.is_fresh) == (3, {}, False)
        assert set(foreseen_ways(campaign).values()) == {"wecom"}


class TestHeldOut:
    def test_get_no_message_by_any_way_and_are_counted(self) -> None:
        people = [make_person() for _number in range(60)]
        rebuild_lake(now=NOW)
        campaign = draft({"people": people}, held_out_percent=25, fallback="sms")

        run(campaign)

        experiment = Experiment.objects.get(key=f"campaign:{campaign.key}")
        held = set(Assignment.objects.filter(experiment=experiment, arm=0).values_list("customer_id", flat=True))
        told = set(Touch.objects.filter(campaign=campaign.key).values_list("customer_id", flat=True))
        assert 0 < len(held) < 30
        assert told == set(people) - held
        progress = campaign_progress(access=SYSTEM, campaign_id=campaign.pk, now=NOW)
        assert (progress.held, progress.way["planned"]) == (len(held), len(told))
        assert experiment.ended_at == NOW
        assert set(receivers_met(access=SYSTEM, campaign_id=campaign.pk)) == told

    def test_whom_the_policy_refuses_is_in_no_arm(self) -> None:
        willing = [make_person() for _number in range(20)]
        unwilling = [make_person(yes_to=()) for _number in range(20)]
        rebuild_lake(now=NOW)

        run(draft({"people": [*willing, *unwilling]}, held_out_percent=50))

        assert set(Assignment.objects.values_list("customer_id", flat=True)) == set(willing)


class TestKilledInTheMiddle:
    @pytest.mark.parametrize("where", ["drawn", "planned"])
    def test_goes_on_and_plans_nothing_twice(self, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
        people = [make_person() for _number in range(40)]
        rebuild_lake(now=NOW)
        campaign = draft({"people": people}, held_out_percent=30)
        with monkeypatch.context() as broken:
            if where == "drawn":
                broken.setattr(_Asked, "keep", _killed)
            else:
                broken.setattr("yutang.channels.holding_out.end_drawing", _killed)
            with pytest.raises(KeyboardInterrupt):
                run(campaign)
        before = dict(Assignment.objects.values_list("customer_id", "arm"))
        planned = set(Touch.objects.filter(campaign=campaign.key).values_list("key", "at"))
        assert (len(planned) > 0) == (where == "planned")

        plan_running(actor=SYSTEM, now=NOW + timedelta(minutes=5))
        plan_running(actor=SYSTEM, now=NOW + timedelta(minutes=6))

        arms = dict(Assignment.objects.values_list("customer_id", "arm"))
        touches = list(Touch.objects.filter(campaign=campaign.key))
        assert before == arms
        assert planned <= {(one.key, one.at) for one in touches}
        assert sorted(one.customer_id or 0 for one in touches) == sorted(key for key, arm in arms.items() if arm)
        assert Decision.objects.filter(stage="plan").count() == len(touches)
        assert Campaign.objects.get().planned_at is not None


def _killed(*_args: Any, **_more: Any) -> None:
    raise KeyboardInterrupt


class TestPartByPart:
    def test_a_draft_is_kept_with_a_name_alone_and_grows(self) -> None:
        key = sketch_campaign(actor=SYSTEM, name=" 春茶 ", now=NOW)
        people = {"people": [make_person()]}

        choose_parts(actor=SYSTEM, campaign_id=key, parts={"audience": people}, now=NOW)
        choose_parts(
            actor=SYSTEM, campaign_id=key, parts={"channel": "sms", "intent": "value", "words": WORDS}, now=NOW
        )

        row = Campaign.objects.get(pk=key)
        assert (row.name, row.audience, row.channel, row.held_out_percent) == ("春茶", people, "sms", 10)

    @pytest.mark.parametrize(
        ("parts", "what"),
        [
            ({"name": " "}, "name"),
            ({"channel": "phone", "intent": "value", "words": WORDS}, "channel"),
            ({"channel": "wecom", "intent": "shouting"}, "intent"),
            ({"channel": "wecom", "words": {}}, "words"),
            ({"channel": "wecom", "fallback": "wecom"}, "fallback"),
            ({"channel": "wecom", "fallback_hours": 0}, "fallback hours"),
            ({"held_out_percent": 96}, "held out share"),
            ({"channel": "wecom", "intent": "value", "instead": USEFUL}, "something useful instead"),
            ({"channel": "wecom", "intent": "promotion", "instead": "nothing:1"}, "something useful instead"),
        ],
    )
    def test_a_part_that_cannot_be_is_refused_and_named(self, parts: dict[str, Any], what: str) -> None:
        key = sketch_campaign(actor=SYSTEM, name="春茶", now=NOW)

        with pytest.raises(CampaignIsIncomplete) as refusal:
            choose_parts(actor=SYSTEM, campaign_id=key, parts=parts, now=NOW)

        assert refusal.value.data == {"what": what}
        assert not Campaign.objects.get().channel

    def test_groups_instead_of_people_forget_what_was_written_for_people(self) -> None:
        campaign = draft({"people": [make_person()]}, fallback="sms")

        choose_parts(actor=SYSTEM, campaign_id=campaign.pk, parts={"audience": {"groups": ["wr1"]}}, now=NOW)

        campaign.refresh_from_db()
        assert (campaign.channel, campaign.fallback, campaign.words, campaign.intent) == ("", "", {}, "")

    def test_nobody_in_particular_is_no_audience(self) -> None:
        key = sketch_campaign(actor=SYSTEM, name="春茶", now=NOW)

        with pytest.raises(AudienceIsWrong):
            choose_parts(actor=SYSTEM, campaign_id=key, parts={"audience": {"everybody": False}}, now=NOW)
        with pytest.raises(AudienceIsWrong):
            ask_for_preview(actor=SYSTEM, campaign_id=key, now=NOW)

    def test_who_may_only_look_changes_nothing(self, manager: Actor) -> None:
        campaign = draft({"people": [make_person()]})

        for action in (sketch_campaign, ask_for_preview, launch_campaign, choose_parts):
            told: dict[str, Any] = {"name": "x"} if action is sketch_campaign else {"campaign_id": campaign.pk}
            told |= {"parts": {}} if action is choose_parts else {}
            with pytest.raises(NotAllowed):
                action(actor=manager, **told, now=NOW)


class TestLaunch:
    def test_takes_somebody_who_has_seen_what_the_policy_says_of_what_it_is_now(self) -> None:
        campaign = draft({"people": [make_person() for _number in range(5)]}, held_out_percent=0)
        rebuild_lake(now=NOW)
        told: dict[str, Any] = {"actor": SYSTEM, "campaign_id": campaign.pk}
        with pytest.raises(CampaignWasNotLookedAt):
            launch_campaign(**told, now=NOW)

        ask_for_preview(**told, now=NOW)
        with pytest.raises(CampaignWasNotLookedAt):
            launch_campaign(**told, now=NOW + timedelta(hours=25))
        choose_parts(**told, parts={"held_out_percent": 10}, now=NOW)
        with pytest.raises(CampaignWasNotLookedAt):
            launch_campaign(**told, now=NOW)
        ask_for_preview(**told, now=NOW)
        change_setting(actor=SYSTEM, key="channels.person_week", value=1, now=NOW)
        with pytest.raises(CampaignWasNotLookedAt):
            launch_campaign(**told, now=NOW)
        ask_for_preview(**told, now=NOW)

        assert launch_campaign(**told, now=NOW) == "running"
        with pytest.raises(CampaignIsElsewhere):
            ask_for_preview(**told, now=NOW)

    def test_of_many_takes_their_number(self) -> None:
        campaign = draft({"people": [make_person() for _number in range(5)]}, held_out_percent=0)
        rebuild_lake(now=NOW)
        change_setting(actor=SYSTEM, key="delivery.confirm_from", value=5, now=NOW)
        told: dict[str, Any] = {"actor": SYSTEM, "campaign_id": campaign.pk}
        ask_for_preview(**told, now=NOW)

        for wrong in (None, 4, 50):
            with pytest.raises(NumberIsAnother) as refusal:
                launch_campaign(**told, people=wrong, now=NOW)
            assert refusal.value.data == {"people": 5, "most": 5}
        assert launch_campaign(**told, people=5, now=NOW) == "running"

    def test_of_nobody_is_refused(self) -> None:
        campaign = draft({"people": [make_person(yes_to=())]})
        rebuild_lake(now=NOW)
        ask_for_preview(actor=SYSTEM, campaign_id=campaign.pk, now=NOW)

        with pytest.raises(NobodyWouldGetIt):
            launch_campaign(actor=SYSTEM, campaign_id=campaign.pk, now=NOW)

    def test_of_an_incomplete_one_says_what_is_lacking(self) -> None:
        key = sketch_campaign(actor=SYSTEM, name="春茶", now=NOW)
        choose_parts(actor=SYSTEM, campaign_id=key, parts={"audience": {"everybody": True}}, now=NOW)

        with pytest.raises(CampaignIsIncomplete) as refusal:
            launch_campaign(actor=SYSTEM, campaign_id=key, now=NOW)

        assert refusal.value.data == {"what": "channel"}

    def test_a_large_audience_is_asked_about_by_a_job(self, monkeypatch: pytest.MonkeyPatch) -> None:
        campaign = draft({"everybody": True})
        make_person()
        rebuild_lake(now=NOW)
        monkeypatch.setattr(launching, "AT_ONCE", 0)

        assert not ask_for_preview(actor=SYSTEM, campaign_id=campaign.pk, now=NOW)
        waits = preview_view(access=SYSTEM, campaign_id=campaign.pk, now=NOW)
        assert waits is not None
        assert (waits.made_at, waits.is_fresh) == (None, False)
        jobs.run_inline(jobs.enqueue(preview_campaign, {"campaign_id": campaign.pk}, now=NOW))

        assert CampaignPreview.objects.get().counts["asked"] == 1


class TestReach:
    def test_of_who_chose_the_audience_bounds_it_whoever_starts_it(self, stores: dict[str, Any]) -> None:
        here = [make_person(store=stores["xuhui"]) for _number in range(4)]
        for _number in range(4):
            make_person(store=stores["pudong"])
        rebuild_lake(now=NOW)
        may = frozenset({"channels.send", "channels.view", "segments.view"})
        local = Actor(None, "own-1", frozenset({stores["xuhui"].pk}), "local", granted=may)
        campaign = draft({"everybody": True}, actor=local, held_out_percent=0)

        run(campaign)

        assert set(Touch.objects.filter(campaign=campaign.key).values_list("customer_id", flat=True)) == set(here)
        whole = draft({"everybody": True})
        with pytest.raises(CampaignReachesFurther):
            start_campaign(actor=local, campaign_id=whole.pk, now=NOW)


def test_counts_of_a_list_take_the_same_questions_for_one_and_for_many(django_assert_max_num_queries: Any) -> None:
    keys = [draft({"people": [1]}).pk for _number in range(6)]

    with django_assert_max_num_queries(6):
        assert set(tallies(access=SYSTEM, campaign_ids=keys)) == set(keys)
