"""How a search finds its way: the shortest list leads, a long one is walked in parts, and the queries stay few."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.customers.rows import NOW, phone, record, resolve
from yutang.customers import queries, search
from yutang.customers.models import ContestedIdentifier, Customer, CustomerTag, Tag, TagGroup
from yutang.customers.queries import CustomerFilters
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are long from six people on, and one call looks through ten of them."""
    monkeypatch.setattr(search, "_LONG", 6)
    monkeypatch.setattr(search, "_PART", 10)


def people(*names: str, **more: Any) -> list[int]:
    start = Customer.objects.count()
    found = resolve(*[{"name": name, "member_no": f"{start + i}", **more} for i, name in enumerate(names)])
    return [one for one in found if one is not None]


def walked(access: Actor, **filters: Any) -> tuple[list[int], int]:
    """Return everybody found page by page, and the number of pages."""
    found: list[int] = []
    key, pages = None, 0
    while True:
        page = queries.customer_page(access=access, filters=CustomerFilters(**filters), after_key=key, limit=3)
        found += [row.id for row in page.rows]
        key, pages = page.next_key, pages + 1
        if key is None:
            return found, pages


@pytest.mark.usefixtures("small_parts")
class TestParts:
    def test_a_name_is_found_behind_many_who_share_its_pieces(self, owner: Actor) -> None:
        (wanted,) = people("王子涵")
        people(*["王子"] * 20, *["李子涵"] * 20)

        found, pages = walked(owner, text="王子涵")

        assert found == [wanted]
        assert 2 <= pages <= 4

    def test_pairs_that_never_meet_end(self, owner: Actor) -> None:
        people(*["王子"] * 20, *["李子涵"] * 20)

        assert walked(owner, text="王子涵")[0] == []

    def test_a_common_name_is_paged_without_gap_or_overlap(self, owner: Actor) -> None:
        everybody = people(*["王芳"] * 25)

        assert walked(owner, text="王芳")[0] == sorted(everybody, reverse=True)

    def test_a_store_or_a_tag_narrows_it(self, manager: Actor, stores: dict[str, Any]) -> None:
        theirs = people(*["王芳"] * 2, store_id=stores["xuhui"].pk)
        people(*["王芳"] * 30, store_id=stores["pudong"].pk)
        tag = Tag.objects.create(group=TagGroup.objects.create(name="偏好"), name="会员")
        for one in Customer.objects.all():
            CustomerTag.objects.create(customer=one, tag=tag, origin="manual", given_at=NOW)

        assert walked(manager, text="王")[0] == walked(manager, tag_id=tag.pk)[0] == sorted(theirs, reverse=True)
        assert walked(manager, text="王芳", tag_id=tag.pk)[0] == walked(manager)[0] == sorted(theirs, reverse=True)

    def test_a_key_and_a_name_are_paged_together(self, owner: Actor) -> None:
        (old,) = people("李四")
        named = people(*["王芳"] * 25)

        found, _ = walked(owner, text="王芳", also_ids=(old,))

        assert found == [*sorted(named, reverse=True), old]


class TestQueries:
    @pytest.mark.parametrize("text", ["", "王", "王芳", "19900000001", "nobody"])
    def test_do_not_grow_with_the_people(self, owner: Actor, text: str) -> None:
        counts = []
        for _ in range(2):
            people(*["王芳"] * 30)
            with CaptureQueriesContext(connection) as asked:
                queries.customer_page(access=owner, filters=CustomerFilters(text=text))
                queries.customer_count(access=owner)
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_identifiers_of_many_take_as_many_as_of_one(self, owner: Actor) -> None:
        ids = people(*["王芳"] * 12, email="fang@example.com")
        with CaptureQueriesContext(connection) as one:
            single = queries.identifiers_of_many(access=owner, customer_ids=ids[:1])

        with CaptureQueriesContext(connection) as many:
            found = queries.identifiers_of_many(access=owner, customer_ids=ids)

        assert len(many) == len(one)
        assert set(found) == set(ids)
        assert found[ids[0]] == single[ids[0]] == queries.identifiers_of(access=owner, customer_id=ids[0])


class TestCounts:
    def test_leave_out_who_was_merged(self, owner: Actor, manager: Actor, stores: dict[str, Any]) -> None:
        one, two, _ = people("甲一", "乙二", "丙三", store_id=stores["xuhui"].pk)
        people("丁四")
        Customer.objects.filter(pk=two).update(merged_into=one)

        assert queries.customer_count(access=owner) == 3
        assert queries.customer_count(access=manager) == 2

    def test_of_a_number_that_half_the_town_uses_end(self, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "_MOST_SHARING", 5)
        (person,) = resolve({"name": "张三", "phone": phone(1)})
        assert person is not None
        assert record(person)["phones"] == [phone(1)]
        for other in people(*["李四"] * 9):
            ContestedIdentifier.objects.create(kind="phone", digest=digest16("phone", "", phone(1)), customer_id=other)

        (shown,) = queries.identifiers_of(access=owner, customer_id=person)

        assert shown.shared_with == 5
