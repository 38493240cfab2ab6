"""Newcomers are led into the fitting group with room: alike first, then the oldest, never beyond its places."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.channels.test_workers import all_at_once
from tests.communities.conftest import SYSTEM, group_of, newcomers, people, sit
from tests.conftest import NOW
from yutang.communities import actions, queries
from yutang.communities.actions import Description, Wish
from yutang.communities.models import Community, Opening, Place
from yutang.communities.placing import ask_for_groups
from yutang.communities.registering import follow_groups, next_name
from yutang.customers.models import CustomerTag, Tag, TagGroup
from yutang.foundation.models import OutboxEvent
from yutang.wecom.models import Group
from yutang.worklist.models import Proposal

DAY = timedelta(days=1)
NAMED = Wish(name="群")


def place(some: list[int], wish: Wish = NAMED, **more: Any) -> list[str]:
    found = actions.place_newcomers(actor=SYSTEM, newcomers=newcomers(some, **more), wish=wish, now=NOW)
    return [one.group_key or one.outcome for one in found]


def describe(community: Community, **more: Any) -> None:
    actions.describe_community(actor=SYSTEM, community_id=community.pk, description=Description(**more), now=NOW)


class TestTheNextName:
    @pytest.mark.parametrize(
        ("name", "taken", "following"),
        [
            ("老客群", (), "老客群2"),
            ("老客群", ("老客群2", "老客群3"), "老客群4"),
            ("群07", ("群08",), "群09"),
            ("群9", (), "群10"),
            ("小个子155", (), "小个子155-2"),
            ("小个子155-2", ("小个子155-3",), "小个子155-4"),
            ("老客福利1200", ("老客福利1199",), "老客福利1201"),
            ("长" * 200, (), "长" * 199 + "2"),
        ],
    )
    def test_counts_on_to_what_is_free_and_leaves_sizes_alone(
        self, name: str, taken: tuple[str, ...], following: str
    ) -> None:
        assert next_name(name, taken=taken) == following


@pytest.mark.django_db
class TestPlacing:
    def test_asks_for_names_that_no_other_group_has_or_is_to_have(self) -> None:
        full = [group_of(name, members=2, made_days_ago=days) for name, days in (("群1", 9), ("群", 8))]
        group_of("群2", members=1)

        made = ask_for_groups(community_ids=[one.pk for one in full], now=NOW)

        assert made == 2
        assert [one.name for one in Opening.objects.order_by("follows_id")] == ["群3", "群4"]

    def test_a_group_with_places_left_is_not_called_full_by_who_fills_it_only_so_far(self) -> None:
        group = group_of("群1", members=4)
        describe(group, capacity=50)

        got = place(people(1), wish=Wish(name="群", most=3))

        assert got == ["no_room"]
        assert Opening.objects.get().most == 3
        assert "3" in str(Proposal.objects.get().reason)
        assert "is full" not in str(Proposal.objects.get().reason)
        page = queries.community_page(access=SYSTEM, community_id=group.pk, days=30, now=NOW)
        assert (page.wanted_next, page.filled_up_to) == ("群2", 3)
        describe(group, capacity=4)
        page = queries.community_page(access=SYSTEM, community_id=group.pk, days=30, now=NOW)
        assert (page.wanted_next, page.filled_up_to) == ("群2", None)

    def test_fills_the_oldest_first_then_the_next_and_asks_for_another_once(self) -> None:
        first = group_of("群1", members=2, made_days_ago=9)
        second = group_of("群2", made_days_ago=5)
        for one in (first, second):
            describe(one, capacity=3)
        some = people(6)

        got = place(some)
        again = place(some[:2])

        assert got == ["群1", "群2", "群2", "群2", "no_room", "no_room"]
        assert again == got[:2]
        assert Place.objects.count() == 4
        wish = Opening.objects.get()
        assert (wish.follows_id, wish.name) == (second.pk, "群3")
        assert Proposal.objects.filter(kind="open_group").count() == 1
        assert OutboxEvent.objects.filter(kind="communities.GroupIsWanted").count() == 1

    def test_a_place_that_nobody_took_is_free_again(self) -> None:
        one = group_of("群1", members=2)
        describe(one, capacity=3)
        lazy, keen = people(2)

        place([lazy])
        full = place([keen])
        settled = actions.settle_places(actor=SYSTEM, now=NOW + 15 * DAY)
        later = actions.place_newcomers(
            actor=SYSTEM, newcomers=newcomers([keen]), wish=Wish(name="群"), now=NOW + 15 * DAY
        )

        assert full == ["no_room"]
        assert settled == {"came": 0, "lapsed": 1}
        assert later[0].outcome == "placed"

    def test_who_came_took_the_place_and_is_told_with_who_brought_them(self) -> None:
        one = group_of("群1", members=1)
        inviter, friend = people(2)

        place([friend], inviter_id=inviter, source="referral:3")
        sit(one, friend)
        settled = actions.settle_places(actor=SYSTEM, customer_ids=[friend], now=NOW)
        told = OutboxEvent.objects.get(kind="communities.NewcomerCame").payload

        assert settled["came"] == 1
        assert (told["customer_id"], told["inviter_id"], told["source"]) == (friend, inviter, "referral:3")
        assert place([friend]) == ["群1"]

    def test_people_who_are_alike_come_together(self) -> None:
        heights = TagGroup.objects.create(name="身高")
        small, tall = (Tag.objects.create(group=heights, name=name) for name in ("155以下", "170以上"))
        anybody = group_of("群1", made_days_ago=30)
        for_tall, for_small = group_of("群2", made_days_ago=20), group_of("群3", made_days_ago=10)
        describe(for_tall, tag_ids=[tall.pk])
        describe(for_small, tag_ids=[small.pk])
        one, other, unknown = people(3)
        CustomerTag.objects.create(customer_id=one, tag=small, origin="manual", given_at=NOW)
        CustomerTag.objects.create(customer_id=other, tag=tall, origin="manual", given_at=NOW)

        assert place([one, other, unknown]) == ["群3", "群2", anybody.group.chat_id]

    def test_leads_nobody_into_dead_or_closed_groups_or_elsewhere(self, stores: dict[str, Any]) -> None:
        dead, closed = group_of("群1", store=stores["xuhui"]), group_of("群2", store=stores["xuhui"])
        Community.objects.filter(pk=dead.pk).update(life="dead")
        actions.do_about(actor=SYSTEM, community_id=closed.pk, deed="close", now=NOW)
        group_of("群3", store=stores["pudong"])
        (one,) = people(1, store=stores["xuhui"])

        assert place([one], Wish()) == ["no_group"]

    def test_the_group_that_was_wished_for_takes_over_what_the_full_one_is_for(self, stores: dict[str, Any]) -> None:
        full = group_of("老客群1", members=2, store=stores["xuhui"])
        describe(full, capacity=2, purpose="老客", store_id=stores["xuhui"].pk)
        (one,) = people(1, store=stores["xuhui"])
        before = place([one], Wish())

        owner = Group.objects.get(pk=full.group_id).owner
        Group.objects.create(chat_id="new", name="老客群2", owner=owner, made_at=NOW + DAY)
        follow_groups(now=NOW + DAY)
        after = actions.place_newcomers(actor=SYSTEM, newcomers=newcomers([one]), now=NOW + DAY)
        made = Community.objects.get(group__chat_id="new")

        assert before == ["no_room"]
        assert after[0].group_key == "new"
        assert (made.follows_id, made.purpose, made.capacity) == (full.pk, "老客", 2)
        assert Opening.objects.get().opened_id == made.pk


@pytest.mark.django_db(transaction=True)
class TestFourWorkers:
    def test_never_fill_a_group_beyond_its_places(self) -> None:
        one, other = group_of("群1", members=3), group_of("群2", made_days_ago=5)
        describe(one, capacity=10)
        describe(other, capacity=12)
        crowd = people(60)

        def work(number: int) -> None:
            for start in range(0, 60, 6):
                at = (start + number * 15) % 60
                place(crowd[at : at + 6])

        all_at_once(work)

        taken = Counter(Place.objects.values_list("community_id", flat=True))
        assert taken == {one.pk: 7, other.pk: 12}
        assert max(Counter(Place.objects.values_list("customer_id", flat=True)).values()) == 1
        assert Opening.objects.count() == 1
