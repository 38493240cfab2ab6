"""Who is in which group comes into the lake whenever the group, its members, or who they are changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.channels.conftest import make_person
from tests.communities.conftest import SYSTEM, group_of, judge, told
from tests.conftest import NOW
from tests.lake.test_lake_sync import rows_of
from yutang.communities import actions
from yutang.communities.actions.describing import Description
from yutang.communities.models import Community
from yutang.connectors.wecom.api.groups import Group as Shown
from yutang.connectors.wecom.api.groups import GroupMember as ShownMember
from yutang.customers.merging import move_holdings
from yutang.ingest.lake_sync import sync_lake
from yutang.wecom.group_store import write_groups
from yutang.wecom.models import Contact, GroupMember
from yutang.wecom.recognising import Sighting, recognise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def members() -> list[tuple[Any, ...]]:
    """Return (membership, person, purpose, life, has left) in the lake after a sync."""
    sync_lake(now=NOW)
    return [(row[0], row[1], row[4], row[5], row[7] is not None) for row in rows_of("communities_member")]


def in_the_store() -> list[tuple[Any, ...]]:
    known = {row.group_id: row for row in Community.objects.all()}
    rows = GroupMember.objects.filter(contact__customer__isnull=False, group_id__in=list(known)).select_related(
        "contact"
    )
    told = [
        (
            row.pk,
            row.contact.customer_id,
            known[row.group_id].purpose,
            known[row.group_id].life,
            row.left_at is not None,
        )
        for row in rows
        if row.contact is not None
    ]
    return sorted(told, key=repr)


def shown(community: Community, *people: str, at: datetime = NOW) -> dict[str, Shown]:
    """Return the group as WeCom shows it, with these external ids in it."""
    inside = tuple(ShownMember(one, 2, at - timedelta(days=1), 1, name="张三") for one in people)
    chat_id = community.group.chat_id
    return {chat_id: Shown(chat_id, "群", "", NOW - timedelta(days=9), members=inside)}


def test_every_change_comes_into_the_lake() -> None:
    one = group_of("群", members=3)
    looks = [(members(), in_the_store())]

    with transaction.atomic():
        write_groups(shown(one, "wm1", "wm2"), read_at=NOW, now=NOW)
    looks.append((members(), in_the_store()))
    contact = Contact.objects.filter(customer=None).order_by("pk")[0]
    with transaction.atomic():
        recognise([Sighting(contact, {"external_userid": "wm1", "name": "张三"}, seen_at=NOW)], now=NOW)
    looks.append((members(), in_the_store()))
    winner = make_person(value_days_ago=())
    contact.refresh_from_db()
    with transaction.atomic():
        move_holdings({contact.customer_id: winner}, now=NOW)
    looks.append((members(), in_the_store()))
    with transaction.atomic():
        write_groups(shown(one, "wm2", at=NOW), read_at=NOW + timedelta(hours=1), now=NOW)
    looks.append((members(), in_the_store()))
    actions.describe_community(actor=SYSTEM, community_id=one.pk, description=Description("育儿"), now=NOW)
    looks.append((members(), in_the_store()))
    told(one, [0] * 28)
    judge(weeks=4)
    looks.append((members(), in_the_store()))

    assert [sorted(lake, key=repr) for lake, _store in looks] == [store for _lake, store in looks]
    assert all(before != after for (before, _), (after, _) in pairwise(looks[1:]))


def test_a_sync_after_a_night_that_changed_nothing_leaves_it() -> None:
    group_of("群", members=3)
    judge()
    members()

    judge()

    assert "communities_member" not in [each.table for each in sync_lake(now=NOW).tables]
