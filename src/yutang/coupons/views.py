"""What others see of kinds and coupons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yutang.coupons.terms import Terms
from yutang.kit.text import N_

#: What became of a coupon.
STATE_TITLES: Mapping[str, str] = {
    "given": N_("Can be used"),
    "redeemed": N_("Redeemed"),
    "expired": N_("Expired unused"),
    "taken_back": N_("Taken back"),
}


@dataclass(frozen=True)
class KindView:
    """A kind of coupon.

    Attributes:
        terms: what it promises.
        given: pieces that count against the budget.
        pool_left: codes of the pool that nobody has; 0 where codes are made here.
        is_promised: whether people hold, or held, one.
    """

    id: int
    code: str
    terms: Terms
    store_names: tuple[str, ...]
    given: int
    is_open: bool
    pool_left: int
    is_promised: bool
    made_at: datetime
    changed_at: datetime

    @property
    def name(self) -> str:
        """What people call it."""
        return self.terms.name


@dataclass(frozen=True)
class Tally:
    """What became of the coupons of a kind, of people within reach.

    Attributes:
        living: can be used.
        cost_minor: what the redeemed ones took off, or what their things cost. Minor units.
        orders: redeemed ones of which an order, or its value, is known.
        brought_minor: value of these orders: as the shop has it, net of what was given back, where it is known; else as the till
            said. Minor units.
        left_minor: what stays of it at the kind's margin, less the cost. Minor units.
    """

    living: int = 0
    redeemed: int = 0
    expired: int = 0
    taken_back: int = 0
    cost_minor: int = 0
    orders: int = 0
    brought_minor: int = 0
    left_minor: int = 0

    @property
    def given(self) -> int:
        """All that were given and not taken back."""
        return self.living + self.redeemed + self.expired

    @property
    def redeemed_ratio(self) -> float | None:
        """Share of the given ones that were redeemed; None where none was given."""
        return self.redeemed / self.given if self.given else None


@dataclass(frozen=True)
class CouponView:
    """A coupon that somebody has, or had.

    Attributes:
        customer_id: whose; None: the person was erased.
        code_end: last four characters of its code.
        state: ``given``, ``redeemed``, ``expired`` or ``taken_back``, as it is now.
        order_minor: value of the order as the till said; None: it said nothing.
        off_minor: what it took off, or what its thing cost.
    """

    id: int
    kind_id: int
    kind_code: str
    kind_name: str
    customer_id: int | None
    code_end: str
    state: str
    campaign: str
    given_at: datetime
    given_by: str
    last_date: date
    redeemed_at: datetime | None
    redeemed_by: str
    store_id: int | None
    store_name: str
    order_number: str
    order_minor: int | None
    off_minor: int
    currency: str
    taken_back_at: datetime | None
    reason: str


@dataclass(frozen=True)
class CouponPage:
    """A page of coupons, newest first."""

    rows: tuple[CouponView, ...]
    next_key: int | None


@dataclass(frozen=True)
class CouponFilters:
    """What a list of coupons is narrowed to; empty: not.

    Attributes:
        kind: short name of the kind.
        state: one of `STATE_TITLES`.
        customer_id: whose.
        store_id: where they were redeemed.
        campaign: what they were given for.
        code_end: a code, or its last four characters.
    """

    kind: str = ""
    state: str = ""
    customer_id: int | None = None
    store_id: int | None = None
    campaign: str = ""
    code_end: str = ""


@dataclass(frozen=True)
class Week:
    """What became, up to now, of the coupons that were given in a week that begins on a Monday. Counts."""

    monday: date
    redeemed: int = 0
    living: int = 0
    expired: int = 0
