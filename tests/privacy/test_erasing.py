"""A person is erased from every room at once, or nothing is; what stays names nobody, and a receipt says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.conftest import NOW
from tests.customers.rows import phone, record, resolve
from tests.privacy.planting import named, plant
from yutang.coupons.models import Coupon
from yutang.customers.actions import merge_customers
from yutang.customers.erasing import ERASERS
from yutang.customers.models import Customer, Identifier, Merge
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Job
from yutang.foundation.sealing import seal, unseal
from yutang.ingest import journal
from yutang.ingest.models import BeforeImage, Import, TouchedPartition
from yutang.ingest.published import PUBLISHED
from yutang.kit.text import Sentence
from yutang.membership import actions as membership
from yutang.membership.refusals import PrincipalIsOwed
from yutang.orders.models import Order
from yutang.privacy import actions, queries
from yutang.privacy.models import DataRequest, Erasure
from yutang.visits.models import Booking
from yutang.wecom.models import Contact

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def asked(customer_id: int, actor: Actor = SYSTEM) -> int:
    return actions.ask_to_erase(actor=actor, customer_id=customer_id, reason="本人要求", now=NOW)[0]


def run(erasure_id: int) -> dict[str, int]:
    return actions.run_erasure(actor=SYSTEM, erasure_id=erasure_id, told=lambda done, total, room: None, now=NOW)


def still_naming(people: list[int]) -> dict[str, int]:
    """Return how many rows of each column name one of the people."""
    found = {}
    with connection.cursor() as cursor:
        for model, field in named():
            table, column = model._meta.db_table, field.column
            keys = ", ".join(map(str, people))
            cursor.execute(f'SELECT COUNT(*) FROM "{table}" WHERE "{column}" IN ({keys})')
            if n := cursor.fetchone()[0]:
                found[f"{table}.{column}"] = n
    return found


def planted_everywhere() -> tuple[int, set[str]]:
    """Return a person whom a row of every table names, and those columns."""
    (someone,) = resolve({"name": "张三", "phone": phone(1), "member_no": "m1"})
    person = Customer.objects.get(pk=someone)
    for model, field in named():
        if model is not Customer:
            plant(model, **{field.name: person})
    return person.pk, {f"{model._meta.db_table}.{field.column}" for model, field in named()}


class TestEveryRoom:
    def test_forgets_the_person_in_every_table(self) -> None:
        someone, columns = planted_everywhere()
        other = resolve({"name": "李四", "phone": phone(2)})[0] or 0
        before = still_naming([other])
        assert set(still_naming([someone])) == columns - {"customers_customer.merged_into_id"}

        receipt = run(asked(someone))

        assert still_naming([someone]) == {}
        assert not Customer.objects.filter(pk=someone).exists()
        assert set(receipt) == {one.room for one in ERASERS}
        assert (still_naming([other]), record(other)["name"]) == (before, "李四")

    def test_marks_what_the_lake_holds_of_the_person(self) -> None:
        someone, columns = planted_everywhere()
        TouchedPartition.objects.all().delete()

        run(asked(someone))

        published = {one.name for one in PUBLISHED}
        holding = {column.split(".")[0] for column in columns} & published
        assert holding > {"orders_order", "referral_invitation", "economics_entry", "codes_newcomer", "api_behaviour"}
        assert holding - set(TouchedPartition.objects.values_list("table", flat=True)) == set()

    def test_words_and_records_that_were_sealed_open_no_more(self) -> None:
        someone, _columns = planted_everywhere()
        sealed = [
            (Coupon, "sealed_code"),
            (Booking, "sealed_code"),
            (Contact, "sealed_card"),
            (DataRequest, "sealed_words"),
        ]
        keys = {
            model: list(model._default_manager.filter(customer_id=someone).values_list("pk", flat=True))
            for model, _ in sealed
        }

        run(asked(someone))

        for model, column in sealed:
            assert keys[model]
            assert {
                str(unseal(bytes(one)))
                for one in model._default_manager.filter(pk__in=keys[model]).values_list(column, flat=True)
            } == {"{}"}


class TestErasure:
    def test_takes_all_records_of_the_person(self) -> None:
        one, two = resolve({"member_no": "1", "name": "张三"}, {"unionid": "u", "name": "张叁", "phone": phone(1)})
        merge_customers(actor=SYSTEM, first_id=one or 0, second_id=two or 0, now=NOW)

        erasure_id = asked(one or 0)
        run(erasure_id)

        assert not Customer.objects.exists()
        assert not Merge.objects.exists()
        assert not Identifier.objects.exists()
        assert queries.erasure(access=SYSTEM, erasure_id=erasure_id).records == 2

    def test_is_audited_and_says_what_was_erased_and_what_stays(self, owner: Actor) -> None:
        (someone,) = resolve({"name": "张三", "phone": phone(1)})
        plant(Order, customer=Customer.objects.get(pk=someone))

        erasure_id = asked(someone or 0, owner)
        run(erasure_id)

        view = queries.erasure(access=owner, erasure_id=erasure_id)
        assert (view.state, view.done_at, view.reason) == ("done", NOW, "本人要求")
        lines = {line.room: line for line in view.receipt}
        assert (lines["orders"].rows, "books" in lines["orders"].kept) == (1, True)
        assert list(AuditEntry.objects.order_by("id").values_list("action", "subject_type"))[-2:] == [
            ("privacy.erase", "customer"),
            ("privacy.erased", "erasure"),
        ]

    def test_asks_first_who_may_refuse_and_stops_before_anything_is_erased(self) -> None:
        someone, _columns = planted_everywhere()
        membership.top_up(
            actor=SYSTEM,
            key="t",
            customer_id=someone,
            principal_fen=100,
            bonus_fen=0,
            store_id=None,
            method="card",
            now=NOW,
        )
        before = still_naming([someone])
        erasure_id = asked(someone)

        with pytest.raises(PrincipalIsOwed):
            run(erasure_id)

        view = queries.erasure(access=SYSTEM, erasure_id=erasure_id)
        assert (view.state, view.receipt, still_naming([someone])) == ("stopped", (), before)
        assert view.stopped_by is not None
        membership.refund_principal(
            actor=SYSTEM,
            key="r",
            customer_id=someone,
            amount_fen=100,
            store_id=None,
            method="cash",
            reason="erased",
            now=NOW,
        )
        assert asked(someone) == erasure_id
        run(erasure_id)
        assert (still_naming([someone]), Erasure.objects.get().state) == ({}, "done")

    def test_ended_at_any_point_goes_on_and_finds_what_is_left(self) -> None:
        class Killed(Exception):
            """The process was killed."""

        for point in range(len(ERASERS)):
            someone, _columns = planted_everywhere()
            erasure_id = asked(someone)

            def told(done: int, total: int, room: Sentence, point: int = point) -> None:
                if done == point:
                    raise Killed

            with pytest.raises(Killed):
                actions.run_erasure(actor=SYSTEM, erasure_id=erasure_id, told=told, now=NOW)
            # In between the person ordered again.
            plant(Order, customer=Customer.objects.get(pk=someone))

            receipt = run(erasure_id)

            assert still_naming([someone]) == {}
            assert receipt["orders"] == 3
            assert run(erasure_id) == receipt

    def test_is_refused_where_the_record_became_another_person(self) -> None:
        one, two = resolve({"member_no": "1", "name": "张三"}, {"member_no": "2", "name": "张三"})
        erasure_id = asked(two or 0)
        merge_customers(actor=SYSTEM, first_id=one or 0, second_id=two or 0, now=NOW)

        with pytest.raises(actions.PersonBecameAnother):
            run(erasure_id)

        assert Customer.objects.count() == 2

    def test_needs_a_reason_a_permission_and_somebody(self, manager: Actor) -> None:
        (someone,) = resolve({"member_no": "1"})

        with pytest.raises(NotAllowed):
            asked(someone or 0, manager)
        with pytest.raises(NoSuchCustomer):
            asked(99_999)
        with pytest.raises(actions.ErasureNeedsReason):
            actions.ask_to_erase(actor=SYSTEM, customer_id=someone or 0, reason=" ", now=NOW)
        with pytest.raises(actions.NoSuchErasure):
            run(99_999)
        assert not Job.objects.exists()

    def test_the_undo_of_an_import_brings_nothing_back(self) -> None:
        (someone,) = resolve({"name": "张三", "phone": phone(1)})
        source = plant(Import)
        images = [
            ("customers_customer", someone or 0, {"sealed_profile": seal({"name": "张三"})}),
            ("customers_identifier", 77, {"customer_id": someone, "digest": b"x"}),
            ("orders_order", 78, {"customer_id": someone}),
            ("orders_order", 79, {"customer_id": 12345}),
        ]
        for table, row_id, before in images:
            journal.remember(source.pk, table, [(row_id, before)])

        run(asked(someone or 0))

        assert list(BeforeImage.objects.values_list("row_id", flat=True)) == [79]
