from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.importing import import_text
from tests.support.commerce import NOW, make_ground, make_orders, touch, touch_whole
from yutang.customers.models import Customer
from yutang.ingest.lake_sync import lake_status, rebuild_lake, sync_lake, the_lake
from yutang.ingest.models import TouchedPartition
from yutang.ingest.published import PUBLISHED, StoreDialect
from yutang.lake.engines.base import Engine
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.export import ExportFailed
from yutang.lake.partitions import UNDATED
from yutang.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

#: Starts once, then lets a process of its own sync the lake for each number that it reads, and kills it at that flush.
_KILLED_AT_ITS_NTH_FLUSH = """
import os, signal, sys, django
django.setup()
from datetime import datetime, UTC
from pathlib import Path
from django.conf import settings
settings.YUTANG_LAKE = Path(sys.argv[1])
from yutang.ingest.lake_sync import sync_lake
flush, calls = os.fsync, 0
def counted(file):
    global calls
    calls += 1
    if calls == step: os.kill(os.getpid(), signal.SIGKILL)
    flush(file)
os.fsync = counted
for line in sys.stdin:
    step = int(line)
    child = os.fork()
    if child == 0:
        sync_lake(now=datetime.now(UTC))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def rows_of(table: str) -> list[tuple[Any, ...]]:
    with Engine(dialect=DUCKDB, snapshot=the_lake().snapshot()) as engine:
        rows = engine.execute(f"SELECT * FROM {table}").to_pylist()
    return sorted((tuple(row.values()) for row in rows), key=repr)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: rows_of(table.name) for table in PUBLISHED if table.name in the_lake().snapshot().manifests}


@pytest.mark.usefixtures("lake_folder")
class TestSyncLake:
    @pytest.mark.usefixtures("exports_as_shipped", "engines_as_shipped")
    def test_holds_what_the_store_holds(self) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=300)

        sync_lake(now=NOW)

        stored = Order.objects.order_by("id").values_list("id", "number", "customer_id", "business_date", "total_minor")
        read = [(r[0], r[2], r[3], r[9], r[13]) for r in sorted(rows_of("orders_order"))]
        assert read == list(stored)
        instants = dict(Order.objects.values_list("id", "placed_at"))
        assert {r[0]: r[8] for r in rows_of("orders_order")} == {
            k: v.replace(tzinfo=None) if v else None for k, v in instants.items()
        }

    def test_takes_an_empty_store(self) -> None:
        report = sync_lake(now=NOW)

        assert rows_of("orders_order") == []
        assert {each.table for each in report.tables} == {each.name for each in PUBLISHED}

    def test_rewrites_only_what_was_touched(self) -> None:
        made = make_ground()
        orders = make_orders(made, seed=1, n=200)
        sync_lake(now=NOW)
        before = the_lake().snapshot().manifests["orders_order"].partitions
        order = next(each for each in orders if each.business_date and each.business_date.month == 12)
        Order.objects.filter(id=order.id).update(total_minor=77)
        touch("orders_order", {order.business_date})

        report = sync_lake(now=NOW)

        after = the_lake().snapshot().manifests["orders_order"].partitions
        assert {each.table: each.partitions for each in report.tables} == {"orders_order": 1}
        assert {name for name in after if after[name] != before[name]} == {"2023-12"}
        assert 77 in {row[13] for row in rows_of("orders_order")}

    def test_changes_nothing_when_nothing_was_touched(self) -> None:
        make_orders(make_ground(), seed=1, n=20)
        sync_lake(now=NOW)
        version = the_lake().snapshot().version

        report = sync_lake(now=NOW)

        assert report.tables == ()
        assert the_lake().snapshot().version == version

    def test_drops_a_partition_that_became_empty(self) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=50)
        sync_lake(now=NOW)
        gone = Order.objects.filter(business_date__year=2024, business_date__month=2)
        gone.delete()
        touch("orders_order", {date(2024, 2, 1)})
        touch("orders_line", {date(2024, 2, 1)})

        sync_lake(now=NOW)

        assert "2024-02" not in the_lake().snapshot().manifests["orders_order"].partitions

    def test_leaves_merged_people_out(self) -> None:
        made = make_ground(customers=4)
        Customer.objects.filter(id=made.customers[1].id).update(merged_into=made.customers[0])
        touch_whole("customers_customer")

        sync_lake(now=NOW)

        assert [row[0] for row in rows_of("customers_customer")] == [made.customers[i].id for i in (0, 2, 3)]

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(2))
    def test_equals_a_rebuild_after_random_changes(self, seed: int) -> None:
        rng = random.Random(seed)
        made = make_ground()
        make_orders(made, seed=100 + seed, n=150)
        sync_lake(now=NOW)
        for step in range(4):
            make_orders(made, seed=1000 * seed + step + 7, n=rng.randrange(0, 30))
            for order in rng.sample(list(Order.objects.all()), 10):
                old, order.business_date = order.business_date, date(2023, 10, 1) + timedelta(days=rng.randrange(300))
                order.save(update_fields=["business_date"])
                touch("orders_order", {old, order.business_date})
                touch("orders_line", {old, order.business_date})
            sync_lake(now=NOW)
        synced = everything()

        rebuild_lake(now=NOW)

        assert everything() == synced

    def test_takes_in_a_touch_that_was_committed_late(self) -> None:
        make_orders(make_ground(), seed=1, n=20)
        late = TouchedPartition.objects.create(table="orders_order", partition="2024-01", touched_at=NOW)
        TouchedPartition.objects.create(table="orders_order", partition="2024-02", touched_at=NOW)
        TouchedPartition.objects.filter(id=late.id).delete()
        sync_lake(now=NOW)
        TouchedPartition.objects.create(id=late.id, table="orders_order", partition="2024-01", touched_at=NOW)

        report = sync_lake(now=NOW)

        assert {each.table: each.partitions for each in report.tables} == {"orders_order": 1}
        assert report.touches == 1

    def test_writes_anew_when_the_store_was_replaced_by_an_older_one(self) -> None:
        make_orders(make_ground(), seed=1, n=20)
        sync_lake(now=NOW)
        TouchedPartition.objects.filter(id__gt=1).delete()

        assert lake_status().must_rebuild
        assert len(sync_lake(now=NOW).tables) == len(PUBLISHED)

    def test_writes_anew_when_touches_were_forgotten_meanwhile(self) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=20)
        sync_lake(now=NOW)
        make_orders(made, seed=2, n=200)
        newest = TouchedPartition.objects.order_by("-id")[0]
        TouchedPartition.objects.exclude(id=newest.id).delete()

        assert len(sync_lake(now=NOW).tables) == len(PUBLISHED)

    def test_writes_a_table_anew_when_its_declaration_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_orders(make_ground(), seed=1, n=20)
        sync_lake(now=NOW)
        monkeypatch.setattr(type(PUBLISHED["orders_order"]), "declaration", property(lambda self: f"new {self.name}"))

        assert len(sync_lake(now=NOW).tables) == len(PUBLISHED)

    def test_two_at_once_do_no_harm(self) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=200)
        faults: list[BaseException] = []

        def run() -> None:
            try:
                sync_lake(now=NOW)
            except BaseException as error:
                faults.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert faults == []
        assert len(rows_of("orders_order")) == 200
        assert the_lake().snapshot().version.startswith("1-")

    @pytest.mark.usefixtures("exports_as_shipped")
    def test_a_failing_export_changes_nothing_and_says_its_sql(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=20)
        sync_lake(now=NOW)
        before = everything()
        make_orders(made, seed=2, n=20)
        table = PUBLISHED["orders_order"]
        broken = type(table)(table.name, table.sql.replace("o.number", "o.nombre"), table.columns, table.month_column)
        monkeypatch.setitem(PUBLISHED._entries, "orders_order", broken)

        with pytest.raises(ExportFailed, match=r"(?s)exporting orders_order: SELECT.*nombre"):
            sync_lake(now=NOW)

        assert everything() == before

    def test_deletes_old_files_only_after_the_grace(self, lake_folder: Path) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=20, days=20)
        sync_lake(now=NOW)
        pinned = the_lake().snapshot()
        make_orders(made, seed=2, n=20, days=20)
        sync_lake(now=NOW)

        assert all(path.exists() for path in pinned.paths_of("orders_order"))
        with the_lake().writing():
            the_lake().collect_garbage(now=NOW + timedelta(hours=1))

        assert not any(path.exists() for path in pinned.paths_of("orders_order"))
        assert len(list(lake_folder.glob("orders_order/*.json"))) == 1
        assert len(rows_of("orders_order")) == 40


@pytest.mark.slow
@pytest.mark.usefixtures("lake_folder")
class TestKilled:
    @pytest.mark.usefixtures("exports_as_shipped")
    @pytest.mark.parametrize("delay", [0.0, 0.3, 0.6])
    def test_a_killed_export_leaves_the_old_lake(self, monkeypatch: pytest.MonkeyPatch, delay: float) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=50)
        sync_lake(now=NOW)
        before = everything()
        make_orders(made, seed=2, n=2000)
        started: list[subprocess.Popen[str]] = []

        def killing_run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
            options.pop("check"), options.pop("capture_output")
            text = options.pop("input")
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
            )
            started.append(child)
            threading.Timer(delay, child.kill).start()
            out, err = child.communicate(text)
            return subprocess.CompletedProcess(command, child.returncode, out, err)

        with monkeypatch.context() as patched:
            patched.setattr("yutang.lake.export.subprocess.run", killing_run)
            try:
                sync_lake(now=NOW)
            except ExportFailed:
                assert everything() == before

        sync_lake(now=NOW)
        after = everything()
        rebuild_lake(now=NOW)
        assert everything() == after
        assert len(after["orders_order"]) == 2050

    def test_a_writer_killed_between_its_steps_leaves_the_old_or_the_new_lake(
        self, lake_folder: Path, child_environment: dict[str, str]
    ) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=50)
        sync_lake(now=NOW)
        old = everything()
        make_orders(made, seed=2, n=50)
        connection.close()
        ends = []
        with subprocess.Popen(
            [sys.executable, "-c", _KILLED_AT_ITS_NTH_FLUSH, str(lake_folder)],
            env=child_environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as forker:
            assert forker.stdin is not None
            assert forker.stdout is not None
            for step in range(1, 40):
                forker.stdin.write(f"{step}\n")
                forker.stdin.flush()
                ends.append(int(forker.stdout.readline()))
                seen = everything()
                assert seen == old or len(seen["orders_order"]) == 100
                if ends[-1] == 0:
                    break

        assert ends[-1] == 0
        assert set(ends[:-1]) == {signal.SIGKILL}
        sync_lake(now=NOW)
        assert len(rows_of("orders_order")) == 100


@pytest.mark.usefixtures("lake_folder")
class TestShops:
    def test_a_shop_that_an_import_makes_comes_into_the_lake_with_its_orders(self, tmp_path: Path) -> None:
        header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        import_text(tmp_path, f"{header}1,A,HOLDER,1,2010-12-01 08:26:00,2.55,17850,UK\n")
        sync_lake(now=NOW)
        before = len(rows_of("orders_shop"))

        import_text(tmp_path, f"{header}2,A,HOLDER,1,2010-12-02 08:26:00,2.55,17850,UK\n", shop_name="second")
        sync_lake(now=NOW)

        assert (before, len(rows_of("orders_shop"))) == (1, 2)
        synced = everything()
        rebuild_lake(now=NOW)
        assert everything() == synced


@pytest.mark.usefixtures("lake_folder")
class TestLakeStatus:
    def test_tells_what_waits(self) -> None:
        made = make_ground()
        make_orders(made, seed=1, n=20, days=5)
        assert lake_status().version == ""
        sync_lake(now=NOW)
        make_orders(made, seed=2, n=20, days=5)

        status = lake_status()

        assert status.waiting >= 2
        assert {each.table: each.rows for each in status.tables}["orders_order"] == 20


def test_the_serving_process_never_loads_a_second_sqlite() -> None:
    code = "import sys, yutang.lake.export, yutang.lake.engines.duckdb; print([m for m in sys.modules if 'adbc' in m])"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(("dialect", "day"), [("sqlite", "'2025-12-01'"), ("postgres", "CAST('2025-12-01' AS DATE)")])
def test_months_are_written_out_so_that_the_answer_is_streamed(dialect: StoreDialect, day: str) -> None:
    found = PUBLISHED["orders_order"].extract(dialect=dialect, partitions={"2025-12", "2026-01", UNDATED})

    assert day in found.sql
    assert found.sql.count("2026-02-01") == 1
    assert "2026-01-01" not in found.sql, "neighbours are one range"
    assert not re.search(r"\$\d|\?", found.sql)
