"""Rows laid apart by person: each lies in one batch, every batch is read by itself, and cuts stay where they were."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pytest

from yutang.ingest import shelving
from yutang.ingest.batches import row_batches, rows_per_batch
from yutang.ingest.shelving import Shelves, StagedRows

_ROWS = 6_000


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelving, "ROWS_ON_ONE_SHELF", 100)
    monkeypatch.setattr(shelving, "SHELVES", 8)
    monkeypatch.setattr(shelving, "SHELVES_BEFORE_CELLS", 4)
    monkeypatch.setattr(shelving, "_ROWS_TOGETHER", 1_000)


def _rows(first: int, n: int) -> pa.Table:
    numbers = range(first, first + n)
    return pa.table(
        {
            "order_number": [f"n{i * 7919 % _ROWS:05}" for i in numbers],
            "phone": [None if i % 10 == 0 else f"p{i % 700}" for i in numbers],
            "row_number": pa.array(numbers, pa.int64()),
        }
    )


def _staged(folder: Path, *, cells: int, batch_rows: int) -> StagedRows:
    with Shelves(folder, group_key="order_number", near=("phone", "absent"), cells=cells) as shelves:
        for first in range(0, _ROWS, 300):
            shelves.put(_rows(first, 300))
    return StagedRows(folder, tuple(shelves.counts), shelves.cells, "order_number", shelves.near, batch_rows)


@pytest.mark.parametrize("batch_rows", [500, 2_000, 100_000])
def test_every_row_is_in_one_batch_and_nobody_in_two(tmp_path: Path, batch_rows: int) -> None:
    rows = _staged(tmp_path / "rows", cells=8, batch_rows=batch_rows)
    batches = [batch.read() for batch in row_batches(rows)]

    assert sorted(n for batch in batches for n in batch.column("row_number").to_pylist()) == list(range(_ROWS))
    assert max(batch.num_rows for batch in batches) <= batch_rows
    people = [set(batch.column("phone").drop_null().to_pylist()) for batch in batches]
    assert sum(map(len, people)) == len(set.union(*people))
    assert len(batches) == 1 or _ROWS / len(batches) > batch_rows / 3


def test_a_batch_is_what_it_is_whoever_reads_it_and_whenever(tmp_path: Path) -> None:
    rows = _staged(tmp_path / "rows", cells=8, batch_rows=500)
    told = {**json.loads(json.dumps({**asdict(rows), "folder": str(rows.folder)}))}
    elsewhere = StagedRows(**{**told, "folder": Path(told["folder"]), "near": tuple(told["near"])})
    backwards = [batch.read() for batch in reversed(list(row_batches(elsewhere)))]

    assert [batch.read() for batch in row_batches(rows)] == backwards[::-1]
    assert [batch.size for batch in row_batches(rows)] == [batch.num_rows for batch in backwards[::-1]]


def test_an_import_begun_before_there_were_cells_is_cut_where_it_was(tmp_path: Path) -> None:
    rows = _staged(tmp_path / "rows", cells=1, batch_rows=1_000)
    batches = [batch.read() for batch in row_batches(rows)]

    assert len(rows.counts) == 4
    assert min(rows.counts) > rows.batch_rows
    # Each shelf is cut by itself, after every so many rows.
    numbers = [batch.column("row_number").to_pylist() for batch in batches]
    assert sorted(n for some in numbers for n in some) == list(range(_ROWS))
    shelf_of = {
        n: shelf
        for shelf in range(4)
        for batch in [rows.read([shelf])]
        for piece in batch
        for n in piece["row_number"].to_pylist()
    }
    assert [len({shelf_of[n] for n in some}) for some in numbers] == [1] * len(batches)
    assert len(batches) >= sum(count // 1_000 for count in rows.counts)


def test_a_person_with_more_than_a_batch_is_cut_between_orders(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    with Shelves(folder, group_key="order_number", near=("phone",), cells=8) as shelves:
        shelves.put(
            pa.table(
                {
                    "order_number": [f"n{i // 2:05}" for i in range(2_500)],
                    "phone": ["p"] * 2_500,
                    "row_number": pa.array(range(2_500), pa.int64()),
                }
            )
        )
    rows = StagedRows(folder, tuple(shelves.counts), shelves.cells, "order_number", shelves.near, 1_001)
    orders = [set(batch.read().column("order_number").to_pylist()) for batch in row_batches(rows)]

    assert len(orders) > 2
    assert sum(map(len, orders)) == len(set.union(*orders)) == 1_250


def test_few_rows_lie_on_one_shelf(tmp_path: Path) -> None:
    with Shelves(tmp_path / "rows", group_key="order_number", near=("phone",), cells=8) as shelves:
        shelves.put(_rows(0, 100))

    assert (shelves.counts, shelves.cells) == ([100], 1)


def test_no_rows_lie_nowhere(tmp_path: Path) -> None:
    with Shelves(tmp_path / "rows", group_key="order_number", near=("phone",), cells=8) as shelves:
        pass

    assert shelves.counts == []


def test_a_middling_file_is_cut_into_several_batches() -> None:
    assert [rows_per_batch(n) for n in (100, 100_000, 400_000, 10_000_000)] == [20_000, 20_000, 50_000, 100_000]
