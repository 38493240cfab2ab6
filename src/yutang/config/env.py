"""What the environment says: where everything is kept and how it is reached."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the folder that holds everything the embedded default writes (`YUTANG_HOME`, default ``~/.yutang``)."""
    return Path(os.environ.get("YUTANG_HOME") or Path.home() / ".yutang").expanduser()


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether the environment switches a setting on (1, true, yes, on)."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}
