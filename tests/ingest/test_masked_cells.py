"""Who looks at imports without importing sees no cell of a file in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import import_text
from yutang.foundation.access import Actor, NotAllowed
from yutang.ingest import queries
from yutang.ingest.masking import masked_cell, masked_sentence
from yutang.kit.text import Sentence

ROWS = "订单号,下单时间,姓名,手机号,商品名称,数量,单价\nB1,2026-01-02,张三丰,13800138000,茶,x,9\n"


@pytest.mark.django_db(transaction=True)
class TestKeptRows:
    @pytest.mark.parametrize("role", ["analyst", "compliance", "auditor", "region_manager"])
    def test_are_masked_for_who_does_not_import(self, tmp_path: Path, role: str, settings: object) -> None:
        view = import_text(tmp_path, ROWS)
        access = Actor(None, role, None, "x")

        (row,) = queries.kept_rows(access=access, import_id=view.id)
        (reason,) = queries.kept_reasons(access=access, import_id=view.id)

        told = repr(row) + repr(reason)
        assert not any(clear in told for clear in ("张三丰", "三丰", "13800138000", "3800138"))
        assert dict(row.cells)["姓名"] == "张**"
        with pytest.raises(NotAllowed):
            queries.kept_tables(access=access, import_id=view.id)

    def test_are_clear_for_who_mends_them(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, ROWS)

        (row,) = queries.kept_rows(access=Actor(None, "operator", None, "x"), import_id=view.id)

        assert dict(row.cells)["手机号"] == "13800138000"


class TestMasks:
    @pytest.mark.parametrize(("text", "masked"), [("", ""), ("张", "张"), ("张三", "张*"), ("13800138000", "1******")])
    def test_tell_the_first_character_only(self, text: str, masked: str) -> None:
        assert masked_cell(text) == masked

    def test_reach_into_sentences(self) -> None:
        inner = Sentence("“%(value)s” is no number.", {"value": "13800138000"})
        outer = Sentence("%(why)s (%(n)s)", {"why": inner.as_json(), "n": 3})

        assert "3800138" not in repr(masked_sentence(outer))
        assert masked_sentence(outer).values["n"] == 3
