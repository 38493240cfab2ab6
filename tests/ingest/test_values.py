"""Cells into values, one test a kind, on what platforms really write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yutang.ingest.values import PROBLEMS, ValueKind, parse
from yutang.ingest.values.phones import person_in_address


def read(kind: str, cells: list[str | None], **given_: Any) -> list[Any]:
    """Return for each cell its value, or its problem code where it has one."""
    parsed = parse(ValueKind(kind), pa.array(cells, pa.string()), **given_)
    pairs = zip(parsed.values.to_pylist(), parsed.problems.to_pylist(), strict=True)
    return [(value if _is_value(value) else None) if problem is None else problem for value, problem in pairs]


class TestText:
    def test_wrapping_is_removed(self) -> None:
        cells = ["张三", " 张三\t", '="00123"', "'138", "\t白/S", "　全角　", 'a"b', '"宽松"款', '="a']

        assert read("text", cells) == ["张三", "张三", "00123", "138", "白/S", "全角", 'a"b', '"宽松"款', '="a']

    @pytest.mark.parametrize("cell", ["", " ", "null", "'null", "-", "——", "NULL", None, "\t", '=""'])
    def test_words_for_nothing_are_null(self, cell: str | None) -> None:
        assert read("text", [cell, "x"]) == [None, "x"]

    def test_slices_and_empty_columns(self) -> None:
        column = pa.array(["a", " b", None, "'c"]).slice(1)

        assert parse(ValueKind.TEXT, column).values.to_pylist() == ["b", None, "c"]
        assert len(parse(ValueKind.TEXT, pa.array([], pa.string())).values) == 0
        assert read("text", [None, None]) == [None, None]


class TestId:
    def test_ids_are_kept_verbatim(self) -> None:
        cells = [
            '="445566778899001122"',
            "\t6917926768800000001",
            "17850.0",
            "#1001",
            "C536379",
            "260517-60719",
            "85123A",
        ]

        assert read("id", cells) == [
            "445566778899001122", "6917926768800000001", "17850", "#1001", "C536379", "260517-60719", "85123A",
        ]  # fmt: skip

    def test_lost_digits_are_refused(self) -> None:
        assert read("id", ['="4.45567E+17"', "4.45567E+17", "4.45566778899001E+17", "1E+05", "84029E", "1E5", "E2E"]) == [
            *["excel_lost_digits"] * 4, "84029E", "1E5", "E2E",
        ]  # fmt: skip


class TestMoney:
    def test_clean_amounts_are_exact(self) -> None:
        assert read("money", ["199.00", "0.1", "-11062.06", None]) == [
            Decimal("199"),
            Decimal("0.1"),
            Decimal("-11062.06"),
            None,
        ]

    def test_dressed_amounts(self) -> None:
        cells = [
            "0.00元",
            "￥1,234.50",
            "499.00（系统计算中，该值仅供参考）",
            "１２．５",
            "(12.00)",
            "+5",
            "1,234,567",
            "-",
            "¥-3",
            "12.00 CNY",
            "1.5E+3",
        ]

        assert read("money", cells) == [
            Decimal(0), Decimal("1234.50"), Decimal("499"), Decimal("12.5"), Decimal("-12"), Decimal(5),
            Decimal(1234567), None, Decimal(-3), Decimal(12), Decimal(1500),
        ]  # fmt: skip

    def test_what_is_no_amount(self) -> None:
        cells = ["abc", "1.2.3", "12,5", "1,23", "9" * 20, "5 USD", "元"]

        assert read("money", cells) == [
            "not_a_number", "not_a_number", "not_a_number", "not_a_number", "number_too_large", "other_currency", "not_a_number",
        ]  # fmt: skip

    def test_the_currency_of_the_file(self) -> None:
        assert read("money", ["$5.00", "USD 5", "€3"], currency="USD") == [Decimal(5), Decimal(5), "other_currency"]

    def test_floats_of_spreadsheets_are_rounded_to_a_millionth(self) -> None:
        assert read("money", ["0.30000000000000004", "1.0000005"]) == [Decimal("0.3"), Decimal("1.000001")]

    @settings(deadline=None)
    @given(st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1))
    def test_any_amount_comes_back(self, amounts: list[Decimal]) -> None:
        assert read("money", [f"{a}" for a in amounts]) == amounts
        assert read("money", [f"{a:,}元" for a in amounts]) == amounts


class TestInteger:
    def test_counts(self) -> None:
        assert read("integer", ["6", "6.0", "-3", "2件", "1,000", None, "６"]) == [6, 6, -3, 2, 1000, None, 6]
        assert read("integer", ["6.5", "x", "1" * 30]) == ["not_a_whole_number", "not_a_number", "number_too_large"]


def at(*parts: int, offset: int | None = None) -> dict[str, Any]:
    return {"local": dt.datetime(*parts), "offset_minutes": offset}  # type: ignore[arg-type]  # noqa: DTZ001


class TestDatetime:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("2024-03-08 10:00:01", at(2024, 3, 8, 10, 0, 1)),
            ("2024/3/8 9:05", at(2024, 3, 8, 9, 5)),
            ("2024/3/8 9:05:07", at(2024, 3, 8, 9, 5, 7)),
            ("2024-3-8", at(2024, 3, 8)),
            ("2024年3月8日 10:00", at(2024, 3, 8, 10)),
            ("2024年3月8日", at(2024, 3, 8)),
            ("2024.03.08", at(2024, 3, 8)),
            ("20240308", at(2024, 3, 8)),
            ("20240308100001", at(2024, 3, 8, 10, 0, 1)),
            ("2026-08-01 00:30:00 +0530", at(2026, 8, 1, 0, 30, offset=330)),
            ("2026-08-01T00:30:00Z", at(2026, 8, 1, 0, 30, offset=0)),
            ("2026-08-01T00:30:00.123+08:00", at(2026, 8, 1, 0, 30, offset=480)),
            ("2026-08-01 00:30:00.5", at(2026, 8, 1, 0, 30)),
            ("2026-08-01 00:30:00 UTC", at(2026, 8, 1, 0, 30, offset=0)),
            ("1710000000", at(2024, 3, 10, 0, 0, offset=480)),
            ("1710000000000", at(2024, 3, 10, 0, 0, offset=480)),
            ("45359.5", at(2024, 3, 8, 12)),
            ("25/12/2024 09:05:10 PM", at(2024, 12, 25, 21, 5, 10)),
            ("12/25/2024 12:05:10 AM", at(2024, 12, 25, 0, 5, 10)),
            ("05/05/2024", at(2024, 5, 5)),
            ("8 Mar 2024", at(2024, 3, 8)),
            ("2024-02-29 00:00:00", at(2024, 2, 29)),
            ("\t2024-03-08 10:00:01\t", at(2024, 3, 8, 10, 0, 1)),
        ],
    )
    def test_ways_to_write_a_time(self, cell: str, value: dict[str, Any]) -> None:
        assert read("datetime", [cell]) == [value]
        assert read("datetime", ["2024-01-01 00:00:00", cell, None, "x"])[1:] == [value, None, "not_a_date"]

    @pytest.mark.parametrize(
        "cell",
        [
            "2023-02-29",
            "2024-02-30 10:00",
            "2024/2/30 9:05",
            "31/04/2024",
            "2024-13-01",
            "0001-01-01",
            "2024-03-08 25:00",
            "x",
            "99",
            "2999-01-01",
        ],
    )
    def test_times_that_do_not_exist(self, cell: str) -> None:
        assert read("datetime", [cell]) == ["not_a_date"]

    def test_day_and_month_are_settled_by_the_column_or_by_the_caller(self) -> None:
        assert read("date", ["03/04/2024", "25/12/2024"]) == [dt.date(2024, 4, 3), dt.date(2024, 12, 25)]
        assert read("date", ["03/04/2024", "12/25/2024"]) == [dt.date(2024, 3, 4), dt.date(2024, 12, 25)]
        assert read("date", ["03/04/2024"], day_first=True) == [dt.date(2024, 4, 3)]
        assert read("date", ["03/04/2024"]) == ["ambiguous_date"]

    def test_the_local_day_of_a_time_with_a_zone_is_kept(self) -> None:
        assert read("date", ["2026-08-01 00:30:00 +0530", "1990-01-01"]) == [dt.date(2026, 8, 1), dt.date(1990, 1, 1)]

    @settings(deadline=None, max_examples=30)
    @given(st.lists(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 1, 1)), min_size=1))  # noqa: DTZ001
    def test_any_time_comes_back_in_any_format(self, times: list[dt.datetime]) -> None:
        whole = [t.replace(microsecond=0) for t in times]
        for format_ in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H:%M:%S"):
            assert [v["local"] for v in read("datetime", [f"{t:{format_}}" for t in whole])] == whole
        slashes = [f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02}" for t in whole]
        assert [v["local"] for v in read("datetime", slashes)] == [t.replace(second=0) for t in whole]


class TestPhone:
    @pytest.mark.parametrize(
        ("cell", "e164"),
        [
            ("13800138000", "+8613800138000"),
            ("'13800138000", "+8613800138000"),
            ("+86 138 0013 8000", "+8613800138000"),
            ("86-13900000004", "+8613900000004"),
            ("0086-13900000004", "+8613900000004"),
            ("138-0013-8000", "+8613800138000"),
            ("１３８００１３８０００", "+8613800138000"),
            ("13800138000.0", "+8613800138000"),
            ("0571-88888888", "+8657188888888"),
            ("+44 20 7946 0958", "+442079460958"),
            ("+852 6123 4567", "+85261234567"),
        ],
    )
    def test_clear_numbers(self, cell: str, e164: str) -> None:
        assert read("phone", [cell, "13912345678"]) == [
            {"e164": e164, "masked": None},
            {"e164": "+8613912345678", "masked": None},
        ]

    @pytest.mark.parametrize(
        "cell", ["1******8000", "186******05", "138****8000", "86-138****0004", "138xxxx0000", "******8000"]
    )
    def test_masked_numbers_are_kept_for_the_eye_only(self, cell: str) -> None:
        assert read("phone", [cell]) == [{"e164": None, "masked": cell}]

    @pytest.mark.parametrize("cell", ["12345", "00000000000", "1380013", "13800138000-1234"])
    def test_what_is_no_clear_number_is_known_to_be_there(self, cell: str) -> None:
        assert read("phone", [cell]) == [{"e164": None, "masked": cell}]

    @pytest.mark.parametrize(
        "cell",
        [
            "##密文", "$$密文", "$$abcDEF123==$1$", "##AbCd123/+==", "~AGwb+12~1~",
            "13800138000-1234", "13800138000转1234", "13800138000 ext 12", "17012345678-0042", "13800138000,1234", "13800138000 1234",
            "400-123-4567", "4001234567", "800-820-8820", "95588", "96110", "10086", "12345", "010-95588", "+86 400 123 4567",
            "123", "1380013800", "138001380001", "12800138000", "00000000000", "电话", "-", "88888888", "1.38E+10",
        ],
    )  # fmt: skip
    def test_what_reaches_no_single_person_is_never_a_key(self, cell: str) -> None:
        assert (read("phone", [cell])[0] or {}).get("e164") is None

    def test_a_person_inside_an_address(self) -> None:
        cells = [
            "张三，86-13900000004，浙江省 杭州市 西湖区 示例街道1号 ，",
            "浙江省 杭州市",
            "李四,13900000005-1234,上海",
            None,
        ]

        assert person_in_address(pa.array(cells)).to_pylist() == [
            {
                "name": "张三",
                "phone": {"e164": "+8613900000004", "masked": None},
                "address": "浙江省 杭州市 西湖区 示例街道1号",
            },
            {"name": None, "phone": {"e164": None, "masked": None}, "address": "浙江省 杭州市"},
            {"name": "李四", "phone": {"e164": None, "masked": "13900000005-1234"}, "address": "上海"},
            {"name": None, "phone": {"e164": None, "masked": None}, "address": None},
        ]


class TestEmailAndBoolean:
    def test_emails(self) -> None:
        cells = ["Zhang@Example.com ", "z***@example.com", "no", "a@b", "x@mail.example.cn", None]

        assert read("email", cells) == ["zhang@example.com", None, None, None, "x@mail.example.cn", None]

    def test_yes_and_no(self) -> None:
        assert read("boolean", ["是", "否", "Yes", "0", None, "maybe"]) == [
            True,
            False,
            True,
            False,
            None,
            "not_a_yes_or_no",
        ]


@pytest.mark.parametrize("kind", list(ValueKind))
@settings(deadline=None)
@given(
    cells=st.lists(
        st.none() | st.text(max_size=20) | st.from_regex(r"[\d/:., +\-E元]{1,20}", fullmatch=True), max_size=30
    )
)
def test_no_cell_breaks_a_parser(kind: ValueKind, cells: list[str | None]) -> None:
    parsed = parse(kind, pa.array(cells, pa.string()))

    assert len(parsed.values) == len(parsed.problems) == len(cells)
    assert set(parsed.problems.to_pylist()) - {None} <= set(PROBLEMS)
    for value, problem in zip(parsed.values.to_pylist(), parsed.problems.to_pylist(), strict=True):
        assert problem is None or not _is_value(value)


def _is_value(value: Any) -> bool:
    return any(v is not None for v in value.values()) if isinstance(value, dict) else value is not None
