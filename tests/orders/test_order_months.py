"""Orders by month: one part a month of arrival on PostgreSQL, and one name over all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from tests.importing import NOW, import_text
from tests.orders.kept_orders import known, line, order, part_of
from yutang.customers.models import Customer
from yutang.foundation import arrival_months, bulk
from yutang.foundation.access import Actor
from yutang.foundation.arrival_months import first_key
from yutang.foundation.bulk import execute, fetch
from yutang.foundation.invariants import all_invariants, seen
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import Store
from yutang.foundation.months import patiently
from yutang.orders.arrivals import (
    ORDERS,
    keys_by_number,
    make_order_months,
    names_of_orders,
    order_months,
    orders_by_key,
)
from yutang.orders.models import Order, OrderStatus, Shop
from yutang.orders.queries import customers_by_order_number, orders_page, recent_buyers
from yutang.orders.tasks import make_months_of_orders

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.mark.usefixtures("parts", "today")
@pytest.mark.django_db(transaction=True)
class TestParts:
    def test_an_order_lies_in_the_part_of_the_month_in_which_it_came(self, shop: Shop) -> None:
        came, _moved = order(shop, "a", day="2019-07-01"), order(shop, "b", id=17)

        assert came.pk >= first_key(MARCH)
        assert (part_of(came.pk), part_of(17)) == ("orders_order_2026_03", "orders_order_history")

    def test_a_number_is_known_over_all_months(self, shop: Shop) -> None:
        order(shop, "a", id=17)

        with pytest.raises(IntegrityError), transaction.atomic():
            order(shop, "a")
        other = Shop.objects.create(platform="youzan", name="鱼塘")
        order(other, "a")
        assert sorted(keys_by_number(["a", "b"])) == sorted((one.number, one.pk) for one in Order.objects.all())
        assert Order.objects.count() == len(known()) == 2

    def test_of_many_who_bring_the_same_at_once_one_does(self, shop: Shop) -> None:
        barrier, brought, refused = threading.Barrier(4), list[int](), list[int]()

        def bring() -> None:
            barrier.wait()
            for n in range(40):
                try:
                    brought.append(order(shop, str(n)).pk)
                except IntegrityError:
                    refused.append(n)
            connections.close_all()

        threads = [threading.Thread(target=bring) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(brought), len(refused)) == (40, 120)
        assert known() == set(Order.objects.values_list("pk", "number"))

    def test_what_is_deleted_may_be_brought_again_and_what_is_undone_too(self, shop: Shop) -> None:
        order(shop, "a")
        Order.objects.all().delete()
        assert known() == set()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            order(shop, "a")
            raise ZeroDivisionError

        assert known() == set()
        assert order(shop, "a").number == "a"

    def test_rows_come_by_copy_too_and_are_known_then(self, shop: Shop) -> None:
        columns = (
            "shop_id, number, status, channel, title, item_count, currency, goods_minor, shipping_minor, total_minor,"
            " total_is_stated, refunded_minor, content_digest"
        )
        with connection.cursor() as cursor, cursor.cursor.copy(f"COPY orders_order ({columns}) FROM STDIN") as copy:
            for key in ("a", "b"):
                copy.write_row((shop.pk, key, 40, "", "", 0, "CNY", 0, 0, 0, False, 0, b"0" * 16))

        assert known() == set(Order.objects.values_list("pk", "number"))
        assert len(known()) == 2

    def test_what_names_an_order_does_not_change_and_everything_else_does(self, shop: Shop) -> None:
        one = order(shop, "a")

        for change in ({"number": "b"}, {"shop_id": Shop.objects.create(platform="jd").pk}):
            with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
                Order.objects.filter(pk=one.pk).update(**change)
        Order.objects.filter(pk=one.pk).update(business_date=date(2020, 1, 1), status=OrderStatus.CANCELLED)
        assert part_of(one.pk) == "orders_order_2026_03"

    def test_an_order_with_lines_does_not_go_and_lines_without_an_order_do_not_come(self, shop: Shop) -> None:
        one = order(shop, "a")
        line(one)

        with pytest.raises(IntegrityError), transaction.atomic():
            execute("DELETE FROM orders_order")
        with pytest.raises(IntegrityError), transaction.atomic():
            execute("UPDATE orders_orderline SET order_id = 4711")
        assert known() == {(one.pk, "a")}

    @pytest.mark.parametrize(
        "loses",
        ["DELETE FROM orders_order_once", "UPDATE orders_order_once SET number = 'x'", "DELETE FROM orders_order"],
    )
    def test_what_was_changed_by_hand_is_found(self, shop: Shop, loses: str) -> None:
        (numbers,) = (one for one in all_invariants() if one.name == "orders.numbers")
        one = order(shop, "a")
        order(shop, "b")
        assert (seen(numbers).looked, seen(numbers).broken) == (2, 0)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_order DISABLE TRIGGER USER")
            cursor.execute(f"{loses} WHERE id = %s", [one.pk])
            cursor.execute("ALTER TABLE orders_order ENABLE TRIGGER USER")
            cursor.execute("ALTER TABLE orders_order ENABLE ALWAYS TRIGGER orders_order_forgets")
            cursor.execute("ALTER TABLE orders_order ENABLE ALWAYS TRIGGER orders_order_empties")

        assert (seen(numbers).broken, seen(numbers).where) == (1, (f"orders_order {one.pk}",))
        execute("DELETE FROM orders_order_once WHERE id = %s", [one.pk])

    def test_are_made_ahead_and_a_month_begins_with_its_own_keys(
        self, shop: Shop, today: Callable[[date], None]
    ) -> None:
        run_inline(enqueue(make_months_of_orders, {}, now=NOW))
        before = order(shop, "a").pk

        today(date(2026, 4, 11))
        made, again = make_order_months(now=NOW), make_order_months(now=NOW)

        after = order(shop, "b").pk
        assert (part_of(before), part_of(after)) == ("orders_order_2026_03", "orders_order_2026_04")
        assert after == first_key(APRIL)
        assert (made, again) == (["orders_order_2026_07"], [])
        assert (order_months().present, order_months().ready_until) == (APRIL, date(2026, 8, 1))

    @pytest.mark.parametrize("back", [date(2026, 4, 12), date(2026, 3, 31), date(1999, 1, 1)])
    def test_keys_never_go_back_and_nothing_is_made_for_a_clock_that_does(
        self, shop: Shop, today: Callable[[date], None], back: date
    ) -> None:
        today(date(2026, 4, 11))
        make_order_months(now=NOW)
        first = order(shop, "a").pk

        today(back)

        assert make_order_months(now=NOW) == []
        assert order(shop, "b").pk == first + 1

    def test_without_the_job_orders_go_on_where_they_are_and_over_the_end_of_a_month(self, shop: Shop) -> None:
        execute("SELECT setval('orders_order_id_seq', %s, false)", [first_key(APRIL) - 1])

        last, first = order(shop, "a").pk, order(shop, "b").pk

        assert (part_of(last), part_of(first)) == ("orders_order_2026_03", "orders_order_2026_04")

    def test_letting_a_part_go_ends_nobody_who_reads(self) -> None:
        """Who reads waits for it and it for who reads; PostgreSQL would end one of them after a second."""
        reads, ended, reading = "SELECT count(*) FROM orders_order", list[str](), threading.Event()

        def first() -> None:
            with transaction.atomic():
                fetch(reads)
                reading.set()
                time.sleep(1)
            connections.close_all()

        def second() -> None:
            # It holds the table, and waits for the part: now the change must not wait for the table.
            time.sleep(0.3)
            try:
                fetch(reads)
            except OperationalError as error:
                ended.append(str(error))
            connections.close_all()

        part, gone = arrival_months.parts_of(ORDERS)[1], list[str]()
        readers = [threading.Thread(target=read) for read in (first, second)]
        readers[0].start()
        reading.wait(60)
        readers[1].start()
        patiently(lambda: arrival_months._let_go(ORDERS, part, gone))
        for reader in readers:
            reader.join()

        assert (ended, gone) == ([], [part.name])

    def test_an_order_is_asked_of_its_part_alone(self) -> None:
        ((plan,),) = fetch(f"EXPLAIN (FORMAT JSON) SELECT * FROM orders_order WHERE id = {first_key(APRIL) + 5}")

        assert "orders_order_2026_04" in str(plan)
        assert "orders_order_2026_03" not in str(plan)

    def test_a_number_is_asked_of_no_part(self) -> None:
        ((plan,),) = fetch(
            f"EXPLAIN (FORMAT JSON) SELECT id FROM {names_of_orders()} WHERE shop_id = 1 AND number = 'a'"
        )

        assert "orders_order_once" in str(plan)
        assert "orders_order_2026" not in str(plan)

    def test_an_import_finds_what_an_earlier_month_brought(self, tmp_path: Path, today: Callable[[date], None]) -> None:
        header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        rows = [f"5363{n},71053,LANTERN,6.0,2010-12-01 08:26:00,3.39,17850.0,UK\n" for n in range(60, 66)]
        import_text(tmp_path, header + "".join(rows[:4]))
        today(date(2026, 4, 11))
        make_order_months(now=NOW)

        view = import_text(tmp_path, header + "".join(rows), name="more.csv")

        assert (view.counts["unchanged"], view.counts["new"]) == (4, 2)
        assert {part_of(key) for key in Order.objects.values_list("pk", flat=True)} == {
            "orders_order_2026_03", "orders_order_2026_04",
        }  # fmt: skip
        assert known() == set(Order.objects.values_list("pk", "number"))


@pytest.mark.django_db
class TestReadingOverMonths:
    """Between the last key of a month and the first of the next are millions that no order has."""

    @pytest.fixture
    def people(self, shop: Shop) -> list[int]:
        store = Store.objects.create(code="1", name="一店")
        people = [Customer.objects.create(sealed_profile=b"", store=store, first_seen_at=NOW).pk for _ in range(4)]
        keys = (17, 18, first_key(MARCH) + 3, first_key(APRIL) + 1)
        for person, key in zip(people, keys, strict=True):
            order(shop, f"n{key}", id=key, customer_id=person, store=store)
        return people

    def test_a_page_of_a_store_leads_from_month_to_month(self, people: list[int]) -> None:
        store_id, before, found, calls = Store.objects.get().pk, None, list[int | None](), 0
        while calls == 0 or before is not None:
            page = orders_page(access=Actor.system(), store_id=store_id, before_id=before)
            found += [one.customer_id for one in page.orders]
            before, calls = page.next_key, calls + 1

        assert found == people[::-1]
        assert calls <= 4

    def test_who_bought_lately_is_found_on_the_first_of_a_month(self, people: list[int]) -> None:
        assert recent_buyers(access=Actor.system(), limit=10) == people[::-1]

    def test_a_number_leads_to_its_person(self, people: list[int]) -> None:
        assert customers_by_order_number(" n17 ") == [people[0]]
        assert customers_by_order_number("n19") == []


@pytest.mark.usefixtures("parts", "today")
@pytest.mark.django_db(transaction=True)
class TestAsked:
    """Of a batch of keys PostgreSQL looks each up in its part, and reads no part whole, however many there are."""

    @pytest.fixture(autouse=True)
    def _many(self, parts: None, shop: Shop) -> Iterator[None]:
        columns = (
            "shop_id, number, status, channel, title, item_count, currency, goods_minor, shipping_minor, total_minor"
        )
        for month in (MARCH, APRIL):
            execute(
                f"INSERT INTO orders_order (id, {columns}, total_is_stated, refunded_minor, content_digest)"
                f" SELECT {first_key(month)} + n, {shop.pk}, '{month}' || n, 40, '', '', 0, 'CNY', 0, 0, 0, false, 0, '\\x00'"
                " FROM generate_series(1, 20000) n"
            )
        for table in ("orders_order", "orders_order_once"):
            execute(f"ANALYZE {table}")
        yield
        execute("DELETE FROM orders_order")

    def read(self, sql: str, values: Sequence[Any] = ()) -> set[str]:
        """Return the parts that a statement reads, which is done."""
        ((found,),) = fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        waiting, parts = [found[0]["Plan"]], set[str]()
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            if node["Actual Loops"] and node["Node Type"] != "ModifyTable":
                parts.add(node.get("Relation Name", ""))
        return {part for part in parts if part.startswith("orders_order_2")}

    def test_by_keys(self) -> None:
        keys = [(first_key(APRIL) + n,) for n in range(1, 20_000, 10)]
        with transaction.atomic(), bulk.key_table([("id", "int")], keys) as table:
            read = self.read(f"SELECT o.status FROM {table} k {orders_by_key('k.id')}")
            found = fetch(f"SELECT o.id FROM {table} k {orders_by_key('k.id')}")

        assert read == {"orders_order_2026_04"}
        assert len(found) == len(keys)

    def test_changed_by_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = [first_key(APRIL) + n for n in range(1, 20_000, 10)]
        read = set[str]()

        def executed(sql: str, values: Sequence[Any]) -> int:
            read.update(self.read(sql, values))
            return 0

        monkeypatch.setattr(bulk, "execute", executed)
        with transaction.atomic():
            bulk.update_rows("orders_order", ("status",), [(50, key) for key in keys])

        assert read == {"orders_order_2026_04"}
        assert Order.objects.filter(status=50).count() == len(keys)

    def test_deleted_by_keys(self) -> None:
        assert bulk.delete_rows("orders_order", [first_key(APRIL) + n for n in range(1, 101)]) == 100
        assert Order.objects.count() == len(known()) == 39_900
