"""Templates filled with values, as they are read."""

from __future__ import annotations

import pytest

from yutang.kit.text import Sentence, filled


class TestFilled:
    @pytest.mark.parametrize(
        ("template", "values", "text"),
        [
            ("%(n)s orders on %(days)s days.", {"n": 1, "days": 1}, "1 order on 1 day."),
            ("%(n)s orders on %(days)s days.", {"n": "3", "days": "1"}, "3 orders on 1 day."),
            ("%(n)s days ago", {"n": 21}, "21 days ago"),
            ("%(n)s people", {"n": "1"}, "1 person"),
            ("%(n)s days", {"n": "0.1"}, "0.1 days"),
            ("%(n)s rows", {"n": "2,001"}, "2,001 rows"),
            ("%(n)s rows", {"n": "1,001"}, "1,001 rows"),
            ("%(n)s 天前", {"n": 1}, "1 天前"),
        ],
    )
    def test_tells_one_from_several(self, template: str, values: dict[str, object], text: str) -> None:
        assert filled(template, values) == text

    def test_leaves_a_template_without_values_as_it_is(self) -> None:
        assert filled("100 % of 1 days", {}) == "100 % of 1 days"
        assert str(Sentence("%(n)s times", {"n": 1})) == "1 time"


def test_a_sentence_as_a_value_brings_no_second_full_stop() -> None:
    assert filled("Wrong: %(why)s.", {"why": "It is over."}) == "Wrong: It is over."
    assert filled("错了：%(why)s。", {"why": "已经过期。"}) == "错了：已经过期。"
    assert filled("%(n)s. %(why)s", {"n": 2, "why": "It is over."}) == "2. It is over."
