"""Merges move everything and say why; undoing gives everything back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.customers.rows import NOW, phone, picture, record, resolve
from tests.customers.test_batch_cuts import _ROWS, Undo, _resolved
from yutang.customers import actions, merging, queries
from yutang.customers.actions.merges import AlreadyMerged, CaseIsDecided, MergeIsUndone, WinnerWasMergedOn
from yutang.customers.models import Consent, Customer, CustomerTag, Merge, NameToken, ReviewCase, Tag, TagGroup
from yutang.customers.profile import words_of
from yutang.customers.rules import pieces_of
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry
from yutang.foundation.sealing import token8
from yutang.ingest.models import Import
from yutang.orders.models import Order, Shop

pytestmark = pytest.mark.django_db


def everything() -> dict[str, Any]:
    """Return the content of all tables that a merge may touch."""
    return {
        **picture(),
        "tags": sorted(CustomerTag.objects.values_list("id", "customer_id", "tag_id")),
        "consents": sorted(Consent.objects.values_list("id", "customer_id")),
        "orders": sorted(Order.objects.values_list("id", "customer_id")),
        "tokens": sorted(NameToken.objects.values_list("token", "customer_id")),
    }


def furnish(people: list[int]) -> None:
    """Give people tags, consents and orders."""
    group = TagGroup.objects.create(name="偏好")
    tags = [Tag.objects.create(group=group, name=name) for name in ("连衣裙", "外套")]
    shop = Shop.objects.create(platform="till")
    for n, person in enumerate(people):
        for tag in tags[: n % 3]:
            CustomerTag.objects.create(customer_id=person, tag=tag, origin="manual", given_at=NOW)
        Consent.objects.create(
            customer_id=person, purpose="service", channel="sms", granted=True, wording_version="1", evidence="card", occurred_at=NOW
        )  # fmt: skip
        Order.objects.create(
            shop=shop, number=str(n), customer_id=person, status=40, currency="CNY", content_digest=b"", business_date=NOW.date()
        )  # fmt: skip


class TestMergeCustomers:
    def test_moves_everything_to_the_older_one(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1", "name": "张三"}, {"unionid": "u", "name": "张叁", "phone": phone(1)})
        furnish([one or 0, two or 0])

        actions.merge_customers(actor=owner, first_id=two or 0, second_id=one or 0, now=NOW)

        assert Customer.objects.get(id=two).merged_into_id == one
        assert set(Order.objects.values_list("customer_id", flat=True)) == {one}
        assert record(one)["other_names"] == ["张叁"]
        assert resolve({"phone": phone(1)}, {"unionid": "u"}) == [one, one]
        assert [
            r.id for r in queries.customer_page(access=owner, filters=queries.CustomerFilters(text="张叁")).rows
        ] == [one]
        assert AuditEntry.objects.get().action == "customers.merge"

    def test_is_refused_for_who_is_merged_already(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1"}, {"member_no": "2"})
        actions.merge_customers(actor=owner, first_id=one or 0, second_id=two or 0, now=NOW)

        for pair in ((one, two), (one, one)):
            with pytest.raises(AlreadyMerged):
                actions.merge_customers(actor=owner, first_id=pair[0] or 0, second_id=pair[1] or 0, now=NOW)

    def test_needs_the_permission(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            actions.merge_customers(actor=manager, first_id=1, second_id=2, now=NOW)


class TestWhatCameLate:
    def test_goes_to_the_winner_and_back_with_the_merge(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1"}, {"member_no": "2"})
        merge_id = actions.merge_customers(actor=owner, first_id=one or 0, second_id=two or 0, now=NOW)
        # As of one who looked before the merge and wrote after it.
        furnish([two or 0])

        brought = actions.bring_what_came_late(actor=Actor.system(), now=NOW + timedelta(minutes=15))

        assert brought >= 1
        assert set(Order.objects.values_list("customer_id", flat=True)) == {one}
        assert actions.bring_what_came_late(actor=Actor.system(), now=NOW + timedelta(minutes=30)) == 0
        actions.undo_merge(actor=owner, merge_id=merge_id, now=NOW + timedelta(minutes=31))
        assert set(Order.objects.values_list("customer_id", flat=True)) == {two}

    def test_goes_on_to_whom_the_winner_became(self, owner: Actor) -> None:
        one, two, three = (one or 0 for one in resolve({"member_no": "1"}, {"member_no": "2"}, {"member_no": "3"}))
        actions.merge_customers(actor=owner, first_id=two, second_id=three, now=NOW)
        actions.merge_customers(actor=owner, first_id=one, second_id=two, now=NOW)
        furnish([three])

        actions.bring_what_came_late(actor=Actor.system(), now=NOW + timedelta(minutes=15))

        assert set(Order.objects.values_list("customer_id", flat=True)) == {one}

    def test_of_an_undone_merge_stays_where_it_is(self, owner: Actor) -> None:
        one, two = (one or 0 for one in resolve({"member_no": "1"}, {"member_no": "2"}))
        merge_id = actions.merge_customers(actor=owner, first_id=one, second_id=two, now=NOW)
        actions.undo_merge(actor=owner, merge_id=merge_id, now=NOW)
        furnish([two])

        assert actions.bring_what_came_late(actor=Actor.system(), now=NOW + timedelta(minutes=15)) == 0
        assert set(Order.objects.values_list("customer_id", flat=True)) == {two}

    def test_is_looked_for_while_a_merge_is_fresh(self, owner: Actor) -> None:
        one, two = (one or 0 for one in resolve({"member_no": "1"}, {"member_no": "2"}))
        actions.merge_customers(actor=owner, first_id=one, second_id=two, now=NOW)

        assert merging.recent_merges(now=NOW + timedelta(hours=2)).exists()
        assert not merging.recent_merges(now=NOW + timedelta(hours=4)).exists()


class TestUndoMerge:
    def test_keeps_what_was_learnt_since(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1", "name": "张三"}, {"unionid": "u", "name": "李四", "phone": phone(1)})
        merge_id = actions.merge_customers(actor=owner, first_id=one or 0, second_id=two or 0, now=NOW)
        resolve({"member_no": "1", "email": "a@example.com"})

        actions.undo_merge(actor=owner, merge_id=merge_id, now=NOW)

        assert record(one) == {
            "accounts": [["member_no", "taobao:shop", "1"]],
            "name": "张三",
            "emails": ["a@example.com"],
        }
        assert resolve({"phone": phone(1)}) == [two]

    def test_is_final_for_the_rules(self, owner: Actor) -> None:
        one, two = resolve({"member_no": "1"}, {"unionid": "u"})
        resolve({"member_no": "1", "unionid": "u"})

        actions.undo_merge(actor=owner, merge_id=Merge.objects.get().pk, now=NOW)

        assert resolve({"member_no": "1", "unionid": "u"}, {"unionid": "u"}) == [one, two]

    def test_is_refused_twice_and_when_a_later_merge_builds_on_it(self, owner: Actor) -> None:
        one, two, three = (i or 0 for i in resolve({"member_no": "1"}, {"member_no": "2"}, {"member_no": "3"}))
        below = actions.merge_customers(actor=owner, first_id=two, second_id=three, now=NOW)
        above = actions.merge_customers(actor=owner, first_id=one, second_id=two, now=NOW)

        with pytest.raises(WinnerWasMergedOn):
            actions.undo_merge(actor=owner, merge_id=below, now=NOW)
        actions.undo_merge(actor=owner, merge_id=above, now=NOW)
        with pytest.raises(MergeIsUndone):
            actions.undo_merge(actor=owner, merge_id=above, now=NOW)
        actions.undo_merge(actor=owner, merge_id=below, now=NOW)
        assert not Customer.objects.exclude(merged_into=None).exists()


class TestDecideReview:
    def test_merges_or_keeps_apart(self, operator: Actor) -> None:
        one, two = resolve({"name": "张三", "phone": phone(1)}, {"name": "李四", "phone": phone(1)})
        case = ReviewCase.objects.get()

        actions.decide_review(actor=operator, case_id=case.pk, decision="merged", now=NOW)

        assert Customer.objects.get(id=two).merged_into_id == one
        assert queries.review_count(access=operator) == 0
        with pytest.raises(CaseIsDecided):
            actions.decide_review(actor=operator, case_id=case.pk, decision="kept_apart", now=NOW)


_STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, min_size=2, max_size=8), steps=_STEPS)
def test_merges_undone_in_reverse_restore_every_table(
    owner: Actor, rows: list[dict[str, Any]], steps: list[tuple[int, int]]
) -> None:
    try:
        with transaction.atomic():
            _resolved(rows)
            _furnish_all()
            before, done = [], []
            for a, b in steps:
                people = list(Customer.objects.filter(merged_into=None).order_by("id").values_list("id", flat=True))
                if len(people) < 2 or a % len(people) == b % len(people):
                    continue
                before.append(everything())
                done.append(
                    actions.merge_customers(
                        actor=owner, first_id=people[a % len(people)], second_id=people[b % len(people)], now=NOW
                    )
                )
            for merge_id in reversed(done):
                actions.undo_merge(actor=owner, merge_id=merge_id, now=NOW)
                now_there, then = everything(), before.pop()
                now_there.pop("cases")
                then.pop("cases")
                assert now_there == then
            raise Undo
    except Undo:
        pass


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(_ROWS, max_size=6), second=st.lists(_ROWS, min_size=1, max_size=6))
def test_undoing_an_import_restores_every_table(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    try:
        with transaction.atomic():
            imports = [Import.objects.create(file_name=name, created_at=NOW) for name in ("1.csv", "2.csv")]
            for row in first:
                resolve(row, scope=row["scope"], import_id=imports[0].pk)
            _furnish_all()
            before = everything()

            for row in second:
                resolve(row, scope=row["scope"], import_id=imports[1].pk)
            _assert_tokens_fit()
            actions.undo_people_of_import(import_id=imports[1].pk, now=NOW)

            assert everything() == before
            Order.objects.all().delete()
            CustomerTag.objects.all().delete()
            Consent.objects.all().delete()
            actions.undo_people_of_import(import_id=imports[0].pk, now=NOW)
            assert everything() == {name: type(content)() for name, content in before.items()}
            raise Undo
    except Undo:
        pass


def test_undoing_an_import_keeps_people_whom_others_hold(owner: Actor) -> None:
    source = Import.objects.create(file_name="1.csv", created_at=NOW)
    kept, gone = resolve({"member_no": "1", "name": "张三"}, {"member_no": "2", "name": "李四"}, import_id=source.pk)
    furnish([kept or 0])

    actions.undo_people_of_import(import_id=source.pk, now=NOW + timedelta(days=1))

    assert set(Customer.objects.values_list("id", flat=True)) == {kept}
    assert resolve({"member_no": "1"}) == [kept]
    assert gone not in set(NameToken.objects.values_list("customer_id", flat=True))


def _furnish_all() -> None:
    furnish(list(Customer.objects.filter(merged_into=None).order_by("id").values_list("id", flat=True)))


def _assert_tokens_fit() -> None:
    """Everybody is found by the pieces of the words in the record, and by nothing else."""
    for customer_id in Customer.objects.filter(merged_into=None).values_list("id", flat=True):
        wanted = {token8(piece) for word in words_of(record(customer_id)) for piece in pieces_of(word)}
        assert {
            bytes(t) for t in NameToken.objects.filter(customer_id=customer_id).values_list("token", flat=True)
        } == wanted
