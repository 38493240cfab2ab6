"""A lake of one's own, and people drawn with what they did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def own_lake(settings: Any, tmp_path: Path) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
