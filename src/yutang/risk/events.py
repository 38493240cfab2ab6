"""What the guard tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stopped:
    """Something was refused, or waits until a person has looked at it.

    Attributes:
        decision_id: the decision.
        kind: what was asked for, such as ``coupon``.
        programme: of what, such as ``groupbuy:12``; empty: of none.
        customer_id: who asked; 0: not known.
        verdict: ``refuse`` or ``review``.
    """

    decision_id: int
    kind: str
    programme: str
    customer_id: int
    verdict: str


@dataclass(frozen=True)
class Settled:
    """A person decided about something that was stopped.

    Attributes:
        decision_id: the decision.
        key: idempotency key of the ask: whoever asked may ask again under it.
        kind: what was asked for.
        programme: of what; empty: of none.
        customer_id: who asked; 0: not known.
        is_let_through: whether it may be given now.
    """

    decision_id: int
    key: str
    kind: str
    programme: str
    customer_id: int
    is_let_through: bool
