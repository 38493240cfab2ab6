"""What the room of coupons tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Given:
    """Somebody got a coupon.

    Attributes:
        coupon_id: the coupon.
        kind: short name of its kind.
        customer_id: who has it.
        campaign: what it was given for, such as ``playbook:3``; empty: by hand.
    """

    coupon_id: int
    kind: str
    customer_id: int
    campaign: str


@dataclass(frozen=True)
class Redeemed:
    """A coupon was redeemed.

    Attributes:
        coupon_id: the coupon.
        kind: short name of its kind.
        customer_id: whose it was.
        campaign: what it was given for, such as ``playbook:3``; empty: by hand.
        store_id: where; 0 where no store was named.
        off_minor: what it took off, or what its thing cost. Minor units.
    """

    coupon_id: int
    kind: str
    customer_id: int
    campaign: str
    store_id: int
    off_minor: int
