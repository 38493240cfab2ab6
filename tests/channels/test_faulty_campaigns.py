"""A campaign that cannot be planned harms only itself, says why, and goes on when that is put right; a draft is never resumed."""

from __future__ import annotations

import pytest

from tests.channels.conftest import make_person
from tests.channels.test_campaign_previews import SYSTEM, draft
from tests.conftest import NOW
from yutang.channels.actions import CampaignIsElsewhere, resume_campaign, start_campaign, stop_campaign
from yutang.channels.actions.campaigns import plan_running
from yutang.channels.models import Campaign, Touch
from yutang.channels.results import view_of
from yutang.ingest.lake_sync import rebuild_lake
from yutang.segments.actions import SegmentIsUsed, delete_segment, save_segment
from yutang.segments.models import Segment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]


def segment() -> int:
    rule = {"version": 1, "rule": {"not": {"field": "last_order", "is": "within_days", "value": 30}}}
    return save_segment(actor=SYSTEM, name="老客户", rule=rule, now=NOW)


def asking(segment_id: int) -> dict[str, object]:
    return {"rule": {"version": 1, "rule": {"segment": segment_id}}}


class TestAFaultyCampaign:
    def test_rests_with_the_reason_and_lets_the_others_go_on(self) -> None:
        person = make_person()
        rebuild_lake(now=NOW)
        faulty = draft(asking(4_711))
        sound = draft({"people": [person]}, held_out_percent=0)
        for one in (faulty, sound):
            start_campaign(actor=SYSTEM, campaign_id=one.pk, now=NOW)

        assert plan_running(actor=SYSTEM, now=NOW) == 1

        faulty.refresh_from_db()
        assert (faulty.state, faulty.planned_at) == ("paused", None)
        assert "4711" in str(view_of(faulty, access=SYSTEM).fault)
        assert Touch.objects.filter(campaign=sound.key).exists()

    def test_goes_on_when_that_is_put_right(self) -> None:
        make_person()
        rebuild_lake(now=NOW)
        faulty = draft(asking(4_711))
        start_campaign(actor=SYSTEM, campaign_id=faulty.pk, now=NOW)
        plan_running(actor=SYSTEM, now=NOW)
        Campaign.objects.filter(pk=faulty.pk).update(audience={"everybody": True})

        assert resume_campaign(actor=SYSTEM, campaign_id=faulty.pk, now=NOW) == "running"
        assert plan_running(actor=SYSTEM, now=NOW) == 1

        faulty.refresh_from_db()
        assert faulty.fault is None
        assert faulty.planned_at == NOW

    def test_is_not_begun_by_resuming_its_draft(self) -> None:
        one = draft({"everybody": True})

        with pytest.raises(CampaignIsElsewhere):
            resume_campaign(actor=SYSTEM, campaign_id=one.pk, now=NOW)

        one.refresh_from_db()
        assert one.state == "draft"


class TestASegment:
    def test_stays_while_a_campaign_is_to_ask_it(self) -> None:
        rebuild_lake(now=NOW)
        key = segment()
        one = draft(asking(key))
        start_campaign(actor=SYSTEM, campaign_id=one.pk, now=NOW)

        with pytest.raises(SegmentIsUsed) as refused:
            delete_segment(actor=SYSTEM, segment_id=key, now=NOW)
        assert "春茶" in str(refused.value)

        stop_campaign(actor=SYSTEM, campaign_id=one.pk, now=NOW)
        delete_segment(actor=SYSTEM, segment_id=key, now=NOW)
        assert not Segment.objects.exists()
