"""What must hold of payments: each fen that came or went stands in the ledger once."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "payments.paid",
    N_("Every payment that came in stands in the ledger of payments with its amount, and none that did not"),
    table="payments_payment",
    broken="""
        SELECT p.id FROM payments_payment p
        LEFT JOIN payments_entry e ON e.key = 'paid:' || CAST(p.id AS TEXT)
        WHERE (p.state = 'paid' AND (e.id IS NULL OR e.amount_minor <> p.amount_minor OR e.payment_id <> p.id))
            OR (p.state <> 'paid' AND e.id IS NOT NULL)
    """,
)

register(
    "payments.refunds",
    N_("Every payment gave back as much as its refunds say"),
    table="payments_payment",
    broken="""
        SELECT p.id FROM payments_payment p
        LEFT JOIN (SELECT payment_id, SUM(amount_minor) AS back FROM payments_refund GROUP BY payment_id) r ON r.payment_id = p.id
        WHERE p.refunded_minor <> COALESCE(r.back, 0)
    """,
)

register(
    "payments.refund_lines",
    N_("Every refund stands in the ledger of payments when it is asked for, and once more when it is done"),
    table="payments_refund",
    broken="""
        SELECT r.id FROM payments_refund r
        LEFT JOIN payments_entry a ON a.key = 'refund_asked:' || CAST(r.id AS TEXT)
        LEFT JOIN payments_entry d ON d.key = 'refund_done:' || CAST(r.id AS TEXT)
        WHERE a.id IS NULL OR a.amount_minor <> r.amount_minor
            OR (r.state = 'done') <> (d.id IS NOT NULL) OR COALESCE(d.amount_minor, r.amount_minor) <> r.amount_minor
    """,
)
