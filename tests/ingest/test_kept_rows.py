"""Rows that could not be taken come out whole, are mended cell by cell, and are closed when they are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import import_path, import_text
from tests.ingest.making import written
from tests.orders.exporting import write_workbook
from yutang.foundation.access import Actor
from yutang.ingest import queries

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "订单号,下单时间,会员号,商品名称,数量,单价\n"
GOOD = "A1,2026-01-02 10:00:00,M1,茶,2,9.50\n"


def kept_table(import_id: int) -> list[list[str]]:
    return list(queries.kept_rows_as_table(access=Actor.system(), import_id=import_id))


class TestTooManyCells:
    WIDE = "A2,2026-01-02 10:00:00,M1,茶,红,2,9.50\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_every_cell_is_kept_and_given_back(self, tmp_path: Path, encoding: str) -> None:
        view = import_text(tmp_path, HEADER + GOOD + self.WIDE + GOOD.replace("A1,", ","), encoding=encoding)

        header, wide, narrow = kept_table(view.id)
        assert header == [*HEADER.strip().split(","), ""]
        assert wide == self.WIDE.strip().split(",")
        assert narrow == ["", *GOOD.strip().split(",")[1:], ""]
        (kept, _) = queries.kept_rows(access=Actor.system(), import_id=view.id)
        assert [cell for _, cell in kept.cells] == wide

    def test_of_a_workbook_too(self, tmp_path: Path) -> None:
        rows = [line.split(",") for line in (HEADER + GOOD + self.WIDE).splitlines()]

        view = import_path(write_workbook(tmp_path / "till.xlsx", {"一": rows}))

        assert kept_table(view.id)[1] == rows[2]

    def test_the_table_mended_in_a_spreadsheet_is_taken(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, HEADER + GOOD + self.WIDE)
        header, wide = kept_table(view.id)
        mended = [*wide[:3], "红茶", *wide[5:], ""]

        again = import_path(written(tmp_path, "\n".join(",".join(row) for row in (header, mended)), name="mend.csv"))

        assert again.counts["new"] == 1
