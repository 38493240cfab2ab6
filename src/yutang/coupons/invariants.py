"""What must hold of coupons: each kind has given as many as it counts, and no code twice."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "coupons.budget",
    N_("Each kind of coupon counts as many pieces as were given and not taken back"),
    table="coupons_kind",
    broken="""
        SELECT k.id FROM coupons_kind k
        LEFT JOIN (SELECT kind_id, COUNT(*) AS given FROM coupons_coupon WHERE state <> 'taken_back' GROUP BY kind_id) c
            ON c.kind_id = k.id
        WHERE k.given <> COALESCE(c.given, 0) OR k.given > k.pieces
    """,
)

register(
    "coupons.codes",
    N_("No code of another shop system that somebody has waits to be given once more"),
    table="coupons_poolcode",
    broken="""
        SELECT p.id FROM coupons_poolcode p JOIN coupons_coupon c ON c.digest = p.digest WHERE NOT p.is_given
    """,
)
