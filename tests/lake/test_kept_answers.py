"""Answers and rows kept beside the lake: computed once a version, gone with it."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from tests.support.lakes import write_lake
from yutang.lake.results import answer_if_kept, forget_older_answers, kept_answer, kept_rows

ROWS = pa.table({"customer_id": pa.array([1, 2], pa.int64()), "r": pa.array([5, None], pa.int16())})


class Counting:
    """Makes the rows, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> pa.Table:
        self.times += 1
        return ROWS


class TestKeptRows:
    def test_are_computed_once_for_each_key(self, tmp_path: Path) -> None:
        snapshot, compute = write_lake(tmp_path, {}), Counting()

        first = kept_rows(snapshot, name="n", key={"day": 1}, compute=compute)
        second = kept_rows(snapshot, name="n", key={"day": 1}, compute=compute)

        assert first.equals(second)
        assert second.equals(ROWS)
        assert compute.times == 1
        kept_rows(snapshot, name="n", key={"day": 2}, compute=compute)
        kept_rows(snapshot, name="other", key={"day": 1}, compute=compute)
        assert compute.times == 3

    def test_do_not_meet_answers_of_the_same_name(self, tmp_path: Path) -> None:
        snapshot = write_lake(tmp_path, {})

        kept_rows(snapshot, name="n", key={}, compute=Counting())

        assert answer_if_kept(snapshot, name="n", key={}) is None
        assert kept_answer(snapshot, name="n", key={}, compute=lambda: [1]) == [1]

    def test_are_computed_anew_for_another_version_and_the_old_ones_go(self, tmp_path: Path) -> None:
        before, compute = write_lake(tmp_path, {}), Counting()
        kept_rows(before, name="n", key={}, compute=compute)
        (folder,) = (tmp_path / "cache").glob("*")
        os.utime(folder, (0, 0))
        after = write_lake(tmp_path, {"orders_shop": [{"shop_id": 1}]})

        kept_rows(after, name="n", key={}, compute=compute)
        forget_older_answers(after)

        assert compute.times == 2
        assert not folder.exists()
        assert len(list((tmp_path / "cache").glob("*/*.parquet"))) == 1
