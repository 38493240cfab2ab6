"""What is asked of the lake, and that asking sees one state and keeps nobody from writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.conftest import NOW
from tests.faults.test_invariants import an_order
from tests.support.holding import broken
from yutang.foundation.invariants import all_invariants, unchanging
from yutang.foundation.models import Store
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.orders.models import Order


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def test_each_is_told_of_to_operators() -> None:
    told = (Path(__file__).parents[2] / "docs" / "operations" / "faults.md").read_text(encoding="utf-8")

    headings = {line.removeprefix("## ") for line in told.splitlines() if line.startswith("## ")}
    assert {one.name for one in all_invariants()} <= headings


@pytest.mark.django_db(transaction=True)
class TestLake:
    @pytest.fixture(autouse=True)
    def synced(self) -> None:
        for month in (1, 2, 3):
            an_order(business_date=NOW.date().replace(month=month), total_minor=100 * month)
        sync_lake(now=NOW)

    def file(self) -> Path:
        snapshot = the_lake().snapshot()
        return snapshot.root / snapshot.manifests["orders_order"].partitions["2026-02"].file

    def test_is_whole_and_true(self) -> None:
        assert broken() == {}

    def test_tells_of_a_file_that_was_changed(self) -> None:
        told = bytearray(self.file().read_bytes())
        told[len(told) // 2] ^= 1
        self.file().write_bytes(told)

        found = broken()

        assert found["lake.files"].where == (str(self.file()),)
        assert found["lake.truth"].where == ("orders_order 2026-02",)

    def test_tells_of_a_file_that_is_gone(self) -> None:
        self.file().unlink()

        assert broken()["lake.files"].where == (str(self.file()),)

    def test_tells_of_a_change_that_was_never_marked(self) -> None:
        Order.objects.filter(total_minor=200).update(total_minor=201)

        found = broken()

        assert found.keys() == {"lake.truth"}
        assert found["lake.truth"].where == ("orders_order 2026-02",)

    def test_leaves_out_what_changes_just_now(self) -> None:
        from yutang.ingest import journal

        Order.objects.filter(total_minor=200).update(total_minor=201)
        journal.touch("orders_order", ["2026-02"], now=NOW)

        assert broken() == {}

    def test_tells_of_a_pointer_that_cannot_be_read(self) -> None:
        (the_lake().root / "current.json").write_bytes(b'{"version": ')

        assert broken()["lake.files"].where == (str(the_lake().root / "current.json"),)


@pytest.mark.django_db(transaction=True)
class TestUnchanging:
    def test_sees_one_state_and_keeps_nobody_from_writing(self) -> None:
        import threading

        Store.objects.create(code="A", name="A")

        def write() -> None:
            Store.objects.create(code="B", name="B")
            connection.close()

        with unchanging():
            before = Store.objects.count()
            other = threading.Thread(target=write)
            other.start()
            other.join(timeout=120)
            within = Store.objects.count()

        assert (before, within, Store.objects.count()) == (1, 1, 2)

    def test_refuses_to_write(self) -> None:
        from django.db import DatabaseError

        with pytest.raises(DatabaseError), unchanging():
            Store.objects.create(code="A", name="A")

        Store.objects.create(code="B", name="B")
        assert Store.objects.count() == 1
