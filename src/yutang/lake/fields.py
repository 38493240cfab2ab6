"""What rules may ask of people: facts over the published tables, declared by the rooms that publish them.

The registries stand here, below every room, because a fact belongs to the room whose table holds it while the rules that
ask for it live far above. A room declares its facts in its `segment_fields` module; where the rows come from is a named
query, so that rules never name a table or a column by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from yutang.kit.registry import Registry
from yutang.kit.text import Sentence

FieldKind = Literal["number", "money", "date", "flag", "choice", "members", "text"]


@dataclass(frozen=True)
class Field:
    """One fact about a person, or one property of something that happened.

    Attributes:
        name: what rules call it, for ever.
        title: what a person reads, marked with `N_`.
        kind: what it is: a whole number, an amount of minor units, a day, yes or no, one of several values, any number
            of values (a row for each), a text.
        column: column of the source that holds it.
        group: heading under which it is offered, marked with `N_`.
        source: named query with `customer_id` and the column: one row a person, for `members` one a person and value;
            empty for a property of something that happened.
        choices: values and what a person reads for them; empty where any value goes or `lookup` names them.
        lookup: a list of the operational store whose keys are the values: ``stores``, ``regions``, ``tags``.
        unit: what a number counts, marked with `N_`.
    """

    name: str
    title: str
    kind: FieldKind
    column: str
    group: str = ""
    source: str = ""
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    lookup: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Happening:
    """Something that happens to people any number of times, each time on a day.

    Attributes:
        name: what rules call it, for ever.
        title: what a person reads, in the plural, marked with `N_`.
        source: named query with `customer_id`, the day and the columns below: one row each time.
        day: column of the business day.
        measures: numbers that add up, by name; ``times`` and ``days`` exist for all.
        currency: column of the currency in which measures of money are; empty where there are none.
        properties: what a rule may narrow it to.
    """

    name: str
    title: str
    source: str
    day: str = "business_date"
    measures: tuple[Field, ...] = ()
    currency: str = ""
    properties: tuple[Field, ...] = ()

    def property_named(self, name: str) -> Field | None:
        """Return one of the properties; None where there is none of the name."""
        return next((one for one in self.properties if one.name == name), None)

    def measure_named(self, name: str) -> Field | None:
        """Return one of the measures; None where there is none of the name."""
        return next((one for one in self.measures if one.name == name), None)


FIELDS: Registry[Field] = Registry(what="fields of rules", name_of=lambda one: one.name)
HAPPENINGS: Registry[Happening] = Registry(what="happenings of rules", name_of=lambda one: one.name)
