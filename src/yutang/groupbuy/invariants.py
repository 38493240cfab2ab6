"""What must hold of group-buying: places are as many as people, and whoever sits has paid what was asked."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "groupbuy.places",
    N_("Each buying group counts as many places as its members hold and paid"),
    table="groupbuy_group",
    # A group that filled stays filled when somebody's money goes back later; one that ended has nobody left.
    broken="""
        SELECT g.id FROM groupbuy_group g
        LEFT JOIN (
            SELECT group_id, SUM(CASE WHEN state IN ('held', 'paid') THEN 1 ELSE 0 END) AS living,
                SUM(CASE WHEN state = 'paid' THEN 1 ELSE 0 END) AS paid,
                SUM(CASE WHEN state = 'returned' THEN 1 ELSE 0 END) AS returned,
                SUM(CASE WHEN state = 'refunded' THEN 1 ELSE 0 END) AS refunded,
                SUM(CASE WHEN state IN ('held', 'paid') AND NOT is_newcomer THEN 1 ELSE 0 END) AS regulars
            FROM groupbuy_seat GROUP BY group_id
        ) s ON s.group_id = g.id
        WHERE (g.state = 'open' AND (g.taken <> COALESCE(s.living, 0) OR g.paid <> COALESCE(s.paid, 0)
                OR g.regulars <> COALESCE(s.regulars, 0)))
            OR (g.state = 'filled' AND COALESCE(s.paid + s.returned, 0) <> g.size)
            OR (g.state IN ('expired', 'lapsed') AND COALESCE(s.living, 0) <> 0)
            OR (g.state = 'expired' AND COALESCE(s.refunded, 0) <> g.paid)
    """,
)

register(
    "groupbuy.stock",
    N_("Each campaign of group-buying has set aside as many places as its groups have"),
    table="groupbuy_campaign",
    broken="""
        SELECT c.id FROM groupbuy_campaign c
        LEFT JOIN (
            SELECT campaign_id, SUM(size) AS places FROM groupbuy_group WHERE state IN ('open', 'filled') GROUP BY campaign_id
        ) g ON g.campaign_id = c.id
        WHERE c.set_aside <> COALESCE(g.places, 0)
    """,
)

register(
    "groupbuy.money",
    N_("Whoever has a place paid for it, and whoever has none any more got the money back"),
    table="groupbuy_seat",
    looked="SELECT COUNT(*) FROM groupbuy_seat WHERE paid_at IS NOT NULL",
    broken="""
        SELECT s.id FROM groupbuy_seat s
        LEFT JOIN payments_payment p ON p.key = 'groupbuy-seat:' || CAST(s.id AS TEXT)
        WHERE s.paid_at IS NOT NULL AND (
            p.id IS NULL OR p.state <> 'paid' OR p.amount_minor <> s.price_minor
            OR (s.state IN ('refunded', 'late', 'returned', 'left') AND p.refunded_minor <> p.amount_minor))
    """,
)

register(
    "groupbuy.paid_seats",
    N_("Every payment for a place has come to that place"),
    table="payments_payment",
    looked="SELECT COUNT(*) FROM payments_payment WHERE SUBSTR(purpose, 1, 14) = 'groupbuy-seat:' AND state = 'paid'",
    # What was paid is told as an event: while that is under way the place does not know of it yet.
    broken="""
        SELECT p.id FROM groupbuy_seat s JOIN payments_payment p ON p.key = 'groupbuy-seat:' || CAST(s.id AS TEXT)
        WHERE s.paid_at IS NULL AND p.state = 'paid'
            AND NOT EXISTS (SELECT 1 FROM foundation_outboxevent e WHERE e.delivered_at IS NULL AND e.kind = 'payments.Paid')
    """,
)
