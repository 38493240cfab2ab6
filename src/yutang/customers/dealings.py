"""By what a person is a customer already, and no newcomer: the books of the rooms above, asked as they stand this moment.

Each room plugs in where it writes down that somebody dealt with the shop. What the lake knows is prepared at night; whoever gives
something to newcomers asks here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from yutang.foundation import bulk
from yutang.kit.registry import Registry

#: Stands for the person in the condition of a dealing.
_PERSON = "{person}"
#: People of one question.
_PART = 1_000


@dataclass(frozen=True)
class Dealing:
    """A table with a row for everybody who dealt with the shop in one way.

    Attributes:
        name: what they did, such as ``bought``.
        rows: what follows ``SELECT 1 FROM`` to find a row of the person ``{person}``, by an index that begins with the person.
    """

    name: str
    rows: LiteralString


DEALINGS: Registry[Dealing] = Registry(what="dealings", name_of=lambda one: one.name)


def dealt_sql(person: LiteralString) -> str:
    """Return the condition in SQL that a person has dealt with the shop, for who asks it among other things.

    Args:
        person: the column, or the place of the value, that names the person.
    """
    rows = [one.rows.replace(_PERSON, person) for one in DEALINGS]
    return " OR ".join(f"EXISTS (SELECT 1 FROM {one})" for one in rows)  # noqa: S608 - written in the rooms' code alone


def who_dealt(customer_ids: Collection[int]) -> frozenset[int]:
    """Return those of some people who bought, paid for a place, topped up or came to a store before: who is no newcomer."""
    asked, found = sorted(set(customer_ids)), set()
    for start in range(0, len(asked), _PART):
        part = asked[start : start + _PART]
        places = ", ".join(["%s"] * len(part))
        found |= {one for (one,) in bulk.fetch(f"{_WHO} ({places}) AND ({dealt_sql('c.id')})", part)}
    return frozenset(found)


_WHO = "SELECT c.id FROM customers_customer AS c WHERE c.id IN"
