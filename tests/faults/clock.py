"""A clock that all processes of a run share and that jumps: the machine's own, moved by what stands in a file.

Domain code never reads the clock; tasks, doors and the worker do, and all of them by `datetime.now` or Django's `timezone.now`.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

#: Names the file; children of a run find it in their environment.
VARIABLE = "YUTANG_FAULTS_CLOCK"
_REAL = datetime
_SIZE = 8
_shared: list[mmap.mmap] = []


class Clock:
    """Moves the clock of a run.

    Args:
        path: of the shared file; made where there is none.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        self._shared = _mapped(path)

    @property
    def ahead(self) -> float:
        """How far it is ahead of the machine's. Seconds."""
        return float(struct.unpack("d", self._shared[:_SIZE])[0])

    def jump(self, seconds: float) -> None:
        """Move it forwards or backwards."""
        self._shared[:_SIZE] = struct.pack("d", self.ahead + seconds)


class _Kind(type):
    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, _REAL)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, _REAL)


class Moved(_REAL, metaclass=_Kind):
    """Stands for `datetime`: what it makes are real ones."""

    def __new__(cls, *args: Any, **more: Any) -> Any:
        return _REAL(*args, **more)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _REAL.now(tz) + ahead()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        # Shapes that are made only when they are first read by hold this in place of the real one.
        return handler.generate_schema(_REAL)


for _name in ("combine", "fromisoformat", "fromtimestamp", "strptime", "fromordinal", "fromisocalendar"):
    setattr(Moved, _name, staticmethod(getattr(_REAL, _name)))


def ahead() -> timedelta:
    """Return how far the clock is ahead of the machine's."""
    return timedelta(seconds=struct.unpack("d", _shared[0][:_SIZE])[0])


def move_modules() -> None:
    """Let everything of the product that was loaded read the moved clock from now on."""
    _shared[:] = [_mapped(Path(os.environ[VARIABLE]))]
    for name, module in list(sys.modules.items()):
        if (name.startswith("yutang.") or name == "django.utils.timezone") and vars(module).get("datetime") is _REAL:
            module.datetime = Moved  # type: ignore[attr-defined]


def _mapped(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), _SIZE)
