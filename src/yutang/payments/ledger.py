"""The ledger: what is written down of payments and refunds, and whether it adds up.

Accounts: ``provider:<adapter>`` is money that lies with the provider; ``taken:<purpose>`` what was taken for a purpose; ``due:<adapter>``
what is to go back. A payment goes from ``taken`` to ``provider``, a refund that is asked for from ``due`` to ``taken``, one that
is done from ``provider`` to ``due``; so that ``taken`` stands at minus what was kept, and all accounts together at 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from yutang.foundation import bulk
from yutang.payments.models import Entry, Payment, Refund


def paid(payment: Payment, *, at: datetime) -> Entry:
    """Return the line of a payment that came in."""
    return _entry(
        f"paid:{payment.pk}", payment, None, _taken(payment), f"provider:{payment.adapter}", payment.amount_minor, at
    )


def refund_asked(payment: Payment, refund: Refund, *, at: datetime) -> Entry:
    """Return the line of a refund that is to be given."""
    name = f"refund_asked:{refund.pk}"
    return _entry(name, payment, refund, f"due:{payment.adapter}", _taken(payment), refund.amount_minor, at)


def refund_done(payment: Payment, refund: Refund, *, at: datetime) -> Entry:
    """Return the line of a refund that was given."""
    name, adapter = f"refund_done:{refund.pk}", payment.adapter
    return _entry(name, payment, refund, f"provider:{adapter}", f"due:{adapter}", refund.amount_minor, at)


def write(entries: Iterable[Entry]) -> None:
    """Write lines; the unique key refuses what was written before."""
    columns = ("key", "payment_id", "refund_id", "from_account", "to_account", "currency", "amount_minor")
    rows = [(*(getattr(one, name) for name in columns), bulk.db_instant(one.at)) for one in entries]
    bulk.insert_few(Entry._meta.db_table, (*columns, "at"), rows)


def unbalanced() -> list[tuple[str, int]]:
    """Return what does not add up, as (what, by how much in minor units): empty where the books are right.

    The database sums both sides, and compares the ledger with what payments and refunds say of themselves.
    """
    return [(str(what), int(off)) for what, off in bulk.fetch(_CHECK) if off]


#: Each line is 0 where the books are right.
_CHECK = """
    SELECT 'provider', COALESCE((SELECT SUM(amount_minor) FROM payments_payment WHERE state = 'paid'), 0)
        - COALESCE((SELECT SUM(amount_minor) FROM payments_refund WHERE state = 'done'), 0)
        - COALESCE((SELECT SUM(CASE WHEN to_account LIKE 'provider:%%' THEN amount_minor ELSE -amount_minor END)
                    FROM payments_entry WHERE from_account LIKE 'provider:%%' OR to_account LIKE 'provider:%%'), 0)
    UNION ALL
    SELECT 'paid', COALESCE((SELECT SUM(amount_minor) FROM payments_payment WHERE state = 'paid'), 0)
        - COALESCE((SELECT SUM(amount_minor) FROM payments_entry WHERE refund_id IS NULL), 0)
    UNION ALL
    SELECT 'refunds', COALESCE((SELECT SUM(refunded_minor) FROM payments_payment), 0)
        - COALESCE((SELECT SUM(amount_minor) FROM payments_refund), 0)
    UNION ALL
    SELECT 'due', COALESCE((SELECT SUM(amount_minor) FROM payments_refund WHERE state <> 'done'), 0)
        - COALESCE((SELECT SUM(CASE WHEN from_account LIKE 'due:%%' THEN amount_minor ELSE -amount_minor END)
                    FROM payments_entry WHERE from_account LIKE 'due:%%' OR to_account LIKE 'due:%%'), 0)
    UNION ALL
    SELECT 'without a line', (SELECT COUNT(*) FROM payments_payment AS p WHERE p.state = 'paid'
        AND NOT EXISTS (SELECT 1 FROM payments_entry AS e WHERE e.payment_id = p.id AND e.refund_id IS NULL
                        AND e.amount_minor = p.amount_minor))
    UNION ALL
    SELECT 'refunds of a payment', (SELECT COUNT(*) FROM payments_payment AS p WHERE p.refunded_minor
        <> COALESCE((SELECT SUM(r.amount_minor) FROM payments_refund AS r WHERE r.payment_id = p.id), 0))
"""


def _taken(payment: Payment) -> str:
    return f"taken:{payment.purpose.partition(':')[0]}"[:40]


def _entry(
    key: str, payment: Payment, refund: Refund | None, from_account: str, to_account: str, amount: int, at: datetime
) -> Entry:
    return Entry(
        key=key,
        payment=payment,
        refund=refund,
        from_account=from_account,
        to_account=to_account,
        currency=payment.currency,
        amount_minor=amount,
        at=at,
    )
