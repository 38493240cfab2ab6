"""What must hold of people: every key and everything that belongs to a person leads to somebody who lives."""

from yutang.customers.holdings import HOLDINGS, Holding
from yutang.foundation.invariants import INVARIANTS, KEEP_AND_ASK, NAMED, Invariant, Seen, broken_rows, register
from yutang.kit.text import N_

register(
    "customers.merged",
    N_("Whoever was merged leads in one step to a person who was not"),
    table="customers_customer",
    looked="SELECT COUNT(*) FROM customers_customer WHERE merged_into_id IS NOT NULL",
    broken="""
        SELECT c.id FROM customers_customer c LEFT JOIN customers_customer w ON w.id = c.merged_into_id
        WHERE c.merged_into_id IS NOT NULL AND (w.id IS NULL OR w.merged_into_id IS NOT NULL)
    """,
)

register(
    "customers.merges",
    N_("Whoever was merged was merged by a merge that stands, and nobody else"),
    table="customers_customer",
    looked="SELECT COUNT(*) + (SELECT COUNT(*) FROM customers_customer WHERE merged_into_id IS NOT NULL) FROM customers_merge",
    broken="""
        SELECT c.id FROM customers_customer c
        WHERE c.merged_into_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM customers_merge m WHERE m.loser_id = c.id AND m.undone_at IS NULL)
        UNION SELECT c.id FROM customers_merge m JOIN customers_customer c ON c.id = m.loser_id
        WHERE m.undone_at IS NULL AND c.merged_into_id IS NULL
    """,
)

register(
    "customers.search",
    N_("Names lead to people whom there are"),
    table="customers_customer",
    looked="SELECT COUNT(*) FROM customers_nametoken",
    broken="""
        SELECT DISTINCT t.customer_id AS id FROM customers_nametoken t
        WHERE NOT EXISTS (SELECT 1 FROM customers_customer c WHERE c.id = t.customer_id)
    """,
)


def _belongings() -> Seen:
    """Look whether anything still belongs to somebody who was merged."""
    looked, broken = 0, 0
    where: list[str] = []
    for holding in HOLDINGS:
        if not _moves_whole(holding):
            continue
        found = broken_rows(
            holding.table,
            looked=f"SELECT COUNT(*) FROM {holding.table}",  # noqa: S608
            broken=f"SELECT t.id FROM customers_customer c JOIN {holding.table} t ON t.{holding.column} = c.id"  # noqa: S608
            " WHERE c.merged_into_id IS NOT NULL",
        )()
        looked, broken = looked + found.looked, broken + found.broken
        where += found.where
    return Seen(looked, broken, tuple(where[:NAMED]))


def _moves_whole(holding: Holding) -> bool:
    """Return whether all rows move with a merge: of those that are unique, what the winner has already stays with the loser."""
    return not holding.unique_with and holding.table != "customers_customer"


INVARIANTS.register(
    Invariant(
        "customers.belongings", N_("Nothing belongs to somebody who was merged into another"), _belongings, KEEP_AND_ASK
    )
)
