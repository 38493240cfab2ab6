"""Orders by month: one part a month of arrival on PostgreSQL, one name over all of them, and let go where a setting says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from tests.importing import NOW, import_text
from yutang.config import env
from yutang.config.env import NumberIsUnreadable
from yutang.customers.models import Customer
from yutang.foundation import arrival_months, months
from yutang.foundation.access import Actor
from yutang.foundation.arrival_months import ArrivingTable, first_key, keep_by_arrival
from yutang.foundation.bulk import execute, fetch
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import AuditEntry, Store
from yutang.foundation.months import months_on
from yutang.ingest import actions
from yutang.ingest.models import BeforeImage, TouchedPartition
from yutang.kit.errors import DomainError
from yutang.orders import arrivals, keeping
from yutang.orders.arrivals import ORDERS, keys_by_number, make_order_months, names_of_orders, order_months
from yutang.orders.keeping import forget_older_orders, forget_older_refunds
from yutang.orders.models import Order, OrderLine, OrderStatus, Product, Refund, Shop
from yutang.orders.queries import customers_by_order_number, orders_page, recent_buyers
from yutang.orders.tasks import forget_months_of_orders, make_months_of_orders

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop.objects.create(platform="taobao", name="鱼塘")


@pytest.fixture
def postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps tables by month: make test-postgres")


def order(shop: Shop, number: str, *, day: str | None = "2026-03-10", **columns: Any) -> Order:
    told = {"status": OrderStatus.COMPLETED, "currency": "CNY", "content_digest": b"0" * 16, **columns}
    return Order.objects.create(shop=shop, number=number, business_date=day and date.fromisoformat(day), **told)


def part_of(key: int) -> str:
    ((part,),) = fetch("SELECT tableoid::regclass::text FROM orders_order WHERE id = %s", [key])
    return str(part)


def known() -> set[tuple[int, str]]:
    return set(fetch("SELECT id, number FROM orders_order_once"))


def next_key() -> int:
    ((key,),) = fetch("SELECT nextval('orders_order_id_seq')")
    return int(key)


class TestKeys:
    def test_of_a_month_follow_those_of_the_month_before(self) -> None:
        assert first_key(date(2000, 1, 1)) == 0
        assert first_key(date(2000, 2, 1)) == first_key(date(2000, 1, 31)) + 2**28
        assert first_key(date(2027, 1, 1)) - first_key(date(2026, 12, 1)) == 2**28

    def test_are_whole_numbers_for_every_reader(self) -> None:
        """A script in a browser counts up to 2 to the 53rd."""
        assert first_key(date(9999, 12, 1)) < 2**53


@pytest.fixture
def parts(postgresql: None) -> Iterator[None]:
    """The parts as they were, afterwards."""
    before = {part.name: part.month for part in arrival_months.parts_of(ORDERS)}
    ((counted,),) = fetch("SELECT last_value FROM orders_order_id_seq")
    yield
    for table in ("orders_refund", "orders_orderline", "orders_order"):
        execute(f"DELETE FROM {table}")
    after = {part.name for part in arrival_months.parts_of(ORDERS)}
    for name in after - set(before):
        execute(f"ALTER TABLE orders_order DETACH PARTITION {name}")
        execute(f"DROP TABLE {name}")
    for name in set(before) - after:
        month = before[name]
        assert month is not None
        arrival_months._make_month(ORDERS, month)
    execute("SELECT setval('orders_order_id_seq', %s)", [counted])


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Lets jobs believe that it is another day."""

    def be(day: date) -> None:
        for module in (arrivals, keeping):
            monkeypatch.setattr(module, "today_of", lambda now: day)

    be(NOW.date())
    return be


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
        assert order_months().last_month == date(2026, 7, 1)

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


def line(one: Order) -> OrderLine:
    product, _ = Product.objects.get_or_create(shop=one.shop, code="P1", defaults={"name": "灯笼"})
    return OrderLine.objects.create(
        order=one, line_key=one.pk.to_bytes(16), position=1, product=product, quantity=1, unit_price_minor=5,
        amount_minor=5,
    )  # fmt: skip


def refund(shop: Shop, number: str, *, day: str, order: Order | None = None) -> Refund:
    return Refund.objects.create(
        shop=shop, number=number, line_key=b"", order=order, currency="CNY", amount_minor=5,
        business_date=date.fromisoformat(day),
    )  # fmt: skip


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


