"""The look of each night: who is alive, quiet, dying or dead, why, what to do, and what the contact policy is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.communities.conftest import SYSTEM, YESTERDAY, group_of, judge, people, told
from tests.conftest import NOW
from yutang.channels.models import GroupStanding
from yutang.communities import actions, queries
from yutang.communities.actions.caring import Probed
from yutang.communities.effects import note_posts
from yutang.communities.models import Community, Deed, Opening, OwnerDay, OwnerWords, Vitality
from yutang.communities.placing import ask_for_groups
from yutang.foundation.access import Actor
from yutang.foundation.models import OutboxEvent
from yutang.kit.errors import DomainError
from yutang.worklist.models import Proposal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(community: Community) -> queries.CommunityView:
    return queries.community(access=SYSTEM, community_id=community.pk)


def probe(community: Community, *, takers: int, days_ago: int = 1, packets: int = 10, key: str = "p") -> int:
    probed = Probed("red_packet", NOW - days_ago * DAY, minutes=5, packets=packets, takers=takers)
    return actions.note_probe(actor=SYSTEM, community_id=community.pk, key=key, probed=probed, now=NOW)


class TestStates:
    def test_are_told_with_reasons_and_what_to_do(self) -> None:
        lively, silent, unknown = (group_of(name, members=20) for name in ("热闹", "沉默", "未知"))
        young = group_of("新群", members=8, made_days_ago=3)
        told(lively, [2, 1, 2, 0, 2, 1, 2] * 4)
        told(silent, [0] * 28)

        report = judge(weeks=4)

        assert (found(lively).life, found(silent).life) == ("alive", "dead")
        assert (found(unknown).life, found(young).life) == ("forming", "forming")
        assert [found(one).advice for one in (lively, silent, unknown)] == ["", "probe", "probe"]
        words = " ".join(str(one) for one in found(silent).reasons)
        assert "Nobody was seen writing" in words
        assert "The chance that fewer than 33 of 100 do" in words
        assert report.groups == 4
        # A sign of life of the forming group is asked for with those of all others, in one post.
        assert report.needing == 1
        fleet = queries.fleet(access=SYSTEM)
        alone = queries.communities(access=SYSTEM, filters=queries.Filters(is_needing=True))
        assert (fleet.needing, [one.id for one in alone]) == (1, [silent.pk])
        assert [(one.advice, one.life, one.groups) for one in fleet.by_one_post] == [("probe", "forming", 1)]
        assert GroupStanding.objects.get(pk="沉默").standing == "dead"
        assert GroupStanding.objects.get(pk="热闹").standing == "alive"
        assert OutboxEvent.objects.filter(kind="communities.LifeChanged").exists()
        assert Proposal.objects.filter(kind="tend_group", status="open").count() == 2

    def test_whose_next_one_is_asked_for_waits_for_it_until_it_is_made(self) -> None:
        full = group_of("满员", members=20)
        told(full, [2, 1, 2, 0, 2, 1, 2] * 4)
        ask_for_groups(community_ids=[full.pk], now=NOW)

        report = judge(weeks=4)

        needing = queries.communities(access=SYSTEM, filters=queries.Filters(is_needing=True))
        assert [(one.id, one.life, one.advice) for one in needing] == [(full.pk, "alive", "open")]
        assert report.needing == 1
        # It was asked for on the owner's list already.
        assert list(Proposal.objects.values_list("kind", flat=True)) == ["open_group"]

        Opening.objects.update(opened=group_of("满员2", members=1), opened_at=NOW)
        judge()

        assert found(full).advice == ""

    def test_a_post_to_a_forming_group_is_the_question_for_a_sign_of_life(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unknown = group_of("未知", members=20)
        judge(weeks=4)
        assert found(unknown).advice == "probe"
        posts = [("c1", "未知", "content:1:1", NOW - DAY)]
        monkeypatch.setattr("yutang.communities.effects.sent_to_groups", lambda **_asked: posts)

        assert [note_posts(last=YESTERDAY), note_posts(last=YESTERDAY)] == [1, 0]
        monkeypatch.undo()
        judge()

        assert list(Deed.objects.values_list("kind", "community_id")) == [("probe", unknown.pk)]
        assert found(unknown).advice == ""
        assert queries.fleet(access=SYSTEM).by_one_post == ()

    def test_go_on_from_the_night_before_and_count_late_days_anew(self) -> None:
        one = group_of("群", members=20)
        told(one, [0] * 12)
        judge(weeks=2)
        before = found(one).share
        days = Vitality.objects.filter(community=one).count()

        told(one, [9] * 4)
        judge()

        assert found(one).share is not None
        assert before is not None
        assert found(one).share > before + 0.1  # type: ignore[operator]
        assert Vitality.objects.filter(community=one).count() == days
        assert Vitality.objects.get(community=one, day=YESTERDAY).wrote == 9

    def test_a_probe_outweighs_silence(self) -> None:
        one = group_of("群", members=30)
        told(one, [0] * 14)
        judge(weeks=2)
        silent = found(one)

        probe(one, takers=28, packets=30)
        judge()

        assert silent.share is not None
        assert silent.share < 0.2
        assert found(one).life == "alive"
        assert "28" in " ".join(str(each) for each in found(one).reasons)

    def test_statistics_of_owners_tell_of_each_group_where_they_can(self, stores: dict[str, Any]) -> None:
        only, first, second = (group_of(name, members=20) for name in ("独", "甲", "乙"))
        for group, account in ((first, second),):
            type(group.group).objects.filter(pk=account.group_id).update(owner=group.group.owner)
        for back in range(7):
            day = YESTERDAY - back * DAY
            OwnerWords.objects.create(
                account=only.group.owner, day=day, groups=1, groups_with_words=1, members=21, members_with_words=3, messages=9
            )  # fmt: skip
            OwnerWords.objects.create(
                account=first.group.owner, day=day, groups=2, groups_with_words=0, members=42, members_with_words=0, messages=0
            )  # fmt: skip

        judge()

        assert found(only).share > 0.6  # type: ignore[operator]
        assert found(first).share < 0.35  # type: ignore[operator]
        assert found(second).share == pytest.approx(found(first).share)

    def test_counts_owners_by_how_their_groups_are(self) -> None:
        for name in ("一", "二"):
            group_of(name, members=6)

        judge()

        assert sum(row.groups for row in OwnerDay.objects.filter(day=YESTERDAY)) == 2
        assert sum(row.forming for row in OwnerDay.objects.all()) == 2
        assert queries.fleet(access=SYSTEM).counts["forming"] == 2
        assert queries.fleet_days(access=SYSTEM)[-1].members == 12
        assert len(queries.owners(access=SYSTEM)) == 2


class TestDeeds:
    def test_are_compared_with_similar_groups_left_alone(self) -> None:
        groups = [group_of(f"群{n}", members=20) for n in range(6)]
        day = YESTERDAY - 14 * DAY
        for n, one in enumerate(groups):
            for at, share in ((day - DAY, 0.4), (day + 14 * DAY, 0.6 if n == 0 else 0.45)):
                Vitality.objects.create(
                    community=one, day=at, members=20, joined=0, left=0, ordered=0, share=share, low=0.1, high=0.9
                )
        deed = Deed.objects.create(
            community=groups[0],
            kind="revive",
            day=day,
            at=NOW - 15 * DAY,
            life="quiet",
            detail={"content": "content:1:1"},
        )

        from yutang.communities.effects import follow_deeds

        compared = follow_deeds(last=YESTERDAY)
        deed.refresh_from_db()

        assert compared == 1
        assert (deed.before, deed.after, deed.others) == (0.4, 0.6, 5)
        assert deed.others_change == pytest.approx(0.05)

    @pytest.mark.parametrize(("days", "is_past"), [(14, False), (40, True)])
    def test_of_which_nothing_comes_any_more_say_so(self, days: int, is_past: bool) -> None:
        one = group_of("群", members=2)
        Deed.objects.create(
            community=one, kind="probe", day=YESTERDAY - days * DAY, at=NOW - days * DAY, life="quiet", detail={}
        )

        (deed,) = queries.community_page(access=SYSTEM, community_id=one.pk, now=NOW).deeds

        assert deed.is_past_telling is is_past

    def test_rest_and_close_reach_the_contact_policy(self) -> None:
        one, other = group_of("一", members=6), group_of("二", members=6)

        actions.do_about(actor=SYSTEM, community_id=one.pk, deed="rest", now=NOW)
        actions.do_about(actor=SYSTEM, community_id=other.pk, deed="merge", detail={"with": one.pk}, now=NOW)
        judge()

        assert GroupStanding.objects.get(pk="一").standing == "fatigued"
        assert GroupStanding.objects.get(pk="二").standing == "dead"
        other.refresh_from_db()
        assert other.merged_into_id == one.pk
        with pytest.raises(DomainError, match="closed"):
            actions.do_about(actor=SYSTEM, community_id=other.pk, deed="rest", now=NOW)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"takers": 11},
            {"takers": None},
            {"minutes": 0},
            {"kind": "horoscope"},
            {"at": NOW + DAY},
            {"packets": None},
            {"kind": "poll", "takers": 900},
        ],
    )
    def test_a_probe_that_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        one = group_of("群", members=20)
        probed = Probed(**{"kind": "red_packet", "at": NOW, "minutes": 5, "packets": 10, "takers": 4, **wrong})

        with pytest.raises(DomainError) as refusal:
            actions.note_probe(actor=SYSTEM, community_id=one.pk, key="k", probed=probed, now=NOW)

        assert refusal.value.code == "probe_is_wrong"

    def test_a_probe_is_noted_once_under_its_key(self) -> None:
        one = group_of("群", members=20)

        assert probe(one, takers=5) == probe(one, takers=5)
        assert Deed.objects.filter(kind="probe").count() == 1


class TestSeen:
    def test_the_same_member_counts_once_a_day(self) -> None:
        one = group_of("群", members=20)
        seen = [actions.SeenOnce("群", YESTERDAY, "messages", bytes([n % 3]) * 16) for n in range(9)]

        for _ in range(2):
            unknown = actions.note_seen(
                actor=SYSTEM,
                source="bot",
                seen=[*seen, actions.SeenOnce("没有", YESTERDAY, "messages", b"x" * 16)],
                now=NOW,
            )
        judge()

        assert unknown == 1
        assert Vitality.objects.get(community=one, day=YESTERDAY).wrote == 3


class TestInvitations:
    def test_make_a_tree_from_the_seed(self) -> None:
        one = group_of("群", members=6)
        a, b, c, d, *_rest = queries.people_in(access=SYSTEM, community_id=one.pk)
        actions.describe_community(
            actor=SYSTEM, community_id=one.pk, description=actions.Description(seed_customer_id=a), now=NOW
        )
        for who, by in ((b, a), (c, b), (d, b)):
            actions.note_invitation(actor=SYSTEM, community_id=one.pk, customer_id=who, inviter_id=by, now=NOW)

        tree = queries.community_page(access=SYSTEM, community_id=one.pk, now=NOW).tree

        assert (tree.customer_id, tree.brought) == (a, 3)
        assert [node.customer_id for node in tree.children] == [b]
        assert {node.customer_id for node in tree.children[0].children} == {c, d}

    def test_name_no_group_of_another_store(self, stores: dict[str, Any], manager: Actor) -> None:
        one, foreign = group_of("群", members=2, store=stores["xuhui"]), group_of("别店", store=stores["tianhe"])
        seed, brought = queries.people_in(access=SYSTEM, community_id=one.pk)
        wish = actions.Description(seed_customer_id=seed)
        actions.describe_community(actor=SYSTEM, community_id=foreign.pk, description=wish, now=NOW)
        actions.note_invitation(actor=SYSTEM, community_id=one.pk, customer_id=brought, inviter_id=seed, now=NOW)
        Community.objects.filter(pk=one.pk).update(follows=foreign, merged_into=foreign)

        whole = queries.community_page(access=SYSTEM, community_id=one.pk, now=NOW)
        page = queries.community_page(access=manager, community_id=one.pk, now=NOW)

        assert (whole.follows, whole.merged_into) == ((foreign.pk, "别店"),) * 2
        assert whole.tree.children[0].seeds == (foreign.pk, "别店")
        assert (page.follows, page.merged_into, page.tree.children[0].seeds) == (None, None, None)

    def test_one_customer_seeds_one_group_of_a_purpose(self) -> None:
        one, other = group_of("一", members=2), group_of("二", members=2)
        (seed,) = people(1)
        wish = actions.Description(seed_customer_id=seed)
        actions.describe_community(actor=SYSTEM, community_id=one.pk, description=wish, now=NOW)

        with pytest.raises(DomainError, match="seeds the group"):
            actions.describe_community(actor=SYSTEM, community_id=other.pk, description=wish, now=NOW)
