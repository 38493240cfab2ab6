"""Amounts that somebody typed: read within bounds, refused beyond them, whatever they are."""

from __future__ import annotations

import pytest

from yutang.kit.money import typed_minor


@pytest.mark.parametrize(
    ("text", "minor"), [("12.5", 1_250), (" 0.005 ", 1), ("0", 0), ("1e3", 100_000), ("1e-999999", 0)]
)
def test_an_amount_is_read(text: str, minor: int) -> None:
    assert typed_minor(text, most=10**8) == minor


@pytest.mark.parametrize(
    "text", ["", "x", "NaN", "sNaN", "inf", "-1", "1e999999", "-1e999999", "100000000.01", "1e99999999999"]
)
def test_what_is_none_or_out_of_bounds_is_nothing(text: str) -> None:
    assert typed_minor(text, most=10**8) is None


def test_a_currency_without_decimals_is_read_whole() -> None:
    assert typed_minor("-120", most=200, least=-200, currency="JPY") == -120
