"""What is advised is done: merging asks people over, splitting and opening ask for a group, and what came of it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.communities.conftest import SYSTEM, group_of, sit
from tests.conftest import NOW
from yutang.channels.bodies import BODIES
from yutang.channels.models import Touch
from yutang.communities import actions, queries
from yutang.communities.actions import Description, GroupCannotBeThis
from yutang.communities.models import Community, Deed, Opening, Place
from yutang.communities.moving_over import ask_over
from yutang.communities.registering import follow_groups
from yutang.customers.models import CustomerTag, Tag, TagGroup
from yutang.foundation.models import Job
from yutang.wecom.models import Group, GroupMember, JoinWay
from yutang.worklist.models import Proposal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def members(one: Community) -> list[int]:
    rows = GroupMember.objects.filter(group_id=one.group_id, left_at=None).order_by("pk")
    return [key for key in rows.values_list("contact__customer_id", flat=True) if key is not None]


def do(one: Community, deed: str, **detail: Any) -> int:
    return actions.do_about(actor=SYSTEM, community_id=one.pk, deed=deed, detail=detail, now=NOW)


def asked_jobs() -> int:
    return Job.objects.filter(task_path__endswith="ask_members_over").count()


class TestMerging:
    def test_keeps_places_as_far_as_they_reach_and_invites_under_the_policy(self) -> None:
        small, other = group_of("小群", members=3), group_of("大群", members=1, has_code=True)
        actions.describe_community(actor=SYSTEM, community_id=other.pk, description=Description(capacity=3), now=NOW)

        deed = do(small, "merge", **{"with": other.pk})
        assert asked_jobs() == 1
        first, again = ask_over(deed_id=deed, now=NOW), ask_over(deed_id=deed, now=NOW)

        assert (first.is_ready, first.people, again.people) == (True, 2, 2)
        held = Place.objects.filter(community=other, source=f"move:{deed}")
        assert set(held.values_list("customer_id", flat=True)) < set(members(small))
        assert Touch.objects.filter(campaign=f"move:{deed}", intent="service").count() == 2
        small.refresh_from_db()
        assert (small.merged_into_id, small.closed_at) == (other.pk, NOW)

    def test_says_where_to_come_and_tells_who_came(self) -> None:
        small, other = group_of("小群", members=2), group_of("大群", has_code=True)
        deed = do(small, "merge", **{"with": other.pk})
        ask_over(deed_id=deed, now=NOW)
        one, two = members(small)

        said = BODIES["move"].bodies(
            reference=f"move:{deed}", channel="wecom", customer_ids=[one, two], group_keys=[], now=NOW
        )
        sit(other, one)
        actions.settle_places(actor=SYSTEM, customer_ids=[one], now=NOW)
        page = queries.community_page(access=SYSTEM, community_id=small.pk, now=NOW)

        assert "大群" in said[one].text
        assert said[one].text.endswith("https://join.example.com/大群")
        assert (page.deeds[0].detail["asked"], page.deeds[0].came_over) == (2, 1)

    def test_waits_for_the_code_of_the_other_group(self) -> None:
        small, other = group_of("小群", members=2), group_of("大群")

        found = ask_over(deed_id=do(small, "merge", **{"with": other.pk}), now=NOW)

        assert not found.is_ready
        assert Place.objects.count() == 0

    def test_of_a_reference_that_nobody_made_nothing_is_said(self) -> None:
        for reference in ("move:", "move:x", "move:99", f"move:{'9' * 40}"):
            assert not BODIES["move"].bodies(
                reference=reference, channel="wecom", customer_ids=[1], group_keys=[], now=NOW
            )


class TestSplitting:
    def test_asks_for_a_group_of_the_part_and_then_its_people_over(self) -> None:
        sizes = TagGroup.objects.create(name="身高")
        tall, short = (Tag.objects.create(group=sizes, name=name) for name in ("高", "矮"))
        mixed = group_of("群1", members=4)
        actions.describe_community(
            actor=SYSTEM, community_id=mixed.pk, description=Description(tag_ids=[short.pk]), now=NOW
        )
        some = members(mixed)
        CustomerTag.objects.bulk_create(
            [CustomerTag(customer_id=one, tag=tall if n < 2 else short, given_at=NOW) for n, one in enumerate(some)]
        )

        deed = do(mixed, "split", tag=tall.pk)
        wish = Opening.objects.get()
        assert (wish.likeness, wish.name, asked_jobs()) == ([tall.pk], "群2", 0)
        assert Proposal.objects.filter(kind="open_group").count() == 1
        made = Group.objects.create(chat_id="new", name="群2", owner=wish.follows.group.owner, made_at=NOW + DAY)
        JoinWay.objects.create(group=made, state_text="yg-new", state="ready", qr_code="https://join.example.com/new", asked_at=NOW)  # fmt: skip
        follow_groups(now=NOW + DAY)
        assert asked_jobs() == 1
        found = ask_over(deed_id=deed, now=NOW + DAY)

        assert found.people == 2
        assert Community.objects.get(group=made).likeness == [tall.pk]
        assert set(Place.objects.values_list("customer_id", flat=True)) == set(some[:2])

    def test_refuses_where_the_next_group_is_there_or_the_tag_is_not(self) -> None:
        one, next_one = group_of("群1", members=2), group_of("群2")
        tag = Tag.objects.create(group=TagGroup.objects.create(name="身高"), name="高")

        with pytest.raises(GroupCannotBeThis):
            do(one, "split", tag=tag.pk + 99)
        Opening.objects.create(follows=one, name="群2", asked_at=NOW, opened=next_one, opened_at=NOW)
        with pytest.raises(GroupCannotBeThis):
            do(one, "split", tag=tag.pk)
        assert Deed.objects.count() == 0


class TestOpening:
    def test_asks_the_owner_for_the_next_one_once(self) -> None:
        one = group_of("群1", members=2)

        do(one, "open")
        do(one, "open")

        assert Opening.objects.get().name == "群2"
        assert Proposal.objects.filter(kind="open_group").count() == 1


def test_people_who_cannot_be_told_keep_no_place() -> None:
    """Whom the policy refuses is not asked, and the place is free for others."""
    from yutang.customers.models import Customer

    other = group_of("大群", has_code=True)
    small = group_of("小群", members=1)
    silent = Customer.objects.create(sealed_profile=b"", first_seen_at=NOW)
    sit(small, silent.pk)

    deed = do(small, "merge", **{"with": other.pk})
    found = ask_over(deed_id=deed, now=NOW)

    assert found.people == 1
    assert Place.objects.get(customer_id=silent.pk).state == "lapsed"
