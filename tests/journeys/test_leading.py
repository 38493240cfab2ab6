"""Newcomers of codes and invited friends get places in living groups: likeness, room, the next group, and the tree of invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.codes import conftest as codes
from tests.communities.conftest import group_of, people, sit
from tests.conftest import NOW
from tests.referral import conftest as referral
from yutang.codes.leading import newcomer_of
from yutang.codes.models import Newcomer
from yutang.communities import actions
from yutang.communities.actions import Description
from yutang.communities.inviting import tree_of
from yutang.communities.models import Community, Opening, Place
from yutang.communities.registering import follow_groups
from yutang.customers.models import CustomerTag, Tag, TagGroup
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.models import Setting
from yutang.foundation.outbox import deliver_events
from yutang.journeys.leading_newcomers import group_of_friend, lead_waiting
from yutang.wecom.models import Group

pytestmark = pytest.mark.django_db
SYSTEM, DAY = Actor.system(), timedelta(days=1)
coupons = referral.coupons


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own, and an address that can be printed."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    settings.YUTANG_PUBLIC_URL = "https://pond.example.com"


def capacity(n: int) -> None:
    Setting.objects.create(key="communities.capacity", value=n)


def led() -> dict[int, str]:
    """Return in which group a place is kept for each person."""
    return dict(Place.objects.values_list("customer_id", "community__group__chat_id"))


def came(n: int, *, store: Any, **parts: Any) -> list[Newcomer]:
    """Let so many people come to a store by a code that leads into its groups."""
    codes.accounts(1)
    return codes.newcomers(codes.code(group="store", **parts), n, store=store)


class TestNewcomersOfCodes:
    def test_fill_the_oldest_group_of_the_place_then_the_next_and_wait_for_another(
        self, stores: dict[str, Any]
    ) -> None:
        capacity(3)
        for name, members, days in (("群1", 2, 9), ("群2", 1, 5)):
            group_of(name, members=members, store=stores["xuhui"], made_days_ago=days)
        group_of("别店", store=stores["pudong"])
        some = came(4, store=stores["xuhui"])

        first = lead_waiting(now=NOW)
        again = lead_waiting(now=NOW)

        assert list(led().values()) == ["群1", "群2", "群2"]
        assert (first, again) == ({"seen": 4, "led": 3}, {"seen": 1, "led": 0})
        assert {one.source for one in Place.objects.all()} == {f"code:{some[0].code_id}"}
        # The owner makes the next one, and whoever waited is led there.
        wish = Opening.objects.get()
        Group.objects.create(chat_id="new", name=wish.name, owner=wish.follows.group.owner, made_at=NOW + DAY)
        follow_groups(now=NOW + DAY)
        assert lead_waiting(now=NOW + DAY) == {"seen": 1, "led": 1}
        assert led()[some[3].customer_id or 0] == "new"

    def test_go_where_people_are_like_them_however_old_the_group(self, stores: dict[str, Any]) -> None:
        sizes = TagGroup.objects.create(name="身高")
        tall, short = (Tag.objects.create(group=sizes, name=name) for name in ("高", "矮"))
        for name, days, tag in (("矮群", 9, short), ("高群", 5, tall)):
            made = group_of(name, store=stores["xuhui"], made_days_ago=days)
            actions.describe_community(
                actor=SYSTEM, community_id=made.pk, description=Description(tag_ids=[tag.pk], store_id=stores["xuhui"].pk), now=NOW
            )  # fmt: skip
        (one,) = came(1, store=stores["xuhui"])
        CustomerTag.objects.create(customer_id=one.customer_id, tag=tall, given_at=NOW)

        lead_waiting(now=NOW)

        assert led() == {one.customer_id: "高群"}

    @pytest.mark.parametrize(
        "more",
        [
            {"verdict": "refuse"},
            {"verdict": "slow"},
            {"left_at": NOW, "left_date": NOW.date()},
            {"joined_group_at": NOW},
        ],
        ids=["refused", "slowed down", "gone", "there"],
    )
    def test_who_is_held_back_gone_or_there_already_is_not_led(
        self, stores: dict[str, Any], more: dict[str, Any]
    ) -> None:
        group_of("群1", store=stores["xuhui"])
        (one,) = came(1, store=stores["xuhui"])
        Newcomer.objects.filter(pk=one.pk).update(**more)

        assert lead_waiting(now=NOW) == {"seen": 0, "led": 0}

    def test_a_code_fills_groups_to_its_own_number(self, stores: dict[str, Any]) -> None:
        group_of("群1", members=3, store=stores["xuhui"])
        came(2, store=stores["xuhui"], group_places=4)

        assert lead_waiting(now=NOW) == {"seen": 2, "led": 1}

    def test_two_weeks_later_nobody_is_asked_for(self, stores: dict[str, Any]) -> None:
        group_of("群1", store=stores["xuhui"])
        came(1, store=stores["xuhui"])

        assert lead_waiting(now=NOW + 15 * DAY) == {"seen": 0, "led": 0}

    @pytest.mark.parametrize("signed", ["", "x", "a" * 300, "WyJ0IiwgInp6Il0:1:2"])
    def test_a_link_that_nobody_signed_names_nobody(self, stores: dict[str, Any], signed: str) -> None:
        (one,) = came(1, store=stores["xuhui"])

        assert newcomer_of(signed, spot=codes.spot_of(one.code), now=NOW) is None


@pytest.mark.usefixtures("coupons")
class TestInvitedFriends:
    def test_come_to_their_friends_and_stand_below_them_in_the_tree(self, stores: dict[str, Any]) -> None:
        (inviter,) = people(1, store=stores["xuhui"])
        group_of("老群", store=stores["xuhui"], made_days_ago=90)
        own = group_of("朋友的群", store=stores["xuhui"], made_days_ago=5)
        sit(own, inviter)
        friend_id = _friend(inviter)

        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=NOW))
        lead_waiting(now=NOW)
        sit(own, friend_id)
        actions.settle_places(actor=SYSTEM, customer_ids=[friend_id], now=NOW)

        assert led() == {friend_id: "朋友的群"}
        own.seed_customer_id = inviter
        root, known = tree_of(own, told=Community.objects.all())
        assert (root.customer_id, [one.customer_id for one in root.children], known) == (inviter, [friend_id], 1)

    def test_of_an_ambassador_come_into_that_group_or_the_one_after_it(self, stores: dict[str, Any]) -> None:
        capacity(2)
        (ambassador,) = people(1, store=stores["xuhui"])
        group_of("老群", store=stores["xuhui"], made_days_ago=90)
        own = group_of("大使群", members=1, made_days_ago=5)
        from yutang.referral.actions import name_ambassador

        programme = referral.programme()
        name_ambassador(actor=SYSTEM, programme_id=programme, customer_id=ambassador, group_id=own.group_id, now=NOW)
        first, second = (_friend(ambassador, phone=f"1380013800{n}", programme=programme) for n in (1, 2))

        lead_waiting(now=NOW)

        assert led() == {first: "大使群"}
        wish = Opening.objects.get(follows=own)
        Group.objects.create(chat_id="next", name=wish.name, owner=wish.follows.group.owner, made_at=NOW + DAY)
        follow_groups(now=NOW + DAY)
        lead_waiting(now=NOW + DAY)
        assert led() == {first: "大使群", second: "next"}

    def test_see_the_group_on_the_page_and_have_one_place(self, stores: dict[str, Any]) -> None:
        (inviter,) = people(1, store=stores["xuhui"])
        group_of("群1", store=stores["xuhui"], has_code=True)
        _friend(inviter)
        from yutang.referral.models import Invitation

        invitation = Invitation.objects.get()

        found = [group_of_friend(invitation_id=invitation.pk, now=NOW) for _ in range(2)]

        assert found[0] == found[1]
        assert found[0] is not None
        assert (found[0].name, found[0].picture is not None) == ("群1", True)
        assert Place.objects.count() == 1

    def test_are_led_nowhere_where_the_setting_says_so(self, stores: dict[str, Any]) -> None:
        (inviter,) = people(1, store=stores["xuhui"])
        group_of("群1", store=stores["xuhui"])
        _friend(inviter)
        Setting.objects.create(key="referral.leads_into_groups", value=False)

        assert lead_waiting(now=NOW) == {"seen": 0, "led": 0}


def _friend(inviter: int, *, phone: str = "13800138001", programme: int | None = None) -> int:
    """Let a friend take somebody's invitation, and return who that is."""
    from yutang.referral.models import Invitation

    made = referral.programme() if programme is None else programme
    key = referral.come(referral.invited(made, inviter), phone)
    friend = Invitation.objects.get(pk=key).friend_id
    assert friend is not None
    return friend
