from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def lake_folder(settings: Any, tmp_path: Path) -> Path:
    settings.YUTANG_LAKE = tmp_path / "lake"
    return tmp_path / "lake"
