"""Rows that could not be taken come out whole, are mended cell by cell, and are closed when they are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import NOW, Watcher, import_path, import_text, view_of
from tests.ingest.making import written
from tests.orders.exporting import write_workbook
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.ingest import actions, queries
from yutang.ingest.models import Import, QuarantinedRow
from yutang.ingest.running import run
from yutang.kit.workbooks import write_workbook as write_plain_workbook
from yutang.orders.models import OrderLine

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "订单号,下单时间,会员号,商品名称,数量,单价\n"
FOOTFALL = "门店编号,门店名称,日期,过店人数,进店人数\n"
AD_COST = "日期,渠道,花费\n"
GOOD = "A1,2026-01-02 10:00:00,M1,茶,2,9.50\n"


def kept_table(import_id: int) -> list[list[str]]:
    """Return the table of kept rows without the column that says which row each line is."""
    ((_, lines),) = queries.kept_tables(access=Actor.system(), import_id=import_id)
    header, *rows = lines
    assert header[0] == "yutang_row"
    return [row[1:] for row in (header, *rows)]


def mend(mended: dict[int, dict[int, str]]) -> Import:
    record = actions.mend_rows(actor=Actor.system(), mended=mended, now=NOW)
    run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)
    return record


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


class TestSeveralSheets:
    def test_each_sheet_has_its_own_table_and_the_workbook_mended_is_taken(self, tmp_path: Path) -> None:
        footfall = [
            line.split(",")
            for line in (FOOTFALL + "SH01,徐汇店,2026-01-02,300,50\nSH01,,2026-01-03,很多,1\n").splitlines()
        ]
        cost = [line.split(",") for line in (AD_COST + "2026-01-02,抖音,100\n2026-01-03,抖音,一百\n").splitlines()]
        view = import_path(write_workbook(tmp_path / "days.xlsx", {"客流": footfall, "投放": cost}))

        tables = {name: list(lines) for name, lines in queries.kept_tables(access=Actor.system(), import_id=view.id)}
        assert {name: [row[1:] for row in rows] for name, rows in tables.items()} == {
            "客流": [footfall[0], footfall[2]],
            "投放": [cost[0], cost[2]],
        }
        tables["客流"][1][4], tables["投放"][1][3] = "40", "100"
        path = tmp_path / "mend.xlsx"
        with path.open("wb") as file:
            write_plain_workbook(file, tables.items())

        again = import_path(path)
        assert (again.counts["new"], again.counts["quarantined"]) == (2, 0)
        assert not QuarantinedRow.objects.filter(status="open").exists()


class TestMending:
    DOUBLE = "订单号,下单时间,会员号,备注,商品名称,备注,数量,单价\n"

    def test_columns_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.DOUBLE + "A2,2026-01-02 10:00:00,M1,甲,茶,乙,x,9.50\n")
        (row,) = queries.kept_rows(access=Actor.system(), import_id=view.id)

        mended = mend({row.id: {5: "丙", 6: "x2"}})

        assert kept_table(mended.pk)[1] == ["A2", "2026-01-02 10:00:00", "M1", "甲", "茶", "丙", "x2", "9.50"]

    def test_of_columns_of_one_name_the_one_that_is_read_is_at_fault(self, tmp_path: Path) -> None:
        text = "号,时,人,品,价,量,价\nA2,2026-01-02 10:00:00,M1,茶,9.50,2,两百\n"
        numbers = ("order_number", "ordered_at", "customer_member_no", "product_name", "", "quantity", "unit_price")
        view = import_text(tmp_path, text, mapping={f: str(n) for n, f in enumerate(numbers, 1) if f})

        (row,) = queries.kept_rows(access=Actor.system(), import_id=view.id)

        assert row.position == 6


class TestMendedByFile:
    BAD = "A1,2026-01-02 10:00:00,M1,茶,x,9.50\n"

    def lines(self, import_id: int) -> list[list[str]]:
        ((_, lines),) = queries.kept_tables(access=Actor.system(), import_id=import_id)
        return list(lines)

    def test_rows_are_closed_and_a_twin_of_a_taken_line_is_a_second_line(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, HEADER + GOOD + self.BAD + self.BAD.replace("A1", "A3"))
        header, twin, other = self.lines(view.id)
        twin[5] = "2"

        again = import_path(written(tmp_path, "\n".join(map(",".join, (header, twin))), name="mend.csv"))

        assert again.counts["new"] == 1
        assert OrderLine.objects.filter(order__number="A1").count() == 2
        assert self.lines(view.id)[1:] == [other]

    def test_a_row_that_fails_again_is_open_once(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, HEADER + self.BAD)
        header, row = self.lines(view.id)
        row[5] = "y"

        again = import_path(written(tmp_path, "\n".join(map(",".join, (header, row))), name="mend.csv"))

        assert self.lines(again.id)[0] == header
        assert QuarantinedRow.objects.get(status="open").source_id == again.id

    def test_undone_they_are_open_again(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, HEADER + self.BAD)
        header, row = self.lines(view.id)
        row[5] = "2"
        again = import_path(written(tmp_path, "\n".join(map(",".join, (header, row))), name="mend.csv"))

        actions.undo_import(actor=Actor.system(), import_id=again.id, now=NOW)

        assert QuarantinedRow.objects.get(source_id=view.id).status == "open"

    def test_columns_named_by_a_person_are_remembered(self, tmp_path: Path) -> None:
        text = "单,时,人,品,量,价\n" + self.BAD
        names = ("order_number", "ordered_at", "customer_member_no", "product_name", "quantity", "unit_price")
        view = import_text(tmp_path, text, mapping=dict(zip(names, "单时人品量价", strict=True)))
        header, row = self.lines(view.id)
        row[5] = "2"

        again = import_path(written(tmp_path, "\n".join(map(",".join, (header, row))), name="mend.csv"))

        assert again.counts["new"] == 1


class TestReasons:
    @pytest.mark.parametrize("cell", ["2026-13-45", "2026年13月45日", "2026/2/30 10:00:00"])
    def test_a_wrong_day_is_shown(self, tmp_path: Path, cell: str) -> None:
        view = import_text(tmp_path, HEADER + GOOD.replace("2026-01-02 10:00:00", cell))

        (row,) = queries.kept_rows(access=Actor.system(), import_id=view.id)

        assert cell in str(row.reason)

    @pytest.mark.parametrize("cell", ["138-0013-8000x", "021-55667788-9 元"])
    def test_what_may_be_a_phone_is_not(self, tmp_path: Path, cell: str) -> None:
        view = import_text(tmp_path, HEADER + GOOD.replace(",2,", f",{cell},"))

        (row,) = queries.kept_rows(access=Actor.system(), import_id=view.id)

        assert cell not in str(row.reason)

    def test_rows_mended_once_and_again_keep_their_number_and_the_files_name(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, HEADER + GOOD * 3 + GOOD.replace(",2,", ",x,"), name="till.csv")
        for times in (1, 2):
            (row,) = queries.kept_rows(access=Actor.system(), import_id=view.id)
            view = view_of(mend({row.id: {4: "y" * times}}))

            (again,) = queries.kept_rows(access=Actor.system(), import_id=view.id)
            assert (view.file_name, again.row_number) == (f"till-mend{times}.csv", 5)
            assert str(again.reason).startswith("Row 5,")


def test_an_id_dressed_for_excel_is_previewed_as_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + GOOD.replace("A1,", '"=""4455"""' + ","))
    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)

    (sheet,) = queries.plan_of(access=Actor.system(), import_id=record.pk)

    assert sheet.preview[0].values["order_number"] == "4455"


def test_a_preview_tells_the_stores_that_the_rows_would_make(tmp_path: Path) -> None:
    Store.objects.create(code="SH01", name="徐汇店")
    columns = "订单号,下单时间,会员号,商品名称,数量,单价,门店编码,门店名称\n"
    rows = "A1,2026-01-02,M1,茶,1,9,SH01,徐汇店\nA2,2026-01-02,M1,茶,1,9,SH1O,\nA3,2026-01-02,M1,茶,x,9,SH99,\n"
    path = written(tmp_path, columns + rows)
    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)

    (sheet,) = queries.plan_of(access=Actor.system(), import_id=record.pk)

    # The last row cannot be taken as it is: what it would make is told where it is mended.
    assert sheet.new_stores == (("SH1O", "SH1O"),)
    assert Store.objects.count() == 1
