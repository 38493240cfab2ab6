"""Files of a partition: every row once, and rows of one store side by side, whatever memory had room for."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yutang.lake import partitions
from yutang.lake.partitions import PartitionWriter

SCHEMA = pa.schema([("order_id", pa.int64()), ("store_id", pa.int64()), ("business_date", pa.date32())])
STORES = 20
ROWS = 30_000


def batches() -> Iterator[pa.RecordBatch]:
    """Yield orders of two months, those of all stores mixed; every eleventh belongs to none."""
    for start in range(0, ROWS, 1_000):
        numbers = range(start, start + 1_000)
        rows = [
            {
                "order_id": number,
                "store_id": None if number % 11 == 0 else number * 7 % STORES,
                "business_date": date(2026, 1 + number % 2, 1),
            }
            for number in numbers
        ]
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def written(root: Path, *, sorted_by: str | None) -> dict[str, pa.Table]:
    """Return the rows of each partition's file, in the order in which they lie."""
    with PartitionWriter(
        root=root, table="orders", schema=SCHEMA, month_column="business_date", sorted_by=sorted_by
    ) as writer:
        for batch in batches():
            writer.write(batch)
        files = writer.finish()
    tables = {name: pq.read_table(root / file.file) for name, file in files.items()}
    assert {name: file.rows for name, file in files.items()} == {name: rows.num_rows for name, rows in tables.items()}
    assert {path.name for path in (root / "orders").iterdir()} == {Path(file.file).name for file in files.values()}
    return tables


@pytest.mark.parametrize("kept_rows", [600_000, 4_000], ids=["at once", "in parts"])
def test_rows_of_a_store_lie_side_by_side_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_rows: int
) -> None:
    unsorted = written(tmp_path / "unsorted", sorted_by=None)
    monkeypatch.setattr(partitions, "_KEPT_ROWS", kept_rows)
    for name, rows in written(tmp_path / "sorted", sorted_by="store_id").items():
        assert rows.sort_by("order_id") == unsorted[name].sort_by("order_id")
        for start in range(0, rows.num_rows, kept_rows):
            part = rows.slice(start, kept_rows).to_pylist()
            assert part == sorted(
                part, key=lambda row: (row["store_id"] is None, row["store_id"] or 0, row["order_id"])
            )


def test_a_question_about_a_store_leaves_most_row_groups_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_SORTED_ROW_GROUP", 1_000)
    written(tmp_path, sorted_by="store_id")
    for path in (tmp_path / "orders").iterdir():
        metadata = pq.ParquetFile(path).metadata
        spans = [metadata.row_group(number).column(1).statistics for number in range(metadata.num_row_groups)]
        holding = [span for span in spans if span.has_min_max and span.min <= 8 <= span.max]
        assert len(spans) >= 15
        assert 1 <= len(holding) <= 2
