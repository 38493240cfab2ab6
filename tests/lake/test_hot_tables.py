"""Tables that are written at every payment and every seat: the lake reads of them what changed, and misses nothing."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.groupbuy import conftest as buying
from tests.lake.test_lake_sync import rows_of
from tests.payments.conftest import SYSTEM, ask, open_cashier, pay
from yutang.groupbuy import actions as groups
from yutang.groupbuy.models import Group, Seat
from yutang.ingest import journal
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.ingest.models import TouchedPartition
from yutang.ingest.untaken import untaken
from yutang.ingest.watermark import Watermark
from yutang.payments import actions as payments
from yutang.payments.models import Payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder", "guard_lets_in")]
guard_lets_in = buying.guard_lets_in


def payments_in_the_lake() -> list[tuple[Any, ...]]:
    """Return (id, state, refunded, paid at) of every payment in the lake."""
    return sorted(((row[0], row[4], row[6], row[8]) for row in rows_of("payments_payment")), key=repr)


def payments_in_the_store() -> list[tuple[Any, ...]]:
    rows = Payment.objects.values_list("pk", "state", "refunded_minor", "paid_at")
    return sorted(((*row[:3], naive(row[3])) for row in rows), key=repr)


def buying_in_the_lake() -> list[tuple[Any, ...]]:
    """Return what is published of groups and seats and can change."""
    found = [("group", row[0], row[7], row[8], row[12]) for row in rows_of("groupbuy_group")]
    found += [("seat", row[0], row[1], row[3], row[4], row[9], row[10]) for row in rows_of("groupbuy_seat")]
    return sorted(found, key=repr)


def buying_in_the_store() -> list[tuple[Any, ...]]:
    of_groups = Group.objects.values_list("pk", "state", "paid", "ended_at")
    of_seats = Seat.objects.values_list("pk", "group_id", "customer_id", "state", "paid_at", "ended_at")
    told = [("group", *row[:3], naive(row[3])) for row in of_groups]
    return sorted(told + [("seat", *row[:4], naive(row[4]), naive(row[5])) for row in of_seats], key=repr)


def naive(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def written(table: str) -> set[str]:
    """Sync, and return the partitions of a table that this wrote."""
    before = dict(the_lake().snapshot().manifests[table].partitions)
    sync_lake(now=NOW)
    after = the_lake().snapshot().manifests[table].partitions
    return {name for name in after if after[name] != before.get(name)}


class TestPayments:
    def test_of_what_lies_in_other_months_nothing_is_read(self) -> None:
        open_cashier()
        old = [ask(f"old:{n}", now=NOW - timedelta(days=40)) for n in range(3)]
        sync_lake(now=NOW)
        kept = next(iter(the_lake().snapshot().manifests["payments_payment"].partitions))

        ask("new")
        now_only = written("payments_payment")
        pay(old[0])
        then_only = written("payments_payment")

        assert (kept, now_only, then_only) == (f"{old[0].asked_date:%Y-%m}", {f"{NOW:%Y-%m}"}, {kept})
        assert payments_in_the_lake() == payments_in_the_store()

    def test_every_change_comes_into_the_lake(self) -> None:
        open_cashier()
        steps = random.Random(5)
        made: list[Payment] = []
        for n in range(12):
            made.append(ask(f"k{n}", now=NOW - timedelta(days=n * 11)))
            one = steps.choice(made)
            one.refresh_from_db()
            if one.state == "asked":
                steps.choice(
                    (
                        lambda one=one: pay(one),
                        lambda one=one: payments.close(actor=SYSTEM, payment_id=one.pk, now=NOW),
                        lambda one=one: payments.cancel_in_sandbox(actor=SYSTEM, number=one.number, now=NOW),
                    )
                )()
            elif one.state == "paid" and one.refunded_minor < one.amount_minor:
                payments.refund(actor=SYSTEM, key=f"r{n}", payment_id=one.pk, amount_fen=100, reason="wrong", now=NOW)

            sync_lake(now=NOW)

            assert payments_in_the_lake() == payments_in_the_store()
        assert {"paid", "closed"} <= {row[1] for row in payments_in_the_lake()}
        assert any(row[2] for row in payments_in_the_lake())

    def test_nothing_is_lost_while_others_write(self) -> None:
        open_cashier()
        syncs_end = threading.Event()

        def work(number: int) -> None:
            if number == 0:
                while not syncs_end.wait(0.02):
                    sync_lake(now=NOW)
                return
            try:
                for n in range(12):
                    one = ask(f"{number}:{n}", now=NOW - timedelta(days=20 * (n % 3)))
                    if n % 2:
                        pay(one)
                    if n % 4 == 3:
                        payments.refund(actor=SYSTEM, key=f"r{number}:{n}", payment_id=one.pk, reason="wrong", now=NOW)
            finally:
                ends.append(number)
                if len(ends) == 3:
                    syncs_end.set()

        ends: list[int] = []
        all_at_once(work, workers=4)
        sync_lake(now=NOW)

        assert len(payments_in_the_lake()) == 36
        assert payments_in_the_lake() == payments_in_the_store()
        assert untaken(Watermark.from_json(the_lake().snapshot().sync["watermark"])).count == 0

    def test_what_commits_after_a_sync_that_took_in_later_marks_is_not_lost(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has one writer at a time: marks are committed in the order of their ids")
        open_cashier()
        ask("first")
        sync_lake(now=NOW)
        asked, synced = threading.Event(), threading.Event()

        def slow() -> None:
            try:
                with transaction.atomic():
                    ask("late")
                    asked.set()
                    synced.wait(60)
            finally:
                connection.close()

        thread = threading.Thread(target=slow)
        thread.start()
        asked.wait(60)
        ask("early")
        sync_lake(now=NOW)
        seen_between = len(payments_in_the_lake())
        synced.set()
        thread.join()

        sync_lake(now=NOW)

        assert (seen_between, len(payments_in_the_lake())) == (2, 3)


class TestGroupBuying:
    def test_every_change_comes_into_the_lake(self) -> None:
        buying.campaign(stock=60, per_person=3)
        crowd = buying.people(8)
        checked = []

        def look() -> None:
            sync_lake(now=NOW)
            checked.append(buying_in_the_lake() == buying_in_the_store())

        filled = buying.start(crowd[0])
        look()
        friend = buying.join(filled.group, crowd[1])
        look()
        buying.pay(filled)
        look()
        buying.pay(friend)
        look()
        groups.take_out(actor=SYSTEM, seat_id=friend.pk, reason="顾客不来了", now=NOW)
        look()
        left = buying.pay(buying.start(crowd[2], size=3))
        groups.leave_group(actor=SYSTEM, token=left.token, now=NOW)
        look()
        lapsed = buying.start(crowd[3])
        sync_lake(now=NOW)
        later = NOW + timedelta(hours=2)
        groups.lapse_holds(actor=SYSTEM, now=later)
        look()
        buying.pay_late(lapsed, now=later)
        look()
        expired = buying.pay(buying.start(crowd[4], size=3))
        sync_lake(now=NOW)
        groups.end_groups(actor=SYSTEM, now=NOW + timedelta(days=3))
        look()
        groups.forget_people(actor=SYSTEM, customer_ids=[crowd[0], crowd[4]], now=NOW)
        look()

        assert checked == [True] * 10
        assert buying.fresh(expired).state == "refunded"
        assert {"filled", "expired", "lapsed"} <= {row[2] for row in buying_in_the_lake() if row[0] == "group"}
        assert {row[4] for row in buying_in_the_lake() if row[0] == "seat"} >= {"paid", "left", "refunded", "returned"}

    def test_a_sync_that_writes_something_else_leaves_them(self) -> None:
        buying.campaign()
        buying.start(buying.people(1)[0])
        sync_lake(now=NOW)
        TouchedPartition.objects.create(table="orders_order", partition="2024-01", touched_at=NOW)

        report = sync_lake(now=NOW)

        assert [each.table for each in report.tables] == ["orders_order"]


class TestMarkedTransaction:
    def test_writes_each_mark_once_in_one_statement_at_its_end(self) -> None:
        with CaptureQueriesContext(connection) as asked, journal.marked_transaction():
            journal.touch("b", ["2"], now=NOW)
            journal.touch("a", ["1", "2"], now=NOW)
            with journal.marked_transaction():
                journal.touch("b", ["2", "3"], now=NOW)
            assert not TouchedPartition.objects.exists()

        insertions = [one for one in asked.captured_queries if "INSERT INTO ingest_touched" in one["sql"]]
        assert len(insertions) == 1
        assert sorted(TouchedPartition.objects.values_list("table", "partition")) == [
            ("a", "1"), ("a", "2"), ("b", "2"), ("b", "3"),
        ]  # fmt: skip

    def test_marks_go_with_the_changes_that_are_undone(self) -> None:
        with pytest.raises(ZeroDivisionError), journal.marked_transaction():
            Payment.objects.update(state="closed")
            journal.touch("a", ["1"], now=NOW)
            raise ZeroDivisionError

        journal.touch("b", ["1"], now=NOW)

        assert list(TouchedPartition.objects.values_list("table", flat=True)) == ["b"]

    def test_what_an_inner_one_undid_is_marked_rather_than_missed(self) -> None:
        with journal.marked_transaction():
            with pytest.raises(ZeroDivisionError), journal.marked_transaction():
                journal.touch("a", ["1"], now=NOW)
                raise ZeroDivisionError
            journal.touch("b", ["1"], now=NOW)

        assert sorted(TouchedPartition.objects.values_list("table", flat=True)) == ["a", "b"]


class TestUntaken:
    def test_finds_marks_in_gaps_and_beyond_them(self) -> None:
        TouchedPartition.objects.all().delete()
        for key, (table, partition) in {
            3: ("a", "1"), 4: ("a", "1"), 6: ("b", "1"), 8: ("a", "2"), 9: ("a", "1"), 12: ("b", "2"),
        }.items():  # fmt: skip
            TouchedPartition.objects.create(pk=key, table=table, partition=partition, touched_at=NOW)

        everything = untaken(Watermark())
        rest = untaken(Watermark(floor=2, above=((3, 3), (6, 6), (9, 9))))

        assert everything.runs == ((3, 4), (6, 6), (8, 9), (12, 12))
        assert everything.partitions == {"a": {"1", "2"}, "b": {"1", "2"}}
        assert (rest.runs, rest.count) == (((4, 4), (8, 8), (12, 12)), 3)
        assert rest.partitions == {"a": {"1", "2"}, "b": {"2"}}


def test_a_store_comes_into_the_lake_in_the_transaction_of_its_change(stores: dict[str, Any], owner: Any) -> None:
    from yutang.foundation import actions
    from yutang.foundation.actions import StoreEntry

    TouchedPartition.objects.create(table="orders_order", partition="2024-01", touched_at=NOW)
    sync_lake(now=NOW)
    entry = StoreEntry(code="SH09", name="新天地店", region="", city="上海")
    made = actions.create_store(actor=owner, store=entry, now=NOW)

    report = sync_lake(now=NOW)

    assert [each.table for each in report.tables] == ["foundation_store"]
    assert (made, "SH09") in {row[:2] for row in rows_of("foundation_store")}
