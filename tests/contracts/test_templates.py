"""Every template of the console can be read: its tags and filters are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import get_template

FOLDER = Path(__file__).resolve().parents[2] / "src" / "yutang" / "console" / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))


@pytest.mark.parametrize("name", NAMES)
def test_is_compiled(name: str) -> None:
    assert get_template(name).template.nodelist is not None
