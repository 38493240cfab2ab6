"""Footfall and ad cost: by day, corrected by later files, counts and money that add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import adds_up, import_text, store_content
from yutang.ingest.models import QuarantinedRow
from yutang.visits.models import AdCost, Footfall

pytestmark = pytest.mark.django_db(transaction=True)


class TestFootfall:
    HEADER = "门店编号,门店名称,日期,过店人数,进店人数\n"
    DAYS = 'SH01,徐汇店,2026-01-02,300,50\nSH01,徐汇店,2026/1/3,"1,200",60\nGZ01,天河店,2026-01-02,100,0\n'

    def test_comes_in_by_store_and_day(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.HEADER + self.DAYS, encoding="gb18030")

        told = Footfall.objects.order_by("store__code", "business_date").values_list(
            "store__code", "business_date", "passers_by", "entries"
        )
        assert [(code, str(day), passed, entered) for code, day, passed, entered in told] == [
            ("GZ01", "2026-01-02", 100, 0), ("SH01", "2026-01-02", 300, 50), ("SH01", "2026-01-03", 1200, 60),
        ]  # fmt: skip
        assert (view.format, view.counts["new"]) == ("footfall", 3)
        assert adds_up(view)

    def test_a_second_time_nothing_and_a_correction_one(self, tmp_path: Path) -> None:
        import_text(tmp_path, self.HEADER + self.DAYS)
        before = store_content()

        again = import_text(tmp_path, self.HEADER + self.DAYS)
        assert again.counts["unchanged"] == 3
        assert store_content() == before

        corrected = import_text(tmp_path, self.HEADER + self.DAYS.replace("300,50", "300,55"))
        assert (corrected.counts["updated"], corrected.counts["unchanged"]) == (1, 2)

    def test_the_file_before_a_correction_does_not_turn_it_back(self, tmp_path: Path) -> None:
        import_text(tmp_path, self.HEADER + self.DAYS)
        import_text(tmp_path, self.HEADER + self.DAYS.replace("300,50", "300,55"))

        assert import_text(tmp_path, self.HEADER + self.DAYS).counts["unchanged"] == 3
        assert Footfall.objects.filter(entries=55).exists()

    def test_the_last_row_of_a_day_counts_and_every_row_is_counted(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.HEADER + self.DAYS + "SH01,徐汇店,2026-01-02,310,51\n")

        assert (view.counts["read"], view.counts["new"]) == (4, 3)
        assert adds_up(view)
        assert Footfall.objects.get(store__code="SH01", business_date="2026-01-02").entries == 51

    def test_rows_without_sense_are_kept(self, tmp_path: Path) -> None:
        bad = ",,2026-01-02,1,1\nSH01,,2026-01-04,-5,1\nSH01,,2026-13-04,5,1\nSH01,,2026-01-05,很多,1\n"

        view = import_text(tmp_path, self.HEADER + self.DAYS + bad)

        kept = QuarantinedRow.objects.order_by("row_number").values_list("row_number", "column", "reason_code")
        assert list(kept) == [
            (5, "门店编号", "no_store"),
            (6, "过店人数", "negative"),
            (7, "日期", "not_a_date"),
            (8, "过店人数", "not_a_number"),
        ]
        assert adds_up(view)


class TestAdCost:
    HEADER = "日期,渠道,计划,花费\n"
    DAYS = '2026-01-02,抖音,新客,"1,100.50"\n2026-01-02,抖音,老客,20元\n2026-01-03,小红书,,30\n'

    def test_comes_in_by_channel_campaign_and_day(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.HEADER + self.DAYS)

        told = AdCost.objects.order_by("business_date", "cost_minor").values_list("channel", "campaign", "cost_minor")
        assert list(told) == [("抖音", "老客", 2000), ("抖音", "新客", 110050), ("小红书", "", 3000)]
        assert view.amounts["read"] == view.amounts["imported"] == 115050

    def test_a_second_time_nothing_and_a_correction_one(self, tmp_path: Path) -> None:
        import_text(tmp_path, self.HEADER + self.DAYS)
        before = store_content()
        assert import_text(tmp_path, self.HEADER + self.DAYS).counts["unchanged"] == 3
        assert store_content() == before

        view = import_text(tmp_path, self.HEADER + self.DAYS.replace("20元", "25元"))

        assert view.counts["updated"] == 1
        assert adds_up(view)

    def test_negative_and_empty_costs_are_kept(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.HEADER + self.DAYS + "2026-01-04,抖音,,-5\n2026-01-04,抖音,,\n")

        assert list(QuarantinedRow.objects.values_list("column", "reason_code")) == [
            ("花费", "negative"),
            ("花费", "missing"),
        ]
        assert adds_up(view)

    def test_other_words_for_day_and_cost_are_understood(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, "时间,投放渠道,投放金额\n2026-01-02,抖音,12.50\n")

        assert view.counts["new"] == 1
        assert AdCost.objects.get().cost_minor == 1250

    @pytest.mark.parametrize("cost", ["消耗(元)", "消耗（元）"])
    def test_a_report_of_ocean_engine_is_of_its_channel(self, tmp_path: Path, cost: str) -> None:
        view = import_text(tmp_path, f"日期,计划名称,{cost},展示数\n2026-01-02,新客拉新,12.50,100\n")

        assert (view.format, view.counts["new"]) == ("ocean_engine_ad_cost", 1)
        row = AdCost.objects.get()
        assert (row.channel, row.campaign, row.cost_minor) == ("巨量引擎", "新客拉新", 1250)
