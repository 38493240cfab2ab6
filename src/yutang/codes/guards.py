"""What stands beside codes: who judges that somebody joins, and who keeps the economics of a code. Rooms of their own plug in here.

A programme is called ``code:7`` there. Where nobody is plugged in, everybody may join and nothing is noted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.codes.models import Code, Newcomer

#: What a guard may say of somebody who joined; who is refused or slowed down gets no tags and is led into no group.
HELD_BACK = frozenset({"refuse", "slow"})
_ASK = "code-join:"


class GuardsCodes(Protocol):
    """A room that is asked about, and told of, who comes by codes."""

    def verdict(self, *, newcomer: Newcomer, now: datetime) -> str:
        """Return ``allow``, ``review``, ``refuse`` or ``slow``; asked again about the same newcomer, the same."""

    def state(self, *, code: Code, now: datetime) -> None:
        """Hear what a code costs, may cost, and leaves of an order."""

    def cost(self, *, code: Code, key: str, amount_minor: int, now: datetime) -> None:
        """Hear that something was paid for a code, or taken back; told again under the same key, nothing changes."""

    def note(self, *, newcomer: Newcomer, kind: str, now: datetime) -> None:
        """Hear what became of a newcomer: ``joined``, ``kept`` after seven days, ``left``; told again, nothing changes."""

    def earlier(self, *, code: Code, people: int, cost_minor: int, now: datetime) -> None:
        """Hear that so many more came before the code was kept here, and what these cost: once for each of them."""


@dataclass
class _Guard:
    guard: GuardsCodes | None = None


_PRESENT = _Guard()


def plug_in(guard: GuardsCodes | None) -> None:
    """Let a guard be asked from now on; None: nobody."""
    _PRESENT.guard = guard


def verdict_on(*, newcomer: Newcomer, now: datetime) -> str:
    """Return what the guard says of somebody who joined; ``allow`` where nobody guards."""
    return "allow" if _PRESENT.guard is None else _PRESENT.guard.verdict(newcomer=newcomer, now=now)


def state_code(*, code: Code, now: datetime) -> None:
    """Tell what a code costs."""
    if _PRESENT.guard is not None:
        _PRESENT.guard.state(code=code, now=now)


def note_cost(*, code: Code, key: str, amount_minor: int, now: datetime) -> None:
    """Tell that something was paid for a code."""
    if _PRESENT.guard is not None:
        _PRESENT.guard.cost(code=code, key=key, amount_minor=amount_minor, now=now)


def note_newcomer(*, newcomer: Newcomer, kind: str, now: datetime) -> None:
    """Tell what became of a newcomer."""
    if _PRESENT.guard is not None:
        _PRESENT.guard.note(newcomer=newcomer, kind=kind, now=now)


def note_earlier(*, code: Code, people: int, cost_minor: int, now: datetime) -> None:
    """Tell that so many more came before the code was kept here, and what these cost."""
    if _PRESENT.guard is not None and (people or cost_minor):
        _PRESENT.guard.earlier(code=code, people=people, cost_minor=cost_minor, now=now)


def ask_of(newcomer_id: int) -> str:
    """Return the key under which the guard is asked about a newcomer."""
    return f"{_ASK}{newcomer_id}"


def newcomer_in(key: str) -> int | None:
    """Return the newcomer about whom the guard was asked under a key; None for keys of other rooms."""
    number = key.removeprefix(_ASK)
    return int(number) if number != key and number.isascii() and number.isdigit() else None


def programme_of(code_id: int) -> str:
    """Return what a code is called among programmes."""
    return f"code:{code_id}"
