"""Files of the lake that are not what was written: refused by name, never read for a figure, written again by the next sync."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import NOW
from yutang.ingest.lake_sync import lake_status, rebuild_lake, sync_lake, the_lake
from yutang.lake.damage import LakeIsDamaged
from yutang.lake.engines.base import Engine
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.results import answer_if_kept, kept_answer, kept_rows
from yutang.orders.models import Order, Shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def orders(lake_folder: Path) -> None:
    shop = Shop.objects.create(platform="taobao", name="店")
    for month in (1, 2):
        Order.objects.create(
            shop=shop, number=str(month), status=20, currency="CNY", content_digest=b"x" * 16, total_minor=100,
            business_date=NOW.date().replace(month=month),
        )  # fmt: skip
    sync_lake(now=NOW)


def a_file() -> Path:
    snapshot = the_lake().snapshot()
    return snapshot.root / snapshot.manifests["orders_order"].partitions["2026-02"].file


def total() -> int:
    with Engine(dialect=DUCKDB, snapshot=the_lake().snapshot()) as engine:
        return int(engine.execute("SELECT SUM(total_minor) AS total FROM orders_order").column("total")[0].as_py())


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [change_a_byte, cut_off, Path.unlink])
def test_a_damaged_file_is_refused_by_name_and_written_again(damage: Any) -> None:
    assert total() == 200
    damage(a_file())

    with pytest.raises(LakeIsDamaged) as refusal:
        total()
    assert refusal.value.data["file"] == str(a_file())
    assert "yutang lake rebuild" in str(refusal.value)

    report = sync_lake(now=NOW)

    assert [(one.table, one.partitions) for one in report.tables] == [("orders_order", 1)]
    assert total() == 200


@pytest.mark.parametrize("heal", [sync_lake, rebuild_lake])
@pytest.mark.parametrize("content", [b"", b'{"version": "1-', b"[]", b"{}"])
def test_a_damaged_pointer_is_refused_by_name_and_everything_is_written_anew(content: bytes, heal: Any) -> None:
    pointer = the_lake().root / "current.json"
    pointer.write_bytes(content)

    with pytest.raises(LakeIsDamaged) as refusal:
        lake_status()
    assert refusal.value.data["file"] == str(pointer)

    heal(now=NOW)

    assert total() == 200
    assert [path.read_bytes() for path in the_lake().root.glob("damaged-*.json")] == [content]


def test_a_damaged_manifest_is_refused_by_name_and_everything_is_written_anew() -> None:
    snapshot = the_lake().snapshot()
    manifest = snapshot.root / "orders_order" / f"manifest-{snapshot.manifests['orders_order'].version}.json"
    manifest.write_bytes(b"no manifest")
    from yutang.lake import manifest as reading

    # As in a process that has not read it yet.
    reading._manifests_of.cache_clear()
    with pytest.raises(LakeIsDamaged) as refusal:
        total()
    assert refusal.value.data["file"] == str(manifest)

    sync_lake(now=NOW)

    assert total() == 200


class TestKeptAnswers:
    def test_a_damaged_answer_is_computed_again(self) -> None:
        snapshot = the_lake().snapshot()
        kept_answer(snapshot, name="x", key={}, compute=lambda: {"sales": 100})
        (path,) = (snapshot.root / "cache" / snapshot.version).glob("*.json")
        path.write_text(path.read_text().replace("100", "900"))

        assert answer_if_kept(snapshot, name="x", key={}) is None
        assert kept_answer(snapshot, name="x", key={}, compute=lambda: {"sales": 100}) == {"sales": 100}
        assert answer_if_kept(snapshot, name="x", key={}) == {"sales": 100}

    def test_damaged_rows_are_computed_again(self) -> None:
        snapshot, rows = the_lake().snapshot(), pa.table({"sales": list(range(1_000))})
        kept_rows(snapshot, name="x", key={}, compute=lambda: rows)
        (path,) = (snapshot.root / "cache" / snapshot.version).glob("*.parquet")
        change_a_byte(path)

        assert kept_rows(snapshot, name="x", key={}, compute=lambda: rows) == rows
