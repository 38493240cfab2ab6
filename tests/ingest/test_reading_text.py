"""Delimited text: encodings, dialects, torn and odd files."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.making import csv_text, gzipped, problems_of, rows_of, table_of, written
from yutang.ingest.reading import limits, open_source

HEADER = ["订单编号", "买家会员名", "金额"]
ROWS = [["1001", "示例买家", "19.90"], ["1002", "另一位,买家", "5"], ["1003", '说"好"的人', ""]]
EXPECTED = [("1001", "示例买家", "19.90"), ("1002", "另一位,买家", "5"), ("1003", '说"好"的人', None)]


class TestEncodings:
    @pytest.mark.parametrize(
        ("codec", "found"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("gbk", "gb18030"),
            ("gb18030", "gb18030"),
            ("utf-16", "utf-16"),
        ],
    )
    @pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "^", "~", "#"])
    def test_every_encoding_with_every_delimiter(self, tmp_path: Path, codec: str, found: str, delimiter: str) -> None:
        path = written(tmp_path, csv_text([HEADER, *ROWS] * 1, delimiter=delimiter), encoding=codec)
        if delimiter == "#":
            path = written(tmp_path, csv_text([HEADER, *(ROWS * 3)], delimiter=delimiter), encoding=codec)

        source = open_source(path)

        assert (source.encoding, source.delimiter) == (found, delimiter)
        assert source.sheets[0].header == tuple(HEADER)
        assert rows_of(path)[:3] == EXPECTED

    def test_chinese_far_below_an_ascii_head_is_found(self, tmp_path: Path) -> None:
        rows = [["order", "name"], *([[str(i), "x" * 90] for i in range(60_000)]), ["60001", "张三"]]
        path = written(tmp_path, csv_text(rows), encoding="gbk")

        assert open_source(path).encoding == "gb18030"
        assert rows_of(path)[-1] == ("60001", "张三")

    def test_a_short_text_that_is_also_valid_utf8_is_read_as_gb18030(self, tmp_path: Path) -> None:
        content = "a,手\n1,一\n".encode("gbk")
        path = written(tmp_path, content)

        assert open_source(path).encoding in {"gb18030", "utf-8"}
        assert open_source(written(tmp_path, "名称,一\n店,一\n".encode("gbk"))).encoding == "gb18030"

    def test_accents_are_utf8(self, tmp_path: Path) -> None:
        assert rows_of(written(tmp_path, "Name,City\nRenée,Café\n")) == [("Renée", "Café")]

    def test_a_broken_character_stays_in_its_own_cell(self, tmp_path: Path) -> None:
        good = "".join(f"{i},张三李四,好\r\n" for i in range(50)).encode("gbk")
        content = (
            "编号,姓名,备注\r\n".encode("gbk") + good + "77,张".encode("gbk") + b"\xd5," + "好\r\n".encode("gbk") + good
        )

        path = written(tmp_path, content)

        assert problems_of(path) == {52: "unreadable_characters"}
        assert rows_of(path)[50][::2] == ("77", "好")

    def test_four_byte_characters(self, tmp_path: Path) -> None:
        path = written(tmp_path, "姓名,城市\n𠮷田,深圳\n㐂,€\n", encoding="gb18030")

        assert rows_of(path) == [("𠮷田", "深圳"), ("㐂", "€")]


class TestTornEnds:
    @pytest.mark.parametrize("codec", ["utf-8", "gbk"])
    def test_every_possible_cut_keeps_the_whole_rows(self, tmp_path: Path, codec: str) -> None:
        rows = [HEADER, ["1", "甲,乙", "3"], ["2", "多\n行", "4"], ["3", "丙", "5"], ["4", '引"号\n行', "6"]]
        whole = csv_text(rows).encode(codec)
        ends = [len(csv_text(rows[: i + 1]).encode(codec)) for i in range(len(rows))]

        for cut in range(ends[1], len(whole)):
            path = written(tmp_path, whole[:cut])
            complete = sum(1 for end in ends[1:] if end <= cut)
            assert rows_of(path)[:complete] == [tuple(r) for r in rows[1 : complete + 1]], cut
            torn = cut - max(e for e in ends if e <= cut)
            row_is_recognisably_torn = torn > 2 and not _is_whole(whole[:cut].decode(codec, "ignore"), rows)
            if row_is_recognisably_torn:
                assert list(problems_of(path).values())[-1:] == ["cut_off"], whole[:cut][-20:]

    def test_a_torn_gzip_gives_its_rows_and_says_that_rows_are_missing(self, tmp_path: Path) -> None:
        text = csv_text([HEADER, *[[str(i), f"买家{i}", "1"] for i in range(20_000)]]).encode("gbk")
        packed = gzip.compress(text)
        path = written(tmp_path, packed[: len(packed) // 2], name="torn.csv.gz")

        rows = rows_of(path)

        assert len(rows) > 1000
        assert rows[500] == ("500", "买家500", "1")
        assert list(problems_of(path).values())[-1] == "file_cut_off"


def _is_whole(text: str, rows: list[list[str]]) -> bool:
    """Whether the torn last row still has as many cells as the header, unquoted, so that nothing shows the cut."""
    last = text.rsplit("\r\n", maxsplit=1)[-1]
    return last.count(",") >= len(rows[0]) - 1 and last.count('"') % 2 == 0


class TestWidths:
    def test_short_rows_are_padded(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b,c\n1\n1,2\n1,2,3\n")

        assert rows_of(path) == [("1", None, None), ("1", "2", None), ("1", "2", "3")]
        assert problems_of(path) == {}

    def test_too_many_cells_are_a_problem_unless_they_are_empty(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b\n1,2,\n1,2,,,\n1,2,3\n4,5\n")

        assert rows_of(path) == [("1", "2"), ("1", "2"), ("1", "2"), ("4", "5")]
        assert problems_of(path) == {4: "too_many_cells"}

    def test_an_empty_last_column_in_every_row_is_normal(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b\n" + "1,2,\n" * 50 + "1,2,x\n")

        assert set(rows_of(path)) == {("1", "2")}
        assert problems_of(path) == {52: "too_many_cells"}

    def test_every_row_shorter_than_the_header(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b,c\n" + "1,2\n" * 5)

        assert rows_of(path) == [("1", "2", None)] * 5

    def test_one_column(self, tmp_path: Path) -> None:
        path = written(tmp_path, "手机号\n13800138000\n\n13900139000\n")

        assert rows_of(path) == [("13800138000",), ("13900139000",)]
        assert table_of(open_source(path))["row_number"].to_pylist() == [2, 4]


class TestNumbering:
    def test_rows_are_numbered_as_a_spreadsheet_program_shows_them(self, tmp_path: Path) -> None:
        path = written(tmp_path, 'a,b\n"x\ny",1\n\n,\n3,4\n5,6,7\n\n')

        table = table_of(open_source(path))

        assert table["row_number"].to_pylist() == [2, 5, 6]
        assert table["c0"].to_pylist() == ["x\ny", "3", "5"]

    def test_title_lines_above_the_header_are_skipped(self, tmp_path: Path) -> None:
        path = written(tmp_path, "订单导出,,\n\n订单号,金额,门店\n1,2,甲\n3,4,乙\n")

        source = open_source(path)

        assert source.sheets[0].header == ("订单号", "金额", "门店")
        assert source.sheets[0].header_row == 3
        assert table_of(source)["row_number"].to_pylist() == [4, 5]

    def test_numbers_go_on_across_blocks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("yutang.ingest.reading.streams.CHUNK_BYTES", 4096)
        lines = ["a,b", *[f'{i},"multi\nline {i}"' if i % 7 == 0 else f"{i},x" for i in range(5000)], "short", "9,9"]
        path = written(tmp_path, "\n".join(lines) + "\n")

        table = table_of(open_source(path), rows=1000)

        assert table["row_number"].to_pylist() == list(range(2, 5004))
        assert table["c0"].to_pylist()[:5000] == [str(i) for i in range(5000)]


class TestQuotes:
    def test_stray_quotes_inside_cells_are_letters(self, tmp_path: Path) -> None:
        path = written(tmp_path, 'a,b\n5" pipe,1\n6" pipe,"x\ny"\n')

        assert rows_of(path) == [('5" pipe', "1"), ('6" pipe', "x\ny")]

    def test_a_quote_that_is_never_closed_loses_one_row_only(self, tmp_path: Path) -> None:
        lines = ["a,b", *[f"{i},x" for i in range(2000)], '77,"open', *[f"{i},y" for i in range(150_000)]]
        path = written(tmp_path, "\n".join(lines) + "\n")

        table = table_of(open_source(path))

        assert table.num_rows == 152_001
        assert problems_of(path) == {2002: "unclosed_quote"}
        assert table["c1"].to_pylist()[-1] == "y"

    @pytest.mark.parametrize("chunk", [64, 100, 333])
    def test_a_cut_inside_a_quoted_cell_is_noticed_in_spite_of_stray_quotes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
    ) -> None:
        monkeypatch.setattr("yutang.ingest.reading.streams.CHUNK_BYTES", chunk)
        rows = [(f'{i}" wide', f"text {i}, with\nlines\nand quotes\n") for i in range(300)]
        body = "".join('{},"{}"\n'.format(a, b.replace('"', '""')) for a, b in rows)
        path = written(tmp_path, "size,text\n" + body)

        assert rows_of(path) == rows

    def test_old_mac_line_breaks(self, tmp_path: Path) -> None:
        assert rows_of(written(tmp_path, "a,b\r1,2\r3,4\r")) == [("1", "2"), ("3", "4")]


class TestSubsets:
    def test_only_the_columns_asked_for_come(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b,c\n1,,3\n,,\n,5,\n1\n")

        table = table_of(open_source(path), columns=[2, 1])

        assert table.column_names == ["row_number", "c1", "c2", "problem", "surplus"]
        assert table["row_number"].to_pylist() == [2, 4, 5]
        assert table["c1"].to_pylist() == [None, "5", None]

    def test_blank_rows_are_told_by_the_whole_row(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b,c\n1,2,\n,,\n3,4,\n")

        assert table_of(open_source(path), columns=[2])["row_number"].to_pylist() == [2, 4]


class TestPacked:
    def test_gzip_of_several_members(self, tmp_path: Path) -> None:
        path = written(tmp_path, gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n") + b"\0" * 32, name="f.csv.gz")

        assert rows_of(path) == [("1", "2"), ("3", "4")]

    def test_a_zip_of_one_file(self, tmp_path: Path) -> None:
        path = tmp_path / "f.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("导出.csv", csv_text([HEADER, *ROWS]).encode("gbk"))

        assert rows_of(path) == EXPECTED

    def test_gzip_is_told_by_content_not_by_name(self, tmp_path: Path) -> None:
        path = gzipped(tmp_path, csv_text([HEADER, *ROWS]).encode("gbk"), name="plain.csv")

        assert rows_of(path) == EXPECTED


CELLS = st.text(
    st.characters(
        codec="gb18030",
        exclude_categories=["Cc", "Cs", "Co", "Cn"],
        include_characters="\n\t",
        exclude_characters="\ufeff",
    ),
    max_size=12,
)


class TestRoundTrip:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=12),
        codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
        delimiter=st.sampled_from([",", "\t", ";", "|"]),
        line_end=st.sampled_from(["\n", "\r\n"]),
    )
    def test_any_table_comes_back_as_it_was_written(
        self, tmp_path: Path, rows: list[list[str]], codec: str, delimiter: str, line_end: str
    ) -> None:
        header = ["订单编号名称", "客户姓名", "下单时间"]
        content = csv_text([header, *rows], delimiter=delimiter, line_end=line_end)
        path = written(tmp_path, content, encoding=codec)
        expected = [tuple(cell or None for cell in row) for row in rows if any(row)]

        source = open_source(path)

        if source.delimiter == delimiter:  # a table of empty cells may be cut by another delimiter as well
            assert rows_of(path) == expected


def test_memory_limits_are_in_proportion() -> None:
    assert limits.MAX_CELL_BYTES < limits.CHUNK_BYTES < limits.MAX_ROW_BYTES
