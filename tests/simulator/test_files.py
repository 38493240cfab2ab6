"""The export files read back as the platforms write them."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from tests.simulator.conftest import World
from yutang.simulator.scoring import read_truth
from yutang.simulator.writers import douyin, jd, pdd, taobao, wechat_shop, youzan
from yutang.simulator.writers.desk import FORMULA

#: Platform, start of the file name, encoding, column of the order number.
ORDER_FILES = [
    ("till", "till_sales", "utf-8", "小票号"),
    ("youzan", "youzan_orders", "utf-8-sig", "订单号"),
    ("wechat_shop", "wechat_shop_orders", "utf-8", "订单号"),
    ("taobao", "ExportOrderList", "gbk", "订单编号"),
    ("jd", "jd_orders", "gbk", "订单号"),
    ("pdd", "orders_export", "utf-8-sig", "订单号"),
    ("douyin", "", "utf-8-sig", "主订单编号"),
]


def bare(number: str) -> str:
    """The order number without the quirks of its platform."""
    return number.strip("\t").removeprefix('="').removesuffix('"')


class TestEveryFile:
    @pytest.mark.parametrize(("platform", "start", "encoding", "column"), ORDER_FILES)
    def test_holds_the_orders_of_the_truth_and_no_others(
        self, world: World, platform: str, start: str, encoding: str, column: str
    ) -> None:
        rows = world.rows(platform, start, encoding=encoding)

        found = {bare(row[column]) for row in rows if "E+" not in row[column] and not row[column].startswith("TH")}
        told = [row for row in world.truth("orders.csv") if row["platform"] == platform]
        assert found == {row["order_number"] for row in told if row["dirt"] != "bad_id"}
        assert len(told) == len({row["order_number"] for row in told}) == world.summary.orders[platform]

    def test_has_as_many_rows_as_the_summary_says(self, world: World) -> None:
        for file in world.summary.files:
            if file.path.endswith(".xlsx"):
                assert len(world.rows(file.platform, "", encoding="")) == file.rows
                continue
            raw = (world.folder / file.path).read_bytes()
            assert raw.count(b"\r\n") == file.rows + 1, file.path

    def test_starts_with_the_byte_order_mark_where_the_platform_writes_one(self, world: World) -> None:
        marked = {
            platform: world.path(platform, start).read_bytes().startswith(b"\xef\xbb\xbf")
            for platform, start, *_ in ORDER_FILES
        }

        assert marked == {
            "till": False,
            "youzan": True,
            "wechat_shop": False,
            "taobao": False,
            "jd": False,
            "pdd": True,
            "douyin": True,
        }

    def test_has_the_same_bytes_for_the_same_seed(self, world: World, simulated) -> None:
        again, other = simulated("again"), simulated("other", seed=12)

        assert digests(again.folder) == digests(world.folder)
        assert digests(other.folder)["exports/footfall.csv"] != digests(world.folder)["exports/footfall.csv"]

    def test_spoils_about_as_many_rows_as_asked(self, simulated) -> None:
        dirty = simulated(customers=1500, platforms=("taobao",), untidiness=untidiness(dirty=0.2))

        rows = dirty.rows("taobao", "ExportOrderList", encoding="gbk")
        kinds = [
            sum("E+" in row["订单编号"] for row in rows),
            sum(row["订单创建时间"] == "" for row in rows),
            sum(row["买家留言"].startswith("=HYPERLINK(") for row in rows),
            sum(row["联系手机"] in {"'12345", "'00000000000", "'无", "'1455012", "'13800"} for row in rows),
        ]
        assert all(0.03 < kind / len(rows) < 0.07 for kind in kinds), kinds
        assert FORMULA.replace('""', '"') in {row["买家留言"] for row in rows}


class TestHeaders:
    @pytest.mark.parametrize(
        ("written", "sample", "encoding"),
        [
            (taobao.ORDER_HEADER, "synthetic_taobao_ExportOrderList202403100001.csv", "gbk"),
            (taobao.ITEM_HEADER, "synthetic_taobao_ExportOrderDetailList202403100001.csv", "gbk"),
            (jd.HEADER, "synthetic_jd_orders.csv", "gbk"),
            (youzan.ORDER_HEADER, "synthetic_youzan_orders.csv", "utf-8-sig"),
            (youzan.CUSTOMER_HEADER, "synthetic_youzan_customers.csv", "utf-8-sig"),
        ],
    )
    def test_begin_as_the_platform_s_own(self, reference_data: Path, written: str, sample: str, encoding: str) -> None:
        known = (reference_data / "export_formats" / sample).read_text(encoding=encoding).splitlines()[0]

        assert written.startswith(known)

    @pytest.mark.parametrize(
        ("written", "format_code"),
        [(douyin.HEADER, "douyin_order_csv"), (wechat_shop.HEADER, "wechat_shop_order_xlsx")],
    )
    def test_hold_only_names_that_the_platform_writes(
        self, reference_data: Path, written: str, format_code: str
    ) -> None:
        formats = json.loads((reference_data / "export_formats" / "formats.json").read_text(encoding="utf-8"))
        known = formats[format_code]["header"].split(",")

        assert set(written.split(",")) <= set(known)

    def test_of_pdd_are_of_the_newer_set(self, reference_data: Path) -> None:
        path = reference_data / "export_formats" / "synthetic_pdd_orders.csv"
        known = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")

        assert set(known) <= set(pdd.HEADER.split(","))


class TestMoney:
    def test_of_taobao_orders_is_that_of_the_truth(self, world: World) -> None:
        told = {row["order_number"]: row for row in world.truth("orders.csv") if row["platform"] == "taobao"}

        for row in world.rows("taobao", "ExportOrderList", encoding="gbk"):
            if "E+" not in row["订单编号"]:
                assert minor(row["总金额"]) == int(told[bare(row["订单编号"])]["total_minor"])
                assert minor(row["总金额"]) == minor(row["买家应付货款"]) + minor(row["买家应付邮费"])

    @pytest.mark.parametrize(
        ("platform", "start", "encoding", "cells"),
        [
            ("till", "till_sales", "utf-8", ("小票号", "实收金额")),
            ("douyin", "", "utf-8-sig", ("主订单编号", "订单应付金额")),
        ],
    )
    def test_of_lines_adds_up_to_the_order(
        self, world: World, platform: str, start: str, encoding: str, cells: tuple[str, str]
    ) -> None:
        column, paid = cells
        told = {row["order_number"]: row for row in world.truth("orders.csv") if row["platform"] == platform}
        sums: dict[str, int] = {}
        for row in world.rows(platform, start, encoding=encoding):
            number = bare(row[column])
            sums[number] = sums.get(number, 0) + minor(row[paid])

        for number, total in sums.items():
            if number in told:
                assert total == int(told[number]["total_minor"])

    def test_of_returns_at_the_till_is_negative_and_that_of_the_truth(self, world: World) -> None:
        back: dict[str, int] = {}
        for row in world.rows("till", "till_sales", encoding="utf-8"):
            if row["原小票号"]:
                assert int(row["数量"]) < 0
                back[row["原小票号"]] = back.get(row["原小票号"], 0) - minor(row["实收金额"])

        told = {
            r["order_number"]: int(r["refunded_minor"]) for r in world.truth("orders.csv") if r["platform"] == "till"
        }
        assert back == {number: refunded for number, refunded in told.items() if refunded}
        assert back


class TestLines:
    def test_make_exactly_as_many_rows_as_asked(self, simulated) -> None:
        made = simulated(customers=1, platforms=("taobao",), lines=4321)

        assert len(made.rows("taobao", "ExportOrderList", encoding="gbk")) == 4321
        assert len(read_truth(made.folder)) == 4321


def minor(text: str) -> int:
    """Yuan as fen."""
    return round(float(text.removesuffix("元")) * 100)


def untidiness(**changes: float):
    """The default untidiness with changes."""
    from yutang.simulator.plan import Untidiness

    return Untidiness(**changes)


def digests(folder: Path) -> dict[str, str]:
    """Digest of every file by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.blake2b(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_csv_dialect_reads_every_file_without_ragged_rows(world: World) -> None:
    for file in world.summary.files:
        if file.path.endswith(".xlsx"):
            continue
        path = world.folder / file.path
        encoding = "gbk" if file.platform in {"taobao", "jd"} or path.suffix == ".txt" else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as text:
            widths = {len(row) for row in csv.reader(text, delimiter="\t" if path.suffix == ".txt" else ",")}
        assert len(widths) == 1, path
