"""A rule as a tree: groups, references to other segments, tests of facts and of what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from yutang.lake.fields import Field, Happening

#: Values of tests: whole numbers, days, texts, and several of them.
Value: TypeAlias = "int | str | date | tuple[int | str | date, ...] | None"


@dataclass(frozen=True)
class All:
    """Every one of the parts holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of the parts holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True)
class InSegment:
    """The person belongs to another segment by its rule of now."""

    segment_id: int


@dataclass(frozen=True)
class Compared:
    """A fact of a person, or a property of something that happened, is compared with a value.

    Attributes:
        fact: what is compared.
        comparison: one of the comparisons of its kind (see `reading.COMPARISONS`).
        value: what it is compared with; None where the comparison takes none.
    """

    fact: Field
    comparison: str
    value: Value = None


@dataclass(frozen=True)
class When:
    """Which days count.

    Attributes:
        kind: ``ever``, ``within_days``, ``not_within_days``, ``before``, ``since``, ``between`` or ``within_days_of``.
        value: number of days, a day, or two days.
        anchor: the day of the person that ``within_days_of`` counts from.
    """

    kind: str = "ever"
    value: Value = None
    anchor: Field | None = None


@dataclass(frozen=True)
class Happened:
    """How often, or how much, something happened.

    Attributes:
        what: the happening.
        comparison: ``did``, ``did_not``, ``at_least``, ``at_most``, ``equals`` or ``between``.
        value: what the measure is compared with; None for did and did_not.
        measure: ``times``, ``days``, or a measure of the happening.
        when: which days count.
        where: what each of them must fulfil.
    """

    what: Happening
    comparison: str
    value: Value = None
    measure: str = "times"
    when: When = When()
    where: tuple[Compared, ...] = ()


Node: TypeAlias = "All | AnyOf | Not | InSegment | Compared | Happened"


def leaves(node: Node) -> Iterator[InSegment | Compared | Happened]:
    """Yield the tests and references of a rule, from left to right."""
    if isinstance(node, All | AnyOf):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def segments_in(node: Node) -> set[int]:
    """Return the segments that a rule refers to by itself."""
    return {leaf.segment_id for leaf in leaves(node) if isinstance(leaf, InSegment)}


def replaced(node: Node, rules: dict[int, Node]) -> Node:
    """Return the rule with every reference replaced by the rule of its segment."""
    if isinstance(node, All):
        return All(tuple(replaced(part, rules) for part in node.parts))
    if isinstance(node, AnyOf):
        return AnyOf(tuple(replaced(part, rules) for part in node.parts))
    if isinstance(node, Not):
        return Not(replaced(node.part, rules))
    return rules[node.segment_id] if isinstance(node, InSegment) else node
