"""Two rules side by side: who fits both, and how the people of each stand, buy, are worth and are tagged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer
from yutang.segments.evaluating import Found, found_by, opened_lake
from yutang.segments.member_sets import Keys, in_both, without
from yutang.segments.rules.reading import rule_from_json

Side = Literal["first", "second"]
SIDES: tuple[Side, ...] = ("first", "second")


@dataclass(frozen=True)
class Comparison:
    """Two rules side by side, as keys, ascending."""

    only_first: Keys
    both: Keys
    only_second: Keys


@dataclass(frozen=True)
class SideFacts:
    """How the people of one side stand, as of the latest scores and values.

    Attributes:
        people: who fits. Count.
        stages: ``{stage: people}``; who was not scored yet is in none.
        buyers: with an order. Count.
        orders: of all of them. Count.
        spend_minor: net of refunds. Minor units.
        valued: of whom a value is known. Count.
        value_minor: expected from these in the next 12 months. Minor units.
        tags: ``{tag: people who carry it}``.
    """

    people: int
    stages: Mapping[str, int]
    buyers: int
    orders: int
    spend_minor: int
    valued: int
    value_minor: int
    tags: Mapping[int, int]

    @property
    def buyer_ratio(self) -> float | None:
        """Buyers by people; None without people."""
        return self.buyers / self.people if self.people else None

    @property
    def orders_per_buyer(self) -> float | None:
        """Orders by buyers; None without a buyer."""
        return self.orders / self.buyers if self.buyers else None

    @property
    def order_minor(self) -> float | None:
        """Spend by orders, minor units; None without an order."""
        return self.spend_minor / self.orders if self.orders else None

    @property
    def spend_per_buyer_minor(self) -> float | None:
        """Spend by buyers, minor units; None without a buyer."""
        return self.spend_minor / self.buyers if self.buyers else None

    @property
    def value_per_person_minor(self) -> float | None:
        """Expected value by the people of whom one is known, minor units; None without one."""
        return self.value_minor / self.valued if self.valued else None


@dataclass(frozen=True)
class SideBySide:
    """Two rules compared.

    Attributes:
        sets: who fits which.
        first: facts of everybody who fits the first rule; `second` likewise. Who fits both counts in each.
        as_of: exclusive day as of which the rules were asked.
        currency: of the amounts.
    """

    sets: Comparison
    first: SideFacts
    second: SideFacts
    as_of: date
    currency: str


def compared(*, access: Actor, first: Any, second: Any, today: date) -> Comparison:
    """Return who fits both rules, and who only one of them; arguments as for `side_by_side`."""
    access.require("segments.view")
    return _sets(*(found_by(rule_from_json(rule), access=access, today=today) for rule in (first, second)))


def side_by_side(*, access: Actor, first: Any, second: Any, today: date) -> SideBySide:
    """Return two rules side by side, within reach.

    Args:
        access: needs ``segments.view``.
        first: rule as JSON.
        second: the other rule.
        today: the business day.

    Raises:
        RuleIsWrong: a rule cannot be read.
        NoSuchSegment: a rule refers to a segment that does not exist.
    """
    access.require("segments.view")
    one, other = (found_by(rule_from_json(rule), access=access, today=today) for rule in (first, second))
    facts = _facts({"first": one, "second": other})
    return SideBySide(_sets(one, other), facts["first"], facts["second"], one.as_of, one.currency)


def _sets(one: Found, other: Found) -> Comparison:
    return Comparison(
        without(one.people, other.people), in_both(one.people, other.people), without(other.people, one.people)
    )


def _facts(sides: Mapping[Side, Found]) -> dict[Side, SideFacts]:
    member = pa.table(
        {
            "side": pa.array(np.repeat(list(sides), [len(found.people) for found in sides.values()]), pa.string()),
            "customer_id": pa.array(np.concatenate([found.people for found in sides.values()]), pa.int64()),
        }
    )
    with opened_lake() as engine:
        if engine is None:
            rows, tags = [], []
        else:
            rows = answer(engine, "segments.compared_facts", inputs={"member": member}).to_pylist()
            tags = answer(engine, "segments.compared_tags", inputs={"member": member}).to_pylist()
    return {
        side: _side(
            len(found.people),
            [row for row in rows if row["side"] == side],
            {row["tag_id"]: row["people"] for row in tags if row["side"] == side},
        )
        for side, found in sides.items()
    }


def _side(people: int, rows: list[dict[str, Any]], tags: dict[int, int]) -> SideFacts:
    sums = {
        name: sum(row[name] for row in rows) for name in ("buyers", "orders", "spend_minor", "valued", "value_minor")
    }
    stages = {row["stage"]: row["people"] for row in rows if row["stage"] is not None}
    return SideFacts(people=people, stages=stages, tags=tags, **sums)
