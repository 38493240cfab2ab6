"""How numbers and sentences are written, in both languages."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from yutang.console import formats
from yutang.console.exports import safe_cell
from yutang.console.sentences import spoken
from yutang.kit.text import Sentence


class TestMoney:
    def test_is_shortened_by_ten_thousands_in_chinese(self) -> None:
        with override("zh-hans"):
            assert formats.compact_money(764_730_000) == "¥764.73万"

    def test_is_shortened_by_millions_in_english(self) -> None:
        with override("en"):
            assert formats.compact_money(764_730_000) == "¥7.6M"

    def test_is_exact_below_a_hundred_thousand(self) -> None:
        with override("zh-hans"):
            assert formats.money(339_491) == "¥3,394.91"
            assert formats.compact_money(12_700) == "¥127.00"
            assert formats.compact_money(1_270_000) == "¥12,700"


class TestSentences:
    def test_write_money_days_and_sentences_inside(self) -> None:
        sentence = Sentence(
            "%(inner)s %(spend_minor)s %(last_date)s",
            {"inner": Sentence("Yutang"), "spend_minor": 12345, "last_date": "2026-03-11"},
        )

        with override("en"):
            assert spoken(sentence) == "Yutang ¥123.45 11 Mar 2026"
        with override("zh-hans"):
            assert spoken(sentence) == "鱼塘 ¥123.45 2026-03-11"


class TestExports:
    @pytest.mark.parametrize("cell", ["=1+1", "+cmd", "@sum(a1)", "-2+3", "\t=1", " =1"])
    def test_never_run(self, cell: str) -> None:
        assert safe_cell(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["-12.50", "+8", "12%", "红色围巾", ""])
    def test_leave_plain_cells_alone(self, cell: str) -> None:
        assert safe_cell(cell) == cell
