"""What must hold of referral: one benefit a side and friend, each of them once."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "referral.rewards",
    N_("Every benefit for a friend is one coupon that is there, and that coupon is for nothing else"),
    table="referral_reward",
    broken="""
        SELECT r.id FROM referral_reward r LEFT JOIN coupons_coupon c ON c.id = r.coupon_id
        WHERE r.coupon_id IS NOT NULL AND c.id IS NULL
        UNION SELECT MIN(r.id) FROM referral_reward r WHERE r.coupon_id IS NOT NULL GROUP BY r.coupon_id HAVING COUNT(*) > 1
    """,
)
