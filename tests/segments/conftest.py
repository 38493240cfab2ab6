from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.console.shop import fill


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> dict[str, Any]:
    """A small shop of two stores with imported orders, scored, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    return stores
