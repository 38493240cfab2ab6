"""Delivery and the contact policy meet what the room `wecom` knows: friends, owners of groups, groups to decide for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wecom.comparing import friendships_there
from tests.wecom.conftest import Shop, open_shop, shop
from yutang.channels.delivery.books import wecom_book
from yutang.channels.handlers import get_to_know_groups
from yutang.channels.models import GroupStanding
from yutang.content.uploading import UPLOADERS
from yutang.customers.models import Customer
from yutang.foundation.models import OutboxEvent
from yutang.wecom.events import GroupsFound
from yutang.wecom.models import Friendship, Group

__all__ = ["open_shop", "shop"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def synced(shop: Shop) -> Iterator[Shop]:
    """A simulated corp that was looked at."""
    shop.sync()
    return shop


def hear_of_groups(now: Any) -> None:
    for event in OutboxEvent.objects.filter(kind="wecom.GroupsFound"):
        get_to_know_groups(GroupsFound(tuple(event.payload["group_ids"])), event_id=event.pk, now=now)


def test_without_a_corp_there_is_no_book_and_nothing_is_uploaded() -> None:
    assert wecom_book() is None
    assert not any(one.is_ready() for one in UPLOADERS)


def test_friends_are_written_to_by_whom_they_know(synced: Shop) -> None:
    book = wecom_book()
    assert book is not None
    people = list(Customer.objects.values_list("pk", flat=True))

    friends = book.friends_of([*people, 10**9])

    assert len(friends) == Friendship.objects.filter(standing="friends").values("contact__customer").distinct().count()
    there = {(external, userid) for userid, external in friendships_there(synced.world)}
    assert set(friends.values()) <= there
    assert book.everybody_befriended() == set(friends)
    assert book.senders_of(friends) == {key: userid for key, (_external, userid) in friends.items()}
    assert book.befriended_of([*friends, max(friends) + 1]) == set(friends)


def test_groups_are_written_to_by_their_owners_and_decided_for(synced: Shop) -> None:
    book = wecom_book()
    assert book is not None
    chats = set(Group.objects.values_list("chat_id", flat=True))

    hear_of_groups(synced.now())
    hear_of_groups(synced.now())

    assert set(GroupStanding.objects.values_list("pk", flat=True)) == chats
    assert {userid for _chat, userid in book.owners_of(chats).values()} == set(
        Group.objects.values_list("owner__userid", flat=True)
    )
    assert book.client() is not None
