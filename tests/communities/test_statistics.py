"""The statistics of WeCom: asked of the sandbox, by owner and day, once."""

from __future__ import annotations

import pytest

from tests.communities.conftest import SYSTEM
from tests.wecom.conftest import Shop, open_shop, shop
from yutang.communities import actions
from yutang.communities.models import OwnerWords
from yutang.wecom.models import Group

__all__ = ["open_shop", "shop"]

pytestmark = pytest.mark.django_db


def test_tell_how_many_members_wrote_in_the_groups_of_each_owner(shop: Shop) -> None:
    shop.sync()
    group = Group.objects.select_related("owner").order_by("pk").first()
    assert group is not None
    assert group.owner is not None
    chat = shop.world.chats[group.chat_id]
    writer = next(one for one in chat.members if one not in shop.world.staff)
    shop.order("group/say", chat_id=group.chat_id, member=writer, messages=3)
    shop.order("clock", advance=24 * 3600)
    later = shop.now()

    written = actions.read_statistics(actor=SYSTEM, client=shop.client, days=1, now=later)
    again = actions.read_statistics(actor=SYSTEM, client=shop.client, days=1, now=later)

    row = OwnerWords.objects.get(account=group.owner)
    assert written == OwnerWords.objects.count()
    assert again == 0
    assert (row.groups_with_words, row.members_with_words, row.messages) == (1, 1, 3)
