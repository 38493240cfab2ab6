"""Who stands before givings and redemptions: rooms above plug their guards in here, and each is asked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.kit.registry import Registry
from yutang.kit.text import Sentence


class Judges(Protocol):
    """Says who is not to have, or not to redeem, a coupon of a kind."""

    def __call__(
        self, *, deed: str, kind_id: int, customer_ids: Sequence[int], now: datetime
    ) -> Mapping[int, Sentence]:
        """Return the reason by person of those who are refused; in as many queries for a thousand people as for one.

        Args:
            deed: ``give`` or ``redeem``.
            kind_id: of which kind.
            customer_ids: who.
            now: aware UTC.
        """


@dataclass(frozen=True)
class Guard:
    """Somebody who is asked before."""

    name: str
    judges: Judges


GUARDS: Registry[Guard] = Registry(what="guards of coupons", name_of=lambda one: one.name)


def stopped(*, deed: str, kind_id: int, customer_ids: Sequence[int], now: datetime) -> dict[int, Sentence]:
    """Return the first reason by person of those whom some guard refuses."""
    reasons: dict[int, Sentence] = {}
    for guard in GUARDS:
        left = [one for one in customer_ids if one not in reasons]
        reasons.update(guard.judges(deed=deed, kind_id=kind_id, customer_ids=left, now=now))
    return reasons