@pytest.mark.usefixtures("today")
@pytest.mark.django_db(transaction=True)
class TestForgetting:
    @pytest.fixture(autouse=True)
    def _orders(self, shop: Shop) -> Iterator[None]:
        for number, day in (
            ("old", "2022-12-31"),
            ("older", "2019-07-01"),
            ("kept", "2023-03-01"),
            ("new", "2026-03-10"),
        ):
            line(order(shop, number, day=day))
        line(order(shop, "undated", day=None, status=OrderStatus.SHELL))
        given_back = order(shop, "given back lately", day="2023-02-28")
        refund(shop, "r-new", day="2023-03-05", order=given_back)
        refund(shop, "r-old", day="2023-01-05", order=Order.objects.get(number="old"))
        refund(shop, "r-alone", day="2022-01-05")
        TouchedPartition.objects.all().delete()
        yield
        for model in (Refund, OrderLine, Order):
            model._default_manager.all().delete()

    def run(self) -> dict[str, int]:
        return dict(run_inline(enqueue(forget_months_of_orders, {}, now=NOW)))

    def left(self) -> set[str]:
        return set(Order.objects.values_list("number", flat=True))

    def test_never_happens_without_the_setting(self) -> None:
        assert forget_older_orders(actor=Actor.system(), after=0, now=NOW) == (0, 0)
        assert forget_older_refunds(actor=Actor.system(), now=NOW) == 0
        assert len(self.left()) == 6
        assert not AuditEntry.objects.filter(action="orders.forget_months").exists()

    def test_takes_orders_whole_and_keeps_what_is_not_over(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36

        assert self.run() == {"orders": 2, "refunds": 1, "parts": 0}

        assert self.left() == {"kept", "new", "undated", "given back lately"}
        assert OrderLine.objects.count() == 3
        assert set(Refund.objects.values_list("number", flat=True)) == {"r-new"}
        assert self.run() == {"orders": 0, "refunds": 0, "parts": 0}

    def test_is_told_to_the_lake_and_the_audit_log(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36

        self.run()

        touched = set(TouchedPartition.objects.values_list("table", "partition"))
        assert touched == {
            ("orders_order", "2022-12"), ("orders_order", "2019-07"), ("orders_line", "2022-12"), ("orders_line", "2019-07"),
            ("orders_refund", "2023-01"), ("orders_refund", "2022-01"),
        }  # fmt: skip
        told = [entry.detail for entry in AuditEntry.objects.filter(action="orders.forget_months").order_by("id")]
        assert told == [
            {"months": ["2019-07", "2022-12", "2023-01"], "orders": 2, "refunds": 1, "as_of": "2023-03-01"},
            {"months": ["2022-01"], "orders": 0, "refunds": 1, "as_of": "2023-03-01"},
        ]

    def test_goes_through_many_in_parts(self, settings: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        monkeypatch.setattr(keeping, "_OVER", keeping._OVER.replace("LIMIT 5000", "LIMIT 3"))
        for n in range(10):
            order(shop, f"many {n}", day="2018-01-01")

        assert self.run()["orders"] == 12
        assert AuditEntry.objects.filter(action="orders.forget_months").count() == 5

    def test_what_an_undo_would_write_back_goes_too(self, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        row = "536365,71053,LANTERN,6.0,2010-12-01 08:26:00,3.39,17850.0,UK\n"
        import_text(tmp_path, header + row)
        view = import_text(tmp_path, header + row + row.replace("71053,LANTERN", "71054,LAMP"), name="more.csv")
        assert BeforeImage.objects.filter(table="orders_order").exists()

        self.run()

        assert not BeforeImage.objects.filter(table="orders_order").exists()
        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)
        assert "536365" not in self.left()

    def test_parts_without_an_order_go_but_for_the_last_ones(
        self, parts: None, settings: Any, shop: Shop, today: Callable[[date], None]
    ) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        Order.objects.filter(number__in=("kept", "new")).update(business_date=date(2019, 1, 1))
        Order.objects.filter(number__in=("undated", "given back lately")).update(business_date=date(2019, 1, 1))
        Refund.objects.all().delete()
        # Nobody has made the months: new orders still lie in the first of them, which stays.
        today(date(2026, 6, 11))
        assert self.run() == {"orders": 6, "refunds": 0, "parts": 0}

        make_order_months(now=NOW)
        assert self.run()["parts"] == 2

        assert [part.month for part in arrival_months.parts_of(ORDERS)][:3] == [
            None,
            date(2026, 5, 1),
            date(2026, 6, 1),
        ]
        assert part_of(order(shop, "next").pk) == "orders_order_2026_06"
        assert {number for _key, number in known()} == {"next"}

    @pytest.mark.parametrize("written", ["1", "35", "-36", "36.5", "x", "1201"])
    def test_no_fewer_months_than_the_law_wants(self, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_KEEP_ORDERS_MONTHS", written)

        with pytest.raises(NumberIsUnreadable):
            env.whole_number("YUTANG_KEEP_ORDERS_MONTHS", default=0, least=36, most=1_200)

    @pytest.mark.parametrize(("written", "read"), [("", 0), ("0", 0), ("36", 36), (" 120 ", 120)])
    def test_all_of_them_or_so_many(self, written: str, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_KEEP_ORDERS_MONTHS", written)

        assert env.whole_number("YUTANG_KEEP_ORDERS_MONTHS", default=0, least=36, most=1_200) == read

    def test_is_for_who_may_erase(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        nobody = Actor(staff_id=1, role="own-1", store_ids=None, label="店员", granted=frozenset())

        for forget in (
            lambda: forget_older_orders(actor=nobody, after=0, now=NOW),
            lambda: forget_older_refunds(actor=nobody, now=NOW),
        ):
            with pytest.raises(DomainError):
                forget()


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db(transaction=True)
class TestTurning:
    """An ordinary table that holds rows, and to which others refer, becomes one that is kept by arrival."""

    TABLE = ArrivingTable(name="trial_sale", named_by=("shop", "number"), constraint="trial_once")
    TODAY = date(2026, 3, 11)

    @pytest.fixture
    def table(self) -> Iterator[ArrivingTable]:
        execute(
            "CREATE TABLE trial_sale (id bigint GENERATED BY DEFAULT AS IDENTITY, shop bigint NOT NULL, number varchar(9) NOT NULL,"
            " day date, store_id bigint REFERENCES foundation_store (id) DEFERRABLE INITIALLY DEFERRED,"
            " CONSTRAINT trial_sale_pkey PRIMARY KEY (id), CONSTRAINT trial_once UNIQUE (shop, number))"
        )
        execute("CREATE INDEX trial_by_day ON trial_sale (day)")
        execute(
            "CREATE TABLE trial_line (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, sale_id bigint NOT NULL"
            " CONSTRAINT trial_line_sale REFERENCES trial_sale (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        yield self.TABLE
        execute("DROP TABLE IF EXISTS trial_line, trial_sale, trial_sale_once, trial_sale_history CASCADE")

    def fill(self, rows: int) -> None:
        execute(f"INSERT INTO trial_sale (shop, number) SELECT 1, n::text FROM generate_series(1, {rows}) n")
        execute("INSERT INTO trial_line (sale_id) SELECT id FROM trial_sale")

    def named(self) -> set[tuple[int, str]]:
        return set(fetch("SELECT id, number FROM trial_sale_once"))

    def held(self) -> set[tuple[int, str]]:
        return set(fetch("SELECT id, number FROM trial_sale"))

    def test_moves_no_row_and_keeps_every_one(self, table: ArrivingTable) -> None:
        self.fill(5_000)
        ((before,),) = fetch("SELECT pg_relation_filepath('trial_sale')")

        keep_by_arrival(table, today=self.TODAY)
        keep_by_arrival(table, today=self.TODAY)

        assert fetch("SELECT pg_relation_filepath('trial_sale_history')") == [(before,)]
        assert self.named() == self.held()
        assert len(self.held()) == 5_000
        assert [part.month for part in arrival_months.parts_of(table)] == [
            None, *(months_on(MARCH, n) for n in range(4))
        ]  # fmt: skip
        execute("INSERT INTO trial_sale (shop, number) VALUES (1, 'new')")
        assert fetch("SELECT max(id) FROM trial_sale") == [(first_key(MARCH),)]
        indexes = {name for (name,) in fetch("SELECT indexname FROM pg_indexes WHERE tablename = 'trial_sale'")}
        assert indexes == {"trial_by_day", "trial_sale_pkey"}

    @pytest.mark.parametrize(
        "breaks",
        [
            "INSERT INTO trial_sale (shop, number) VALUES (1, '17')",
            "INSERT INTO trial_sale (shop, number, store_id) VALUES (1, 'x', 4711)",
            "INSERT INTO trial_line (sale_id) VALUES (4711)",
            "DELETE FROM trial_sale WHERE number = '17'",
            "TRUNCATE trial_sale",
            "UPDATE trial_sale SET number = 'x' WHERE number = '17'",
        ],
    )
    def test_holds_what_it_held_before(self, table: ArrivingTable, breaks: str) -> None:
        self.fill(20)
        keep_by_arrival(table, today=self.TODAY)

        with pytest.raises((IntegrityError, OperationalError)), transaction.atomic():
            execute(breaks)

        assert self.named() == self.held()
        assert len(self.held()) == 20
        unproved = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
        assert fetch(unproved) == []

    def test_emptied_with_its_lines_it_knows_nothing(self, table: ArrivingTable) -> None:
        self.fill(20)
        keep_by_arrival(table, today=self.TODAY)

        execute("TRUNCATE trial_sale, trial_line")

        assert self.named() == self.held() == set()

    def test_an_empty_one_takes_keys_of_before_too(self, table: ArrivingTable) -> None:
        keep_by_arrival(table, today=self.TODAY)

        execute("INSERT INTO trial_sale (id, shop, number) VALUES (5, 1, 'moved')")

        assert fetch("SELECT tableoid::regclass::text FROM trial_sale") == [("trial_sale_history",)]

    def test_goes_on_where_it_was_cut_off(self, table: ArrivingTable, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fill(100)

        def fall(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        for n, step in enumerate(("_write_down", "_lead_references", "_take_place", "_prove_keys", "_switch")):
            with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
                patched.setattr(arrival_months, step, fall)
                keep_by_arrival(table, today=self.TODAY)
            execute("INSERT INTO trial_sale (shop, number) VALUES (2, %s)", [step[:9]])
            execute("DELETE FROM trial_line WHERE sale_id = %s", [n + 1])
            execute("DELETE FROM trial_sale WHERE id = %s", [n + 1])
        keep_by_arrival(table, today=self.TODAY)

        assert self.named() == self.held()
        assert len(self.held()) == 100

    def test_keeps_nobody_waiting_while_it_goes_through_the_rows(
        self, table: ArrivingTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between any two steps another session brings a row and takes one away."""
        self.fill(1_000)
        written: list[str] = []

        def writes(step: Callable[..., Any]) -> Callable[..., Any]:
            def stepped(*given: Any, **more: Any) -> Any:
                self.write_from_elsewhere(len(written) + 1)
                written.append(step.__name__)
                return step(*given, **more)

            return stepped

        steps = ("_watch", "_write_down", "_lead_references", "_prove_keys")
        for step in steps:
            monkeypatch.setattr(arrival_months, step, writes(getattr(arrival_months, step)))

        keep_by_arrival(table, today=self.TODAY)

        # The triggers are made anew on the table that takes the place; its lock is held then, so nobody else comes in between.
        assert written[:4] == list(steps)
        assert self.named() == self.held()
        assert {number for _key, number in self.held() if number.startswith("other")} == {
            f"other {n}" for n in range(1, 5)
        }
        assert len(self.held()) == 1_000

    def write_from_elsewhere(self, n: int) -> None:
        def write() -> None:
            try:
                execute("SET statement_timeout = '20s'")
                execute("INSERT INTO trial_sale (shop, number) VALUES (2, %s)", [f"other {n}"])
                execute("DELETE FROM trial_line WHERE sale_id = %s", [n])
                execute("DELETE FROM trial_sale WHERE id = %s", [n])
            except OperationalError:
                if n <= 4:
                    raise
            finally:
                connections.close_all()

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    def test_gives_way_to_who_works_for_long_and_comes_again(
        self, table: ArrivingTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.fill(10)
        reading, done, pauses = threading.Event(), threading.Event(), list[float]()

        def read() -> None:
            try:
                with transaction.atomic():
                    fetch("SELECT 1 FROM trial_sale LIMIT 1")
                    reading.set()
                    done.wait(120)
            finally:
                connections.close_all()

        reader = threading.Thread(target=read)
        reader.start()
        reading.wait(120)

        def paused(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                done.set()
                reader.join()

        monkeypatch.setattr(months, "_LOCK_WAIT", "50ms")
        monkeypatch.setattr(months, "time", SimpleNamespace(sleep=paused))

        keep_by_arrival(table, today=self.TODAY)

        assert len(pauses) >= 3
        assert self.named() == self.held()
