"""The page on imports names every format, every target and every field."""

from __future__ import annotations

from pathlib import Path

import pytest

from yutang.ingest.formats import FORMATS
from yutang.ingest.targets import TARGETS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "import.md").read_text(encoding="utf-8")


def test_every_format_is_named() -> None:
    assert [form.code for form in FORMATS if f"`{form.code}`" not in PAGE] == []


@pytest.mark.parametrize("code", ["orders", "refunds", "customers", "footfall", "ad_cost"])
def test_every_field_of_a_target_is_named(code: str) -> None:
    assert {target.code for target in TARGETS} == {"orders", "refunds", "customers", "footfall", "ad_cost"}
    assert [field.name for field in TARGETS[code].fields if field.name not in PAGE] == []
    for field in TARGETS[code].fields:
        assert not field.required or f"**{field.name}**" in PAGE
