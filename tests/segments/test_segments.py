"""Saved segments: snapshots, who came and left, references, reach, exports."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.console.shop import NOW
from yutang.customers.actions import create_tag, create_tag_group, give_tag, record_consent, take_tag
from yutang.customers.models import Customer
from yutang.foundation import jobs
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Job
from yutang.insight.actions import score_customers
from yutang.insight.models import Score
from yutang.kit.text import Sentence
from yutang.segments import actions, queries
from yutang.segments.member_sets import as_keys, packed, unpacked
from yutang.segments.models import Segment, Snapshot
from yutang.segments.snapshots import members_at

SYSTEM = Actor.system()
TODAY = NOW.date()
EVERYBODY = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}


def rule(node: Any) -> dict[str, Any]:
    return {"version": 1, "rule": node}


def people(node: Any, access: Actor = SYSTEM) -> set[int]:
    return set(queries.people_of(access=access, rule=rule(node), today=TODAY).people.tolist())


def plain(sentence: Sentence) -> str:
    values = {k: plain(Sentence.from_json(v)) if isinstance(v, dict) else v for k, v in sentence.values.items()}
    return sentence.template % values if values else sentence.template


class TestMemberSets:
    @given(st.sets(st.integers(0, 2**62)))
    def test_come_back_as_they_were_kept(self, keys: set[int]) -> None:
        assert unpacked(packed(as_keys(sorted(keys)))).tolist() == sorted(keys)

    def test_are_small(self) -> None:
        keys = as_keys(np.random.default_rng(1).choice(3_000_000, 1_000_000, replace=False))

        assert len(packed(keys)) < 500_000


@pytest.mark.usefixtures("shop")
class TestAsking:
    def test_finds_people_by_score_and_by_what_they_did(self) -> None:
        loyal = set(Score.objects.filter(stage="loyal").values_list("customer_id", flat=True))

        assert people({"field": "stage", "is": "in", "value": ["loyal"]}) == loyal
        assert people({"event": "order", "is": "did"}) == set(
            Score.objects.filter(orders__gt=0).values_list("pk", flat=True)
        )

    def test_stays_within_the_stores_of_the_asker(self, manager: Actor) -> None:
        everybody = people(EVERYBODY["rule"])
        own = people(EVERYBODY["rule"], manager)

        assert own == set(
            Customer.objects.filter(store_id__in=manager.store_ids, pk__in=everybody).values_list("pk", flat=True)
        )
        assert 0 < len(own) < len(everybody)

    def test_tags_and_consents_reach_the_lake_with_the_next_sync(self, owner: Actor) -> None:
        first, second = sorted(people(EVERYBODY["rule"]))[:2]
        group = create_tag_group(actor=owner, name="测试", now=NOW)
        tag = create_tag(actor=owner, group_id=group, name="甲", now=NOW)
        give_tag(actor=owner, tag_id=tag, customer_ids=[first, second], now=NOW)
        consent: dict[str, Any] = {
            "purpose": "promotion",
            "wording_version": "1",
            "evidence": "纸",
            "occurred_at": NOW,
            "now": NOW,
        }
        record_consent(actor=owner, customer_id=first, channel="any", **consent)
        actions.refresh_segments(actor=SYSTEM, now=NOW)
        tagged = people({"field": "tag", "is": "in", "value": [tag]})
        agreed = people({"field": "consent", "is": "in", "value": ["promotion/sms"]})
        take_tag(actor=owner, tag_id=tag, customer_ids=[first], now=NOW)
        actions.refresh_segments(actor=SYSTEM, now=NOW)

        assert (tagged, agreed) == ({first, second}, {first})
        assert people({"field": "tag", "is": "in", "value": [tag]}) == {second}

    def test_knows_how_people_can_be_reached(self) -> None:
        from yutang.customers.models import Identifier

        phones = set(Identifier.objects.filter(kind="phone").values_list("customer_id", flat=True))

        assert people({"field": "has_phone", "is": "yes"}) == phones
        assert people({"field": "has_wecom", "is": "yes"}) == set()


@pytest.mark.usefixtures("shop")
class TestSaved:
    def test_refer_to_each_other_as_sets(self) -> None:
        loyal = actions.save_segment(
            actor=SYSTEM, name="老铁", rule=rule({"field": "stage", "is": "in", "value": ["loyal"]}), now=NOW
        )
        big = actions.save_segment(
            actor=SYSTEM, name="大客", rule=rule({"field": "m", "is": "at_least", "value": 4}), now=NOW
        )
        first, second = people({"segment": loyal}), people({"segment": big})
        sides = queries.compared(
            access=SYSTEM, first=rule({"segment": loyal}), second=rule({"segment": big}), today=TODAY
        )

        assert people({"any": [{"segment": loyal}, {"segment": big}]}) == first | second
        assert people({"all": [{"segment": loyal}, {"segment": big}]}) == first & second
        assert people({"all": [{"segment": loyal}, {"not": {"segment": big}}]}) == first - second
        assert [set(side.tolist()) for side in (sides.only_first, sides.both, sides.only_second)] == [
            first - second,
            first & second,
            second - first,
        ]

    def test_refuse_circles_and_what_does_not_exist(self) -> None:
        one = actions.save_segment(actor=SYSTEM, name="一", rule=EVERYBODY, now=NOW)
        two = actions.save_segment(actor=SYSTEM, name="二", rule=rule({"segment": one}), now=NOW)

        with pytest.raises(queries.SegmentsGoInCircles):
            actions.change_segment(
                actor=SYSTEM, segment_id=one, name="一", rule=rule({"not": {"segment": two}}), now=NOW
            )
        with pytest.raises(queries.SegmentsGoInCircles):
            actions.change_segment(actor=SYSTEM, segment_id=one, name="一", rule=rule({"segment": one}), now=NOW)
        with pytest.raises(queries.NoSuchSegment):
            actions.save_segment(actor=SYSTEM, name="三", rule=rule({"segment": 999}), now=NOW)
        with pytest.raises(actions.SegmentIsReferredTo, match="二"):
            actions.delete_segment(actor=SYSTEM, segment_id=one, now=NOW)
        with pytest.raises(actions.SegmentNameIsWrong):
            actions.save_segment(actor=SYSTEM, name=" 二 ", rule=EVERYBODY, now=NOW)
        assert Segment.objects.get(pk=one).rule == EVERYBODY

    def test_tell_every_earlier_set_from_who_came_and_left(self, owner: Actor) -> None:
        group = create_tag_group(actor=owner, name="测试", now=NOW)
        tag = create_tag(actor=owner, group_id=group, name="甲", now=NOW)
        everybody = sorted(people(EVERYBODY["rule"]))
        key = actions.save_segment(
            actor=owner, name="带标签", rule=rule({"field": "tag", "is": "in", "value": [tag]}), now=NOW
        )
        sets = [set[int]()]
        for step, (gets, loses) in enumerate(
            [(everybody[:9], []), (everybody[5:20], everybody[:3]), ([], everybody[4:6])], 1
        ):
            at = NOW + timedelta(days=step)
            give_tag(actor=owner, tag_id=tag, customer_ids=gets, now=at)
            take_tag(actor=owner, tag_id=tag, customer_ids=loses, now=at)
            actions.refresh_segments(actor=SYSTEM, now=at)
            sets.append((sets[-1] | set(gets)) - set(loses))

        segment = Segment.objects.get(pk=key)
        taken_at = list(Snapshot.objects.filter(segment=segment).order_by("pk"))
        told = [members_at(segment, one) for one in taken_at]
        change = queries.change_since(access=owner, segment_id=key, snapshot_id=taken_at[1].pk)

        assert [None if one is None else set(one.tolist()) for one in told] == sets
        assert [one.size for one in queries.sizes_of(access=owner, segment_id=key)] == [len(one) for one in sets]
        assert change is not None
        assert set(change.entered.tolist()) == sets[3] - sets[1]
        assert set(change.left.tolist()) == sets[1] - sets[3]

    def test_show_a_manager_the_own_people_only(self, owner: Actor, manager: Actor) -> None:
        key = actions.save_segment(actor=owner, name="全部", rule=EVERYBODY, now=NOW)
        whole = queries.segment_view(access=owner, segment_id=key)
        own = queries.segment_view(access=manager, segment_id=key)

        assert whole.size == len(people(EVERYBODY["rule"]))
        assert own.size == len(people(EVERYBODY["rule"], manager)) < whole.size
        assert [one.size for one in queries.sizes_of(access=manager, segment_id=key)] == [own.size]
        assert [one.size for one in queries.segments(access=manager)] == [own.size]
        with pytest.raises(NotAllowed):
            actions.change_segment(actor=manager, segment_id=key, name="全部", rule=EVERYBODY, now=NOW)
        with pytest.raises(NotAllowed):
            actions.export_masked(actor=manager, rule=EVERYBODY, now=NOW)

    def test_another_rule_begins_anew_and_a_quiet_day_adds_nothing(self, owner: Actor) -> None:
        key = actions.save_segment(actor=owner, name="一", rule=EVERYBODY, now=NOW)
        actions.refresh_segments(actor=SYSTEM, now=NOW)
        quiet = Snapshot.objects.count()
        actions.change_segment(
            actor=owner, segment_id=key, name="一", rule=rule({"field": "r", "is": "equals", "value": 5}), now=NOW
        )

        assert quiet == 1
        assert len(queries.sizes_of(access=owner, segment_id=key)) == 1
        assert queries.change_since(access=owner, segment_id=key) is None
        assert Snapshot.objects.order_by("-pk")[0].entered_count == 0

    def test_follow_every_scoring(self, owner: Actor) -> None:
        actions.save_preset(actor=owner, preset="stage-loyal", name="老铁", now=NOW)
        score_customers(actor=SYSTEM, now=NOW + timedelta(days=1))
        for path in ("deliver_events", "refresh_segments"):
            jobs.run_inline(Job.objects.filter(task_path__endswith=path, status="waiting").get().pk)

        assert Snapshot.objects.count() == 2

    def test_asks_for_a_refresh_only_where_the_lake_is_behind(self, owner: Actor) -> None:
        actions.refresh_segments(actor=SYSTEM, now=NOW)
        quiet = actions.ask_for_refresh(actor=owner, now=NOW)
        group = create_tag_group(actor=owner, name="测试", now=NOW)
        tag = create_tag(actor=owner, group_id=group, name="甲", now=NOW)
        give_tag(actor=owner, tag_id=tag, customer_ids=sorted(people(EVERYBODY["rule"]))[:2], now=NOW)
        behind = [actions.ask_for_refresh(actor=owner, now=NOW) for _ in range(2)]
        jobs.run_inline(Job.objects.get(task_path__endswith="refresh_segments").pk)

        assert (quiet, behind) == (False, [True, True])
        assert len(people({"field": "tag", "is": "in", "value": [tag]})) == 2

    def test_a_rule_that_can_no_longer_be_read_stops_no_other(self, owner: Actor) -> None:
        broken = actions.save_segment(actor=owner, name="一", rule=EVERYBODY, now=NOW)
        actions.save_segment(actor=owner, name="二", rule=EVERYBODY, now=NOW)
        Segment.objects.filter(pk=broken).update(rule=rule({"field": "gone", "is": "known"}))
        report = actions.refresh_segments(actor=SYSTEM, now=NOW + timedelta(days=1))

        assert (report.segments, report.broken) == (2, 1)
        assert Snapshot.objects.count() == 3

    def test_there_is_a_preset_for_every_stage_and_cell_and_named_group(self) -> None:
        counts = {one.preset.code: one.people for one in queries.preset_counts(access=SYSTEM)}

        assert len(counts) == 7 + 5 + 25
        for code, expected in counts.items():
            preset = queries.preset_named(code)
            assert preset is not None
            assert len(people(preset.rule["rule"])) == expected
        assert counts["stage-loyal"] > 0


@pytest.mark.usefixtures("shop")
class TestExport:
    def test_is_masked_safe_and_written_down(self, owner: Actor) -> None:
        export = actions.export_masked(actor=owner, rule=EVERYBODY, now=NOW)
        header, *rows = list(export.rows(plain))
        entry = AuditEntry.objects.get(action="segments.export")

        assert header[:3] == ["Number", "Name", "Phone"]
        assert {int(row[0]) for row in rows} == people(EVERYBODY["rule"])
        assert all("*" in row[2] for row in rows)
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
        assert entry.detail == {"people": len(rows), "clear": False, "rule": EVERYBODY}
        assert "1455000" not in json.dumps(rows)

    def test_in_the_clear_needs_the_right_and_a_reason(self, owner: Actor) -> None:
        from yutang.customers.actions.people import ReasonIsMissing

        analyst = Actor(staff_id=None, role="analyst", store_ids=None, label="a")
        with pytest.raises(NotAllowed):
            actions.export_clear(actor=analyst, rule=EVERYBODY, reason="call", now=NOW)
        with pytest.raises(ReasonIsMissing):
            actions.export_clear(actor=owner, rule=EVERYBODY, reason=" ", now=NOW)
        refused = AuditEntry.objects.filter(action="segments.export").count()
        _, *rows = list(actions.export_clear(actor=owner, rule=EVERYBODY, reason="回访", now=NOW).rows(plain))

        assert refused == 0
        assert len(rows) == len(people(EVERYBODY["rule"]))
        assert all(row[2].startswith("'+861455000") or row[2].startswith("+861455000") for row in rows)
        assert AuditEntry.objects.get(action="customers.unmask_many").detail == {"reason": "回访", "people": len(rows)}

    def test_holds_nobody_out_of_reach(self, manager: Actor) -> None:
        operator = Actor(staff_id=None, role="operator", store_ids=manager.store_ids, label="o")
        _, *rows = list(actions.export_masked(actor=operator, rule=EVERYBODY, now=NOW).rows(plain))

        assert {int(row[0]) for row in rows} == people(EVERYBODY["rule"], manager)
