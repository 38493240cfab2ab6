"""What must hold of prepaid balances: every entry balances, and every balance is the sum of its entries."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "membership.entries",
    N_("Every entry of the ledger of balances has two sides that are equal"),
    table="membership_movement",
    broken="""
        SELECT id FROM membership_movement WHERE till_minor + principal_minor + bonus_minor + sales_minor + gift_minor <> 0
    """,
)

register(
    "membership.balances",
    N_("Every balance is the sum of its entries"),
    table="membership_wallet",
    # What is owed to the customer stands as credit in the entries, so below zero.
    broken="""
        SELECT w.id FROM membership_wallet w
        LEFT JOIN (
            SELECT wallet_id, SUM(principal_minor) AS principal, SUM(bonus_minor) AS bonus, COUNT(DISTINCT currency) AS currencies,
                MIN(currency) AS currency
            FROM membership_movement GROUP BY wallet_id
        ) m ON m.wallet_id = w.id
        WHERE w.principal_minor <> -COALESCE(m.principal, 0) OR w.bonus_minor <> -COALESCE(m.bonus, 0)
            OR COALESCE(m.currencies, 1) <> 1 OR COALESCE(m.currency, w.currency) <> w.currency
    """,
)

register(
    "membership.owners",
    N_("Every entry belongs to whom its balance belongs"),
    table="membership_movement",
    broken="""
        SELECT m.id FROM membership_movement m JOIN membership_wallet w ON w.id = m.wallet_id
        WHERE COALESCE(m.customer_id, 0) <> COALESCE(w.customer_id, 0)
    """,
)

register(
    "membership.returns",
    N_("Of no purchase more was returned than was paid"),
    table="membership_movement",
    looked="SELECT COUNT(*) FROM membership_movement WHERE kind = 'return'",
    broken="""
        SELECT p.id FROM membership_movement p
        JOIN (SELECT returns_id, SUM(sales_minor) AS back FROM membership_movement WHERE returns_id IS NOT NULL GROUP BY returns_id) r
            ON r.returns_id = p.id
        WHERE r.back > (SELECT -SUM(a.sales_minor) FROM membership_movement a WHERE a.key = p.key)
    """,
)

register(
    "membership.top_ups",
    N_("Every top-up that was paid online stands in the ledger once, and none that was not"),
    table="membership_topuporder",
    broken="""
        SELECT o.id FROM membership_topuporder o
        LEFT JOIN membership_movement m ON m.key = 'top-up:' || CAST(o.id AS TEXT) AND m.part = 1
        WHERE (o.state = 'paid' AND (m.id IS NULL OR m.till_minor <> o.principal_minor))
            OR (o.state <> 'paid' AND m.id IS NOT NULL)
    """,
)
