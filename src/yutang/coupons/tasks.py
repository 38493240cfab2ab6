"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.coupons.actions import expire_coupons, tie_to_orders
from yutang.coupons.models import Coupon, State
from yutang.coupons.stating import state_unstated
from yutang.foundation import jobs
from yutang.foundation.access import Actor


@jobs.task()
def follow_coupons(context: jobs.JobContext) -> dict[str, int]:
    """Write down which coupons are over, tie redeemed ones to the orders that were brought in since, and state what kinds cost."""
    stated = state_unstated(actor=Actor.system(), now=context.now())
    expired = expire_coupons(actor=Actor.system(), now=context.now())
    tied = tie_to_orders(actor=Actor.system(), now=context.now())
    return {"expired": expired, "tied": tied, "stated": stated}


def has_coupons_to_follow() -> bool:
    """Return whether a coupon is over, or waits for its order."""
    over = Coupon.objects.filter(state=State.GIVEN, ends_at__lte=datetime.now(UTC))
    loose = Coupon.objects.filter(state=State.REDEEMED).exclude(order_number="")
    return over.exists() or loose.exists()
