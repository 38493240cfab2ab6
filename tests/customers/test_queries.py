"""What others see of people: within their stores, masked, found by name and by key."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from tests.customers.rows import NOW, phone, resolve
from yutang.customers import queries
from yutang.customers.actions import unmask_customer
from yutang.customers.models import Consent, Customer, CustomerTag, Tag, TagGroup
from yutang.customers.queries import CustomerFilters, NoSuchCustomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.sealing import seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang(stores: dict[str, Any]) -> int:
    """张三丰 of the Xuhui store, with everything known."""
    (person,) = resolve(
        {
            "name": "张三丰", "phone": phone(1), "email": "zhang@example.com", "nickname": "tb_zhang", "member_no": "17850",
            "city": "上海市", "district": "徐汇区", "address": "星澜街1号", "birthday": None, "gender": "男",
            "store_id": stores["xuhui"].id, "seen_at": NOW,
        }
    )  # fmt: skip
    assert person is not None
    return person


@pytest.fixture
def li(stores: dict[str, Any]) -> int:
    """李四 of the Tianhe store."""
    (person,) = resolve({"name": "李四", "phone": phone(2), "member_no": "9", "store_id": stores["tianhe"].id})
    assert person is not None
    return person


def found(access: Actor, text: str, **more: Any) -> list[int]:
    return [row.id for row in queries.customer_page(access=access, filters=CustomerFilters(text=text, **more)).rows]


class TestSearch:
    @pytest.mark.parametrize(
        "text",
        [
            "张三丰",
            "三丰",
            "张",
            "丰",
            "199 0000 0001",
            "+8619900000001",
            "ZHANG@example.com",
            "tb_zhang",
            "17850",
            " 张三 丰 ",
        ],
    )
    def test_finds_a_person_by_name_and_by_key(self, owner: Actor, zhang: int, li: int, text: str) -> None:
        assert found(owner, text) == [zhang]

    @pytest.mark.parametrize("text", ["张丰", "王", "19900000003", "nobody@example.com", "1785"])
    def test_finds_nobody_else(self, owner: Actor, zhang: int, li: int, text: str) -> None:
        assert found(owner, text) == []

    @pytest.mark.parametrize("text", ["海报客0", "报客01", "客0", "海报", "海报客01"])
    def test_finds_a_name_by_a_part_with_digits(self, owner: Actor, zhang: int, li: int, text: str) -> None:
        (person,) = resolve({"name": "海报客01", "phone": phone(3)})

        assert found(owner, text) == [person]

    @pytest.mark.parametrize("text", ["海报客2", "客10", "报客001", "A海报客01"])
    def test_finds_nobody_whose_name_lacks_the_digits(self, owner: Actor, text: str) -> None:
        resolve({"name": "海报客01", "phone": phone(3)})

        assert found(owner, text) == []

    def test_finds_a_name_with_a_sign_of_mail_in_it(self, owner: Actor, zhang: int) -> None:
        (person,) = resolve({"name": "小王@徐汇", "phone": phone(3)})

        assert found(owner, "王@徐") == [person]

    def test_finds_a_buyer_by_the_receiver_of_one_parcel(self, owner: Actor) -> None:
        (buyer,) = resolve({"nickname": "b", "receiver_name": "王五", "receiver_phone": phone(7), "seen_at": NOW})

        assert found(owner, "王五") == found(owner, "19900000007") == [buyer]

    def test_finds_a_person_by_a_free_nickname(self, owner: Actor) -> None:
        (person,) = resolve({"nickname": "风吹麦浪", "member_no": "1"}, scope="own")

        assert found(owner, "风吹麦浪") == [person]

    def test_finds_everybody_who_shares_a_number(self, owner: Actor) -> None:
        family = resolve({"name": "张三", "phone": phone(1)}, {"name": "李四", "phone": phone(1)})

        assert sorted(found(owner, phone(1))) == sorted(family)

    def test_adds_people_whom_another_room_found(self, owner: Actor, zhang: int, li: int) -> None:
        assert found(owner, "20260101-1", also_ids=(li,)) == [li]

    def test_stays_within_the_stores_of_the_actor(self, manager: Actor, zhang: int, li: int) -> None:
        assert found(manager, "张三丰") == [zhang]
        assert found(manager, "李四") == found(manager, phone(2)) == []


class TestPage:
    def test_is_cut_by_key_newest_first(self, owner: Actor) -> None:
        people = resolve(*[{"member_no": str(n)} for n in range(7)])

        first = queries.customer_page(access=owner, limit=3)
        second = queries.customer_page(access=owner, limit=3, after_key=first.next_key)
        third = queries.customer_page(access=owner, limit=3, after_key=second.next_key)

        assert [row.id for page in (first, second, third) for row in page.rows] == sorted(people, reverse=True)  # type: ignore[type-var]
        assert third.next_key is None

    def test_shows_masked_people(self, owner: Actor, zhang: int) -> None:
        (row,) = queries.customer_page(access=owner).rows

        assert (row.name, row.phone, row.city, row.store_name) == ("张**", "199****0001", "上海市", "徐汇店")

    def test_is_narrowed_by_store_tag_and_ids(
        self, owner: Actor, manager: Actor, stores: dict[str, Any], zhang: int, li: int
    ) -> None:
        tag = Tag.objects.create(group=TagGroup.objects.create(name="偏好"), name="连衣裙")
        CustomerTag.objects.create(customer_id=li, tag=tag, origin="manual", given_at=NOW)

        assert found(owner, "", store_id=stores["xuhui"].id) == [zhang]
        assert (
            found(owner, "", tag_id=tag.id)
            == found(owner, "李四", tag_id=tag.id)
            == found(owner, "", ids=(li,))
            == [li]
        )
        assert (
            found(owner, "", ids=())
            == found(manager, "", tag_id=tag.id)
            == found(manager, "", store_id=stores["tianhe"].id)
            == []
        )
        assert found(manager, "") == [zhang]
        assert queries.customer_count(access=owner) == 2
        assert queries.customer_count(access=manager) == 1

    def test_takes_as_many_queries_for_many_as_for_few(self, owner: Actor, django_assert_num_queries: Any) -> None:
        from django.db import connection

        resolve(*[{"member_no": str(n), "name": "张三"} for n in range(40)])
        with CaptureQueriesContext(connection) as few:
            queries.customer_page(access=owner, limit=2)

        with django_assert_num_queries(len(few)):
            queries.customer_page(access=owner, limit=40)

    def test_needs_the_permission(self) -> None:
        with pytest.raises(NotAllowed):
            queries.customer_page(access=Actor(staff_id=None, role="auditor", store_ids=None, label="x"))


class TestCard:
    def test_shows_one_person_masked(self, owner: Actor, zhang: int) -> None:
        card = queries.customer_card(access=owner, customer_id=zhang)

        assert (card.name, card.phones, card.emails) == ("张**", ("199****0001",), ("z***@example.com",))
        assert (card.gender, card.region, card.has_address) == ("m", "上海市 徐汇区", True)

    def test_of_somebody_elses_store_does_not_exist(self, manager: Actor, li: int) -> None:
        with pytest.raises(NoSuchCustomer):
            queries.customer_card(access=manager, customer_id=li)

    def test_calls_a_nameless_person_by_the_member_number(self, owner: Actor) -> None:
        (nameless,) = resolve({"member_no": "17850"})
        (bare,) = resolve({"phone": phone(9)})

        assert queries.customer_card(access=owner, customer_id=nameless or 0).name == "1***0"
        assert str(queries.customer_card(access=owner, customer_id=bare or 0).name) == f"Customer #{bare}"


class TestHistory:
    def test_says_which_identifiers_are_keys_and_which_are_shared(self, owner: Actor) -> None:
        one, _ = resolve({"name": "张三", "phone": phone(1), "member_no": "17850"}, {"name": "李四", "phone": phone(1)})

        shown = {
            i.kind: (i.value, i.is_key, i.shared_with)
            for i in queries.identifiers_of(access=owner, customer_id=one or 0)
        }
        assert shown == {"member_no": ("1***0", True, 0), "phone": ("199****0001", False, 1)}

    def test_shows_merges_with_their_reason(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1"}, {"unionid": "u"})
        resolve({"member_no": "1", "unionid": "u"})

        (merge,) = queries.merge_history_of(access=owner, customer_id=one or 0)
        assert (merge.winner_id, merge.loser_id, merge.can_be_undone) == (one, two, True)
        assert str(merge.reason) == "One row names an account of both (unionid)."

    def test_queues_pairs_for_review(self, owner: Actor, manager: Actor) -> None:
        one, two = resolve({"name": "张三", "phone": phone(1)}, {"name": "李四", "phone": phone(1)})

        (case,) = queries.review_queue(access=owner).rows
        assert (case.kind, case.first.id, case.second.id) == ("names_differ", one, two)
        assert (queries.review_count(access=owner), queries.review_count(access=manager)) == (1, 0)

    def test_tells_by_the_whole_values_what_a_pair_agrees_in(self, owner: Actor) -> None:
        resolve(
            {"name": "张小明", "phone": phone(1), "city": "杭州市"},
            {"name": "张小红", "phone": phone(1), "city": "杭州市"},
        )

        (case,) = queries.review_queue(access=owner).rows
        assert case.first.name == case.second.name == "张**"
        assert case.agreeing == {"phone", "city"}

    def test_tells_what_a_person_agrees_to_now(self, owner: Actor, zhang: int) -> None:
        for day, granted in ((2, False), (1, True)):
            Consent.objects.create(
                customer_id=zhang, purpose="promotion", channel="sms", granted=granted, wording_version="1", evidence="card",
                occurred_at=NOW + timedelta(days=day),
            )  # fmt: skip

        assert queries.consent_state(access=owner, customer_id=zhang) == {("promotion", "sms"): False}
        assert [entry.granted for entry in queries.consents_of(access=owner, customer_id=zhang)] == [True, False]


def test_the_year_of_birth_is_masked_until_somebody_gives_a_reason(owner: Actor) -> None:
    born = Customer.objects.create(sealed_profile=seal({"name": "张三", "birthday": "1990-05-01"}), first_seen_at=NOW)

    masked = queries.customer_card(access=owner, customer_id=born.pk)
    clear = unmask_customer(actor=owner, customer_id=born.pk, reason="to send a card", now=NOW)

    assert masked.birthday == "05-01"
    assert clear.birthday == date(1990, 5, 1)
