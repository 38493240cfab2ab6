"""What a store manager sees of an offer: everything where only stores within reach use it, else what is of their customers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import NOW
from tests.groupbuy.conftest import SYSTEM, campaign, join, pay, people, start
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.groupbuy import queries
from yutang.groupbuy.members import group_view, members_of
from yutang.groupbuy.models import Campaign, Group
from yutang.groupbuy.refusals import NoSuchGroup

pytestmark = pytest.mark.django_db


def used_at(*stores: Store, **parts: Any) -> Campaign:
    """Return an open offer that is used at these stores; at all without one."""
    made = campaign(**parts)
    made.stores.set(stores)
    return made


def filled_from(store: Store, *, code: str = "hook99") -> Group:
    """Return a group that two people of a store filled."""
    one, other = people(2, store=store)
    captain = pay(start(one, code=code))
    pay(join(captain.group, other))
    return captain.group


class TestAnOfferOfOneStore:
    def test_is_its_managers_to_see_whoever_filled_its_groups(self, stores: dict[str, Store], manager: Actor) -> None:
        offer = used_at(stores["xuhui"])
        group = filled_from(stores["tianhe"])
        one, other = members_of(access=SYSTEM, group_id=group.pk)

        mine = queries.tallies(access=manager, campaign_id=offer.pk)[offer.pk]

        assert mine == queries.tallies(access=SYSTEM)[offer.pk]
        assert (mine.filled, mine.members, mine.kept_minor) == (1, 2, 2 * group.price_minor)
        assert queries.tallies(access=manager) == {offer.pk: mine}
        assert [row.id for row in queries.groups(access=manager, campaign_id=offer.pk, now=NOW).rows] == [group.pk]
        assert [row.id for row in queries.groups(access=manager, now=NOW).rows] == [group.pk]
        assert [day.filled for day in queries.days(access=manager, campaign_id=offer.pk, since=NOW.date())] == [1]
        assert members_of(access=manager, group_id=group.pk) == (one, other)
        assert group_view(access=manager, group_id=group.pk, now=NOW).present == 2
        assert [row.id for row in queries.seats_of_group(access=manager, group_id=group.pk)] == [one.id, other.id]
        assert queries.paid_by_person(access=manager, customer_id=one.customer_id or 0) == (1, group.price_minor)

    def test_is_counted_once_beside_own_customers_of_it(self, stores: dict[str, Store], manager: Actor) -> None:
        offer = used_at(stores["xuhui"])
        here, there = people(1, store=stores["xuhui"])[0], people(1, store=stores["tianhe"])[0]
        captain = pay(start(here))
        pay(join(captain.group, there))

        assert queries.tallies(access=manager)[offer.pk].members == 2
        assert [row.id for row in queries.groups(access=manager, now=NOW).rows] == [captain.group_id]

    def test_of_two_stores_is_whole_for_who_sees_both(self, stores: dict[str, Store], manager: Actor) -> None:
        offer = used_at(stores["xuhui"], stores["pudong"])
        filled_from(stores["tianhe"])
        both = replace(manager, role="region_manager", store_ids=frozenset({stores["xuhui"].pk, stores["pudong"].pk}))

        assert queries.tallies(access=both)[offer.pk].members == 2
        assert queries.tallies(access=manager) == {}

    @pytest.mark.parametrize("used", [(), ("tianhe",), ("xuhui", "tianhe")])
    def test_of_all_or_of_other_stores_shows_own_customers_only(
        self, stores: dict[str, Store], manager: Actor, used: tuple[str, ...]
    ) -> None:
        used_at(stores["pudong"], name="浦东的", code="pudong")
        used_at(stores["xuhui"], name="徐汇的", code="xuhui")
        offer = used_at(*(stores[name] for name in used))
        group = filled_from(stores["tianhe"])

        assert queries.tallies(access=manager) == {}
        assert queries.groups(access=manager, campaign_id=offer.pk, now=NOW).rows == ()
        with pytest.raises(NoSuchGroup):
            group_view(access=manager, group_id=group.pk, now=NOW)

    def test_costs_one_query_more_however_many_offers(
        self, stores: dict[str, Store], manager: Actor, django_assert_num_queries: Any
    ) -> None:
        for number in range(5):
            offer = used_at(stores["xuhui"], name=f"第{number}个", code=f"offer{number}")
            filled_from(stores["tianhe"], code=f"offer{number}")

        with django_assert_num_queries(2):
            queries.days(access=manager, campaign_id=offer.pk, since=NOW.date())


class TestPlacesLeft:
    @pytest.mark.parametrize(
        ("used", "told", "is_alone"),
        [((), 98, False), (("xuhui",), 98, True), (("xuhui", "tianhe"), 98, False), (("tianhe",), None, False)],
    )
    def test_are_of_the_whole_chain_and_told_to_who_sells_them(
        self, stores: dict[str, Store], manager: Actor, used: tuple[str, ...], told: int | None, is_alone: bool
    ) -> None:
        offer = used_at(*(stores[name] for name in used))
        filled_from(stores["tianhe"])

        seen = queries.campaign_view(access=manager, campaign_id=offer.pk)
        whole = queries.campaign_view(access=SYSTEM, campaign_id=offer.pk)

        assert (seen.left_told, seen.is_used_here_alone) == (told, is_alone)
        assert (whole.left_told, whole.is_used_here_alone) == (98, True)
        assert queries.campaigns(access=manager) == (seen,)
