"""How many people the filters of the list of customers find."""

from __future__ import annotations

import html
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.shop import NOW, fill
from yutang.customers.actions import create_tag_in, give_tag, merge_customers
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.insight.actions import score_customers
from yutang.insight.queries import PeopleCounted, PeopleWanted, people, people_count, people_listed


@pytest.fixture(autouse=True)
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


@pytest.fixture
def tag_id(owner: Actor, shop: None) -> int:
    """A tag that 25 people were given, one of whom was merged into another since."""
    tag = create_tag_in(actor=owner, group="兴趣", name="瑜伽", now=NOW)
    ids = list(Customer.objects.filter(merged_into=None).order_by("id").values_list("pk", flat=True))
    give_tag(actor=owner, tag_id=tag, customer_ids=ids[:25], now=NOW)
    merge_customers(actor=owner, first_id=ids[0], second_id=ids[1], now=NOW)
    return tag


def listed(access: Actor, wanted: PeopleWanted) -> int:
    """Return how many people all pages of the list show."""
    found, after = 0, ""
    while True:
        page = people_listed(access=access, wanted=wanted, after=after, limit=7)
        found += len(page.rows)
        if page.next_key is None:
            return found
        after = page.next_key


def test_are_those_of_the_list(owner: Actor, manager: Actor, stores: dict[str, Any], tag_id: int) -> None:
    score_customers(actor=Actor.system(), now=NOW)
    counts = []
    for access, text, stage, tag, store in product(
        (owner, manager),
        ("", "朱", "朱娜", "张伟伟", "14550000003"),
        ("", "loyal", "at_risk"),
        (None, tag_id),
        (None, stores["xuhui"].pk, stores["pudong"].pk),
    ):
        wanted = PeopleWanted(text=text, stage=stage, tag_id=tag, store_id=store)
        counts.append(listed(access, wanted))

        assert people_count(access=access, wanted=wanted) == PeopleCounted(counts[-1], is_all=True), wanted

    assert len({n for n in counts if n}) > 5


def test_ends_after_so_many_looks(
    owner: Actor, tag_id: int, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(people, "_LOOK", 2)
    monkeypatch.setattr(people, "_LOOKS", 3)

    with django_assert_max_num_queries(6):
        found = people_count(access=owner, wanted=PeopleWanted(tag_id=tag_id, stage="loyal"))

    assert not found.is_all
    assert found.people <= 6


def test_the_list_asks_for_it_once_it_stands(owner_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yutang.console.rooms.customers._PAGE", 3)
    whole = owner_client.get("/customers/?sort=newest").content.decode()
    few = owner_client.get("/customers/?q=14550000003").content.decode()
    many = owner_client.get("/customers/?q=朱&sort=spend").content.decode()
    asked = re.search(r'hx-get="(/customers/count/[^"]*)"', many)

    assert "/customers/count/" not in whole
    assert "共 1 人符合" in few
    assert asked is not None
    assert "共 4 人符合" in owner_client.get(html.unescape(asked[1])).content.decode()
