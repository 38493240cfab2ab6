"""Workbooks: every cell as the text a person would type."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlwt

from tests.ingest.making import rows_of, table_of
from yutang.ingest.reading import export_instant, open_source

WHEN = dt.datetime(2024, 3, 8, 10, 0, 1)  # noqa: DTZ001 - workbooks hold naive times


def saved_xlsx(folder: Path, sheets: dict[str, list[list[object]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "file.xlsx"
    workbook.save(path)
    return path


class TestXlsx:
    def test_ids_keep_their_digits_and_times_are_iso(self, tmp_path: Path) -> None:
        path = saved_xlsx(
            tmp_path,
            {
                "订单": [
                    ["订单号", "手机", "金额", "时间", "日期", "会员"],
                    [2900000000011, 13800138000, 19.9, WHEN, dt.date(2024, 3, 8), True],
                    [445566778899001122, None, 5, None, None, None],
                    ["0012", "'138", "", "x", None, 0.1],
                ]
            },
        )

        rows = rows_of(path)

        assert rows[0] == ("2900000000011", "13800138000", "19.9", "2024-03-08 10:00:01", "2024-03-08", "TRUE")
        assert rows[1][0] is not None
        assert "E+17" in rows[1][0]
        assert rows[2] == ("0012", "'138", None, "x", None, "0.1")
        assert open_source(path).kind == "xlsx"

    def test_blank_rows_and_titles_count_in_numbering(self, tmp_path: Path) -> None:
        path = saved_xlsx(
            tmp_path, {"s": [[], ["标题"], [], ["a", "b", "c"], [1, 2, 3], [], [4, 5, 6, None], [7, 8, 9, 10]]}
        )

        source = open_source(path)
        table = table_of(source)

        assert source.sheets[0].header == ("a", "b", "c")
        assert table["row_number"].to_pylist() == [5, 7, 8]
        assert table["problem"].to_pylist() == [None, None, "too_many_cells"]
        assert table["c2"].to_pylist() == ["3", "6", "9"]

    def test_several_sheets_and_subsets(self, tmp_path: Path) -> None:
        path = saved_xlsx(tmp_path, {"一": [["a", "b"], [1, 2]], "空": [], "二": [["c", "d"], *([[3, 4]] * 5)]})

        source = open_source(path)
        batches = list(source.batches(1, rows=2, columns=[1]))

        assert [sheet.name for sheet in source.sheets] == ["一", "二"]
        assert [len(b) for b in batches] == [2, 2, 1]
        assert batches[0].schema.names == ["row_number", "c1", "problem", "surplus"]


class TestXls:
    def test_old_workbooks(self, tmp_path: Path) -> None:
        workbook = xlwt.Workbook()
        sheet = workbook.add_sheet("订单")
        for column, name in enumerate(["订单号", "手机", "时间", "金额"]):
            sheet.write(2, column, name)
        sheet.write(3, 0, 2900000000011)
        sheet.write(3, 1, "13800138000")
        sheet.write(3, 2, WHEN, xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss"))
        sheet.write(3, 3, 19.9)
        path = tmp_path / "file.xls"
        workbook.save(str(path))

        assert open_source(path).kind == "xls"
        assert rows_of(path) == [("2900000000011", "13800138000", "2024-03-08 10:00:01", "19.9")]
        assert table_of(open_source(path))["row_number"].to_pylist() == [4]


class TestExportInstant:
    @pytest.mark.parametrize(
        ("name", "instant"),
        [
            ("ExportOrderList202403100001.csv", "2024-03-09T16:01:00+00:00"),
            ("下载/ExportItemlList20240310000102.csv", "2024-03-09T16:01:02+00:00"),
            ("1710000000_abcdef.csv", "2024-03-09T16:00:00+00:00"),
            ("1710000000123订单.csv", "2024-03-09T16:00:00+00:00"),
            ("orders_2024-03-10 00-01-02.xlsx", "2024-03-09T16:01:02+00:00"),
            ("orders_2024-03-10.csv", None),
            ("orders.csv", None),
            ("ExportOrderList202413100001.csv", None),
        ],
    )
    def test_the_name_of_a_file_tells_when_it_was_made(self, name: str, instant: str | None) -> None:
        found = export_instant(name)

        assert (found.isoformat() if found else None) == instant
