"""People are led into groups: the fitting one with room, by its code, once, under the contact policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import Started, enter, make_group, tick, wait
from tests.wecom.conftest import Shop, open_shop, shop
from yutang.channels.bodies import BODIES
from yutang.channels.models import Touch
from yutang.customers.models import Identifier
from yutang.foundation.models import Setting
from yutang.journeys.models import Enrolment, Invitation, Passage
from yutang.wecom.models import Contact, Friendship, Group, JoinWay
from yutang.wecom.way_making import make_join_way

__all__ = ["open_shop", "shop"]

DAY = timedelta(days=1)
Person = Callable[..., int]
JOIN = {"id": "join", "do": "join_group"}

pytestmark = pytest.mark.django_db


def invited() -> dict[int, str]:
    return dict(Invitation.objects.values_list("customer_id", "group_key"))


class TestWhichGroup:
    def test_is_one_of_the_persons_store(self, started: Started, person: Person, stores: dict[str, Any]) -> None:
        key = started(JOIN, wait("pause"))
        here, there = make_group("here", store=stores["xuhui"], has_code=True), make_group("there", has_code=True)
        one, stranger = person(store=stores["xuhui"]), person()
        enter(key, one, stranger)

        tick()

        assert invited() == {one: here}
        assert there not in invited().values()
        assert Passage.objects.get(enrolment__customer_id=stranger).reason == "no_group"

    def test_is_the_first_of_a_name_with_room_and_who_finds_none_waits(self, started: Started, person: Person) -> None:
        Setting.objects.create(key="communities.capacity", value=3)
        key = started({**JOIN, "group": "福利群"}, wait("pause"))
        make_group("first", person(), person(), made_days_ago=9, name="福利群1", has_code=True)
        make_group("second", person(), made_days_ago=5, name="福利群2", has_code=True)
        make_group("other", name="别的群", has_code=True)
        people = [person() for _ in range(5)]
        enter(key, *people)

        tick()
        waits = Enrolment.objects.filter(step="join")

        assert sorted(invited().values()) == ["first", "second", "second"]
        assert waits.count() == 2
        # Nobody goes: after a week it is given up.
        for days in range(1, 9):
            tick(NOW + days * DAY)
        assert Passage.objects.filter(outcome="unable", reason="no_room").count() == 2

    def test_is_none_for_who_sits_in_it_already(self, started: Started, person: Person) -> None:
        key, one = started({**JOIN, "group": "群"}, wait("pause")), person()
        make_group("one", one, has_code=True)
        enter(key, one)

        tick()

        assert Passage.objects.get().outcome == "done"
        assert not Touch.objects.filter(campaign=f"playbook:{key}").exists()


class TestInvitation:
    def test_says_the_words_and_the_link_and_is_made_once(self, started: Started, person: Person) -> None:
        key, one = started({**JOIN, "group": "群", "words": "来我们的小群吧"}, wait("pause")), person()
        make_group("one", has_code=True)
        enter(key, one)

        tick()
        tick()

        touch = Touch.objects.get(campaign=f"playbook:{key}")
        said = BODIES["playbook"].bodies(
            reference=touch.content, channel="wecom", customer_ids=(one,), group_keys=(), now=NOW
        )
        assert said[one].text == "来我们的小群吧\nhttps://join.example.com/one"
        assert Invitation.objects.count() == 1

    def test_is_refused_by_the_policy_with_its_reason(self, started: Started, person: Person) -> None:
        key, one = started({**JOIN, "group": "群", "if_refused": "end"}, wait("pause")), person()
        make_group("one", has_code=True)
        enter(key, one)
        Identifier.objects.filter(customer_id=one, kind="wecom").delete()

        tick()

        assert Enrolment.objects.get().ended_because == "refused"
        assert (Passage.objects.get().outcome, Invitation.objects.count()) == ("refused", 0)

    def test_the_code_is_made_where_there_is_none_and_leads_into_the_group(
        self, started: Started, person: Person, shop: Shop
    ) -> None:
        shop.sync()
        Setting.objects.create(key="communities.capacity", value=500)
        group = Group.objects.order_by("made_at").first()
        assert group is not None
        key, one = started({**JOIN, "group": group.name}, wait("pause")), person()
        contact = Contact.objects.create(digest=b"f" * 32, sealed_card=b"", customer_id=one, seen_at=NOW)
        Friendship.objects.create(account=group.owner, contact=contact, standing="friends")
        enter(key, one)

        tick()
        way = JoinWay.objects.get()
        waits = Passage.objects.get().reason
        made = make_join_way(shop.client, way_id=way.pk)
        tick(NOW + timedelta(minutes=10))
        way.refresh_from_db()
        came = shop.order("scan", config_id=way.config_id, unionid="oJ" + "0" * 24, name="新人")

        assert (waits, made) == ("no_code", True)
        assert Invitation.objects.get().url == way.qr_code
        assert came["chat_id"] == way.group.chat_id
        # Asked for again it is there already, and nothing is made anew.
        assert make_join_way(shop.client, way_id=way.pk)
        assert sum(one.is_join for one in shop.world.ways.values()) == 2
