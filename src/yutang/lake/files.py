"""Writing files so that a reader sees the old or the new content, never half, also after a power cut."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Any) -> None:
    """Replace the file by the content as JSON: written beside, flushed to disk, then renamed over."""

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    write_beside(path, write)


def write_beside(path: Path, write: Callable[[Path], object]) -> None:
    """Replace the file by what `write` puts into the path that it is given: beside, flushed to disk, then renamed over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        write(beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
