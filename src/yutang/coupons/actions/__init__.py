"""Every change of the room that others may ask for."""

from yutang.coupons.actions.ending import (
    expire_coupons,
    forget_people,
    show_code,
    take_back_coupon,
    tie_to_orders,
)
from yutang.coupons.actions.giving import Gift, Wanted, give_coupon, give_coupons, judge_giving
from yutang.coupons.actions.kinds import add_codes, change_kind, close_kind, create_kind, open_kind
from yutang.coupons.actions.redeeming import (
    Look,
    Sale,
    look_up_code,
    note_refused_attempt,
    redeem_at_till,
    redeem_coupon,
)
from yutang.coupons.refusals import CouponWasStopped, NoSuchCoupon, NoSuchCouponKind, RedemptionRefused
from yutang.coupons.terms import Terms

__all__ = [
    "CouponWasStopped",
    "Gift",
    "Look",
    "NoSuchCoupon",
    "NoSuchCouponKind",
    "RedemptionRefused",
    "Sale",
    "Terms",
    "Wanted",
    "add_codes",
    "change_kind",
    "close_kind",
    "create_kind",
    "expire_coupons",
    "forget_people",
    "give_coupon",
    "give_coupons",
    "judge_giving",
    "look_up_code",
    "note_refused_attempt",
    "open_kind",
    "redeem_at_till",
    "redeem_coupon",
    "show_code",
    "take_back_coupon",
    "tie_to_orders",
]
