"""What the room of prepaid balances tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ToppedUp:
    """Somebody topped up a prepaid balance.

    Attributes:
        movement_id: the entry of the ledger.
        customer_id: who.
        store_id: where; 0: at none.
        principal_minor: what was paid in. Minor units.
        bonus_minor: what was given on top. Minor units.
    """

    movement_id: int
    customer_id: int
    store_id: int
    principal_minor: int
    bonus_minor: int


@dataclass(frozen=True)
class Spent:
    """Somebody paid with a prepaid balance.

    Attributes:
        movement_id: the first entry of the ledger.
        customer_id: who.
        store_id: where; 0: at none.
        amount_minor: for how much. Minor units.
        left_minor: what is left, principal and bonus. Minor units.
    """

    movement_id: int
    customer_id: int
    store_id: int
    amount_minor: int
    left_minor: int


@dataclass(frozen=True)
class PrincipalRefunded:
    """What somebody had paid in was paid out again.

    Attributes:
        movement_id: the first entry of the ledger.
        customer_id: who.
        store_id: where; 0: at none.
        amount_minor: what was paid out. Minor units.
        lapsed_minor: bonus that lapsed with it. Minor units.
    """

    movement_id: int
    customer_id: int
    store_id: int
    amount_minor: int
    lapsed_minor: int
