"""Faults on order: calls that are slow, refused, answered with rubbish, or not at all."""

from __future__ import annotations

import fnmatch
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

#: slow: answers after `seconds` of real time. code: answers `errcode`, does nothing. limit: closes the API for `seconds` of
#: simulated time. drop_before, drop_after: cuts the connection before or after the work. status: answers with an HTTP status.
#: garbage: answers something that is no JSON.
KINDS = frozenset({"slow", "code", "limit", "drop_before", "drop_after", "status", "garbage"})


@dataclass
class Fault:
    """One fault.

    Attributes:
        kind: one of `KINDS`.
        api: pattern of paths, such as ``externalcontact/*``.
        times: how many calls it strikes; None for all.
        share: of the calls that fit, how many it strikes. Ratio in (0, 1].
        after: so many calls that fit pass first.
        seconds: for slow and limit.
        errcode: for code.
        status: for status.
    """

    kind: str
    api: str = "*"
    times: int | None = 1
    share: float = 1.0
    after: int = 0
    seconds: float = 1.0
    errcode: int = -1
    status: int = 502

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Fault:
        """Return the fault that a JSON object orders.

        Raises:
            ValueError: there is no such kind or field.
        """
        unknown = set(told) - {one.name for one in fields(cls)}
        if unknown or told.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind of {sorted(KINDS)}; not known: {sorted(unknown)}")
        return cls(**told)


class Faults:
    """The faults that are on order, in order."""

    def __init__(self, *, seed: int) -> None:
        self._faults: list[Fault] = []
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, no secret.
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def waiting(self) -> tuple[Fault, ...]:
        """Return the faults that may still strike."""
        with self._lock:
            return tuple(fault for fault in self._faults if fault.times != 0)

    def strike(self, api: str) -> tuple[Fault, ...]:
        """Return the faults that strike a call: all that are slow, and the first of another kind."""
        with self._lock:
            found: list[Fault] = []
            for fault in self._faults:
                if not fnmatch.fnmatchcase(api, fault.api) or fault.times == 0:
                    continue
                if fault.kind != "slow" and any(one.kind != "slow" for one in found):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                elif self._dice.random() < fault.share:
                    fault.times = None if fault.times is None else fault.times - 1
                    found.append(fault)
            return tuple(found)
