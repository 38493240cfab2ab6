"""Rules about groups of customers: which of them may come in, and which way they go at a branch. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from yutang.journeys.parts import Part

#: Facts that are counted, and facts that are one of some codes.
NUMBERS = ("members", "age_days")
CODES = ("standing", "store")
_Codes = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(min_length=1, max_length=50, strict=False)
]


class NumberTest(Part):
    """A number of the group is so large at least, or at most."""

    fact: Literal["members", "age_days"]
    at_least: Annotated[int, Field(ge=0, le=10**6)] | None = None
    at_most: Annotated[int, Field(ge=0, le=10**6)] | None = None


class CodeTest(Part):
    """The group is one of some: by how it stands, or by the stores of its owner."""

    fact: Literal["standing", "store"]
    is_one_of: _Codes


Test = Annotated[NumberTest | CodeTest, Field(discriminator="fact")]


class GroupRule(Part):
    """Tests that must all hold."""

    all: Annotated[tuple[Test, ...], Field(min_length=1, max_length=10, strict=False)]


_READ: TypeAdapter[GroupRule] = TypeAdapter(GroupRule)


@dataclass(frozen=True)
class GroupFacts:
    """What rules may ask about a group.

    Attributes:
        group_key: of the group, as the contact policy knows it.
        name: for people.
        members: customers who are in it. Count.
        standing: one of the contact policy's; ``alive`` where nothing was noted.
        made_at: when it was made; None where that is not known.
        store: codes of its owner's stores.
        store_id: the owner's only store; None where there is none, or more than one.
        owner_id: the owner among the staff; None where nobody said who that is.
        is_known: whether the contact policy knows the group, so that it can be posted to.
    """

    group_key: str
    name: str
    members: int
    standing: str
    made_at: datetime | None
    store: tuple[str, ...]
    store_id: int | None
    owner_id: int | None
    is_known: bool

    def age_days(self, now: datetime) -> int | None:
        """Return how many whole days old it is; None where that is not known."""
        return None if self.made_at is None else (now - self.made_at).days


def fault_of(rule: Mapping[str, Any]) -> str:
    """Return where a rule of groups is wrong, as its fields are called; empty where it is right."""
    try:
        _READ.validate_python(dict(rule))
    except ValidationError as fault:
        return ".".join(str(part) for part in fault.errors(include_url=False)[0]["loc"]) or "all"
    return ""


def fits(rule: Mapping[str, Any], groups: Sequence[GroupFacts], *, now: datetime) -> list[bool]:
    """Return which groups fit a rule, by position."""
    read = _READ.validate_python(dict(rule))
    return [all(_holds(test, group, now) for test in read.all) for group in groups]


def _holds(test: NumberTest | CodeTest, group: GroupFacts, now: datetime) -> bool:
    if isinstance(test, CodeTest):
        present = group.store if test.fact == "store" else (group.standing,)
        return any(code in test.is_one_of for code in present)
    number = group.members if test.fact == "members" else group.age_days(now)
    if number is None:
        return False
    return (test.at_least is None or number >= test.at_least) and (test.at_most is None or number <= test.at_most)
