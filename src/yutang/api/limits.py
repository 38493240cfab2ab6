"""How many calls a token has made within the minute: counted in a small file that the server's processes share.

Counting in the store would make every reading call a writing one, which on SQLite waits behind imports. Servers on several
machines count each for themselves.
"""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

_SLOT = struct.Struct("<qq")
_MINUTE = 60


@dataclass(frozen=True)
class Allowance:
    """What is left of a minute.

    Attributes:
        limit: calls of one minute.
        remaining: calls that are left of it; negative where this one is too many.
        seconds: until the next minute begins.
    """

    limit: int
    remaining: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """Return the allowance as headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(self.seconds),
        }


def count_call(*, token_id: int, per_minute: int, at_seconds: float) -> Allowance:
    """Count one call and return what is left of its minute.

    Args:
        token_id: whose call.
        per_minute: calls of one minute.
        at_seconds: when, in seconds since 1970.
    """
    minute = int(at_seconds // _MINUTE)
    place = token_id * _SLOT.size
    file = os.open(Path(settings.YUTANG_HOME) / "api_calls", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX, _SLOT.size, place)
        kept = os.pread(file, _SLOT.size, place)
        known, calls = _SLOT.unpack(kept) if len(kept) == _SLOT.size else (minute, 0)
        calls = calls + 1 if known == minute else 1
        os.pwrite(file, _SLOT.pack(minute, calls), place)
    finally:
        # Closing gives the lock back.
        os.close(file)
    return Allowance(per_minute, per_minute - calls, int((minute + 1) * _MINUTE - at_seconds) or 1)
