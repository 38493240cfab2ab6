"""How well a product told people apart: pairwise precision and recall of its customers against the truth.

A pair of orders is right when both are of one person in the truth and of one customer in the product. Pairs are
counted from contingency counts, never listed, so that a million orders take a second.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Platform and order number, as in ``truth/orders.csv``.
OrderKey = tuple[str, str]


@dataclass(frozen=True)
class IdentityScore:
    """Agreement of customers with people over pairs of orders.

    Attributes:
        orders: orders scored: those that the truth gives a person.
        people: people behind them.
        customers: customers that the product made of them.
        same_person: pairs of orders of one person.
        same_customer: pairs of orders of one customer.
        both: pairs that are both.
        mixed: customers that hold orders of several people, with the people.
    """

    orders: int
    people: int
    customers: int
    same_person: int
    same_customer: int
    both: int
    mixed: Mapping[Hashable, tuple[Hashable, ...]]

    @property
    def precision(self) -> float | None:
        """Share of the pairs of one customer that are of one person; None without any pair."""
        return self.both / self.same_customer if self.same_customer else None

    @property
    def recall(self) -> float | None:
        """Share of the pairs of one person that are of one customer; None without any pair."""
        return self.both / self.same_person if self.same_person else None

    def as_json(self) -> dict[str, Any]:
        """Return the score for programs, without the list of mixed customers."""
        return {
            "orders": self.orders,
            "people": self.people,
            "customers": self.customers,
            "pairs": {"same_person": self.same_person, "same_customer": self.same_customer, "both": self.both},
            "precision": self.precision,
            "recall": self.recall,
            "mixed_customers": len(self.mixed),
        }


def score(truth: Mapping[OrderKey, Hashable], found: Iterable[tuple[str, str, Hashable | None]]) -> IdentityScore:
    """Return the agreement of a mapping of orders to customers with the truth.

    Args:
        truth: person by platform and order number; orders of nobody in particular are not in it.
        found: platform, order number and customer id as the product sees them. Orders that the truth does not know,
            or that came twice, are left out. A customer id of None stands for a customer of its own each time.

    Returns:
        Counts of pairs; orders of the truth that are missing in `found` are not scored.
    """
    cells: Counter[tuple[Hashable, Hashable]] = Counter()
    seen: set[OrderKey] = set()
    alone = 0
    people: Counter[Hashable] = Counter()
    for platform, number, customer in found:
        key = (platform, number)
        if key not in truth or key in seen:
            continue
        seen.add(key)
        person = truth[key]
        people[person] += 1
        if customer is None:
            alone += 1
        else:
            cells[person, customer] += 1
    customers: Counter[Hashable] = Counter()
    held: dict[Hashable, list[Hashable]] = {}
    for (person, customer), count in cells.items():
        customers[customer] += count
        held.setdefault(customer, []).append(person)
    return IdentityScore(
        orders=len(seen),
        people=len(people),
        customers=len(customers) + alone,
        same_person=_pairs(people.values()),
        same_customer=_pairs(customers.values()),
        both=_pairs(cells.values()),
        mixed={customer: tuple(persons) for customer, persons in held.items() if len(persons) > 1},
    )


def read_truth(folder: Path, *, platforms: Iterable[str] | None = None) -> dict[OrderKey, str]:
    """Return person by order from ``truth/orders.csv`` of a simulation, of all platforms or some.

    Orders of anonymous walk-ins have no person and are left out.
    """
    wanted = None if platforms is None else set(platforms)
    with (folder / "truth" / "orders.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["platform"], row["order_number"]): row["person_id"]
            for row in csv.DictReader(file)
            if row["person_id"] and (wanted is None or row["platform"] in wanted)
        }


def _pairs(counts: Iterable[int]) -> int:
    """Return how many unordered pairs lie within groups of these sizes."""
    return sum(count * (count - 1) // 2 for count in counts)
