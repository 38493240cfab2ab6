"""What others see of plans, balances and the ledger. All amounts in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yutang.kit.text import N_

KIND_TITLES: Mapping[str, str] = {
    "top_up": N_("Topped up"),
    "spending": N_("Paid with the balance"),
    "return": N_("Purchase returned"),
    "refund": N_("Principal paid out"),
}
METHOD_TITLES: Mapping[str, str] = {
    "cash": N_("Cash"),
    "card": N_("Card"),
    "online": N_("Online payment"),
    "other": N_("Other"),
}


@dataclass(frozen=True)
class PlanView:
    """What somebody may top up, and what is given on top."""

    id: int
    principal_minor: int
    bonus_minor: int
    currency: str
    is_open: bool


@dataclass(frozen=True)
class Balance:
    """What a customer has left; one who never topped up has nothing."""

    principal_minor: int = 0
    bonus_minor: int = 0
    currency: str = "CNY"

    @property
    def total_minor(self) -> int:
        """Both together."""
        return self.principal_minor + self.bonus_minor


@dataclass(frozen=True)
class Receipt:
    """What a call did to a balance.

    Attributes:
        movement_id: first entry of the ledger.
        principal_minor: principal that came (positive) or went (negative).
        bonus_minor: bonus that came or went.
        left: the balance, now.
        is_new: whether this call did it; False: an earlier one with the key.
    """

    movement_id: int
    principal_minor: int
    bonus_minor: int
    left: Balance
    is_new: bool


@dataclass(frozen=True)
class MovementView:
    """One line of a statement, as the customer reads it: what came is positive, what went is negative.

    Attributes:
        customer_id: whose; None: the person was erased.
        till_minor: money that came into, or left, the house.
        returned_minor: of a spending: what was returned of it.
    """

    id: int
    key: str
    customer_id: int | None
    kind: str
    principal_minor: int
    bonus_minor: int
    till_minor: int
    currency: str
    store_id: int | None
    store_name: str
    method: str
    order_number: str
    reason: str
    at: datetime
    business_date: date
    made_by: str
    returned_minor: int

    @property
    def total_minor(self) -> int:
        """Principal and bonus together."""
        return self.principal_minor + self.bonus_minor


@dataclass(frozen=True)
class MovementPage:
    """A page of movements, newest first."""

    rows: tuple[MovementView, ...]
    next_key: int | None


@dataclass(frozen=True)
class Books:
    """The accounts of the ledger over a period, and what is owed to customers at its end.

    Attributes:
        topped_up_minor: principal that was paid in.
        gift_minor: bonus that was given, less what lapsed.
        spent_minor: what was sold for it, less returns.
        paid_out_minor: principal that was paid out.
        owed_principal_minor: principal that customers have left, now.
        owed_bonus_minor: bonus that they have left, now.
        people: customers with something left, now.
        off_by_minor: sum over all accounts; anything but 0 is a fault.
    """

    topped_up_minor: int = 0
    gift_minor: int = 0
    spent_minor: int = 0
    paid_out_minor: int = 0
    owed_principal_minor: int = 0
    owed_bonus_minor: int = 0
    people: int = 0
    off_by_minor: int = 0


@dataclass(frozen=True)
class TopUpView:
    """A top-up that a customer wants to pay online; `state` is ``waiting``, ``paid`` or ``ended``."""

    id: int
    key: str
    customer_id: int | None
    principal_minor: int
    bonus_minor: int
    currency: str
    state: str
    made_at: datetime
