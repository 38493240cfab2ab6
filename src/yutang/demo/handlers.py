"""What the demo shop does when it hears that its people are known: they get its coupons, once."""

from __future__ import annotations

from datetime import datetime

from yutang.demo.coupons import give_demo_coupons, waits_for_coupons
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored


@handles(CustomersScored)
def give_coupons_of_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Give the demo shop's coupons; in any other house, and the second time, there is nothing to give."""
    if waits_for_coupons(now=now):
        give_demo_coupons(now=now)
