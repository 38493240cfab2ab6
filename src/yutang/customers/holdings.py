"""What belongs to a person and moves with a merge: customers' own tables, and those that higher rooms plug in."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Holding:
    """A column that names the person to whom a row belongs.

    Attributes:
        table: database table with the primary key ``id``.
        column: column that holds the person's key.
        unique_with: column that is unique together with the person; empty when there is none. A row that the
            winner has already stays with the loser.
        day_column: date whose month is the row's partition in the lake; empty where the table is not published by months.
        is_followed: whether a published table follows this one (`PublishedTable.follows`), so that its rows are read anew.
        keeps_people: whether a row keeps its person when the import that made the person is undone.
        goes_with: (column, table) of the row that decides whose this one is, where it was made after a merge that is undone: an
            entry is of whom its balance is. That table is a holding by the same column.
    """

    table: str
    column: str
    unique_with: str = ""
    day_column: str = ""
    keeps_people: bool = True
    is_followed: bool = False
    goes_with: tuple[str, str] | None = None


HOLDINGS: Registry[Holding] = Registry(what="holdings of a person", name_of=lambda h: f"{h.table}.{h.column}")

HOLDINGS.register(Holding("customers_identifier", "customer_id", keeps_people=False))
HOLDINGS.register(Holding("customers_contestedidentifier", "customer_id", unique_with="digest", keeps_people=False))
HOLDINGS.register(Holding("customers_customertag", "customer_id", unique_with="tag_id"))
HOLDINGS.register(Holding("customers_consent", "customer_id"))
#: People who were joined to the loser earlier point at the winner now, so that the way to the person is one step.
HOLDINGS.register(Holding("customers_customer", "merged_into_id"))
