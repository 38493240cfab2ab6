"""The small grammar of variables: what it takes, what it refuses, and that no text gets through it changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.content.grammar import Place, VariableIsUnknown, VariableIsUnreadable, template_of
from yutang.content.length import short_length
from yutang.content.variables import known_names

KNOWN = {"customer_name": "customer_name", "客户姓名": "customer_name", "store": "store"}


class TestTemplate:
    def test_tells_words_from_places(self) -> None:
        template = template_of("您好，{{ 客户姓名 | 朋友 }}！", known=KNOWN)

        assert template.pieces == ("您好，", Place("customer_name", "朋友"), "！")

    @pytest.mark.parametrize(
        ("text", "values", "filled", "lacking"),
        [
            ("{{store|店里}}见", {"store": "徐汇店"}, "徐汇店见", ()),
            ("{{store|店里}}见", {}, "店里见", ()),
            ("{{store|}}见", {}, "见", ()),
            ("{{store}}见", {"store": "徐汇店"}, "徐汇店见", ()),
            ("{{store}}见", {}, "见", ("store",)),
            ("{{store}}见", {"store": ""}, "见", ("store",)),
        ],
    )
    def test_is_filled_with_values_or_fall_backs(
        self, text: str, values: dict[str, str], filled: str, lacking: tuple[str, ...]
    ) -> None:
        template = template_of(text, known=KNOWN)

        assert template.filled(values) == filled
        assert template.lacking(values) == lacking

    def test_values_are_not_read_as_templates(self) -> None:
        template = template_of("{{customer_name|x}}", known=KNOWN)

        assert template.filled({"customer_name": "{{store}}"}) == "{{store}}"

    @pytest.mark.parametrize(
        ("text", "line", "column"),
        [
            ("一行\n两行 {{store", 2, 4),
            ("store}}", 1, 6),
            ("{{}}", 1, 1),
            ("{{|x}}", 1, 1),
            ("{{store|a|b}}", 1, 1),
            ("a {{store|" + "长" * 61 + "}}", 1, 3),
            ("{{store\n|x}}", 1, 1),
        ],
    )
    def test_refuses_what_it_cannot_read_and_says_where(self, text: str, line: int, column: int) -> None:
        with pytest.raises(VariableIsUnreadable) as refusal:
            template_of(text, known=KNOWN)

        assert (refusal.value.data["line"], refusal.value.data["column"]) == (line, column)

    @pytest.mark.parametrize(
        ("written", "nearest"),
        [("客户名称", "客户姓名"), ("custmer_name", "customer_name"), ("生日月", "上次购买"), ("门店名", "门店")],
    )
    def test_names_the_nearest_and_not_all(self, written: str, nearest: str) -> None:
        known = known_names()

        with pytest.raises(VariableIsUnknown) as refusal:
            template_of(f"{{{{{written}}}}}", known=known)

        told = refusal.value.data["nearest"].split(", ")
        assert 1 <= len(told) <= 3
        assert {one.isascii() for one in told} == {written.isascii()}
        assert refusal.value.data["known"] == list(known)
        if written != "生日月":
            assert told[0] == nearest

    def test_refuses_what_it_does_not_know_and_says_what_there_is(self) -> None:
        with pytest.raises(VariableIsUnknown) as refusal:
            template_of("好\n{{nmae|您}}", known=KNOWN)

        assert (refusal.value.data["line"], refusal.value.data["column"]) == (2, 1)
        assert "customer_name" in str(refusal.value)

    @given(st.text())
    def test_a_text_without_braces_stays_as_it_is(self, text: str) -> None:
        plain = text.replace("{{", "").replace("}}", "")
        if "{{" in plain or "}}" in plain:
            return

        assert template_of(plain, known=KNOWN).filled({}) == plain

    @given(st.text(alphabet="{}|ab 店\n", max_size=30))
    def test_whatever_is_written_is_read_or_refused(self, text: str) -> None:
        refusals = []
        try:
            template_of(text, known={"a": "a", "b": "b"})
        except (VariableIsUnreadable, VariableIsUnknown) as refusal:
            refusals.append(refusal)

        assert all(one.data["line"] >= 1 and one.data["column"] >= 1 for one in refusals)


class TestShortLength:
    @pytest.mark.parametrize(
        ("text", "characters", "parts", "left"),
        [
            ("", 0, 1, 70),
            ("好" * 70, 70, 1, 0),
            ("好" * 71, 71, 2, 63),
            ("好" * 134, 134, 2, 0),
            ("好" * 135, 135, 3, 66),
            ("😀", 2, 1, 68),
        ],
    )
    def test_counts_as_gateways_charge(self, text: str, characters: int, parts: int, left: int) -> None:
        found = short_length(text)

        assert (found.characters, found.parts, found.left) == (characters, parts, left)
