"""What lets somebody into a playbook, as frozen values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from yutang.journeys.parts import Clock, DateOf, OrderState, Part, Rule, Weekday


class EventTrigger(Part):
    """Something is told that names a person (see docs/events.md)."""

    kind: Literal["event"]
    event: Annotated[str, Field(pattern=r"^[a-z]+\.[A-Za-z]{1,60}$")]
    #: Facts that the event must have.
    where: dict[str, str | int | bool | None] = Field(default_factory=dict)


class SegmentTrigger(Part):
    """Somebody comes to belong to a saved segment."""

    kind: Literal["segment"]
    segment_id: Annotated[int, Field(ge=1, le=2**53)]


class FitsTrigger(Part):
    """Somebody comes to fit a rule, such as one about a score; asked after each scoring."""

    kind: Literal["fits"]
    rule: Rule
    #: Whether those who fit when the playbook starts enter too.
    include_present: bool = False


class StageTrigger(Part):
    """Somebody comes into a stage of life."""

    kind: Literal["stage"]
    to: Annotated[
        tuple[Literal["prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost"], ...],
        Field(min_length=1, strict=False),
    ]
    include_present: bool = False


class DateTrigger(Part):
    """So many days before (below 0) or after a day of the person; a birthday comes round every year."""

    kind: Literal["date"]
    of: DateOf
    days: Annotated[int, Field(ge=-365, le=3_650)] = 0
    #: Every year on the day; a birthday always is.
    yearly: bool = False


class OrderTrigger(Part):
    """An order comes to a state."""

    kind: Literal["order"]
    state: OrderState
    least_minor: Annotated[int, Field(ge=0, le=10**12)] = 0
    most_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    #: Only the first order of a person.
    first: bool = False


class WordTrigger(Part):
    """Somebody writes one of these words."""

    kind: Literal["word"]
    words: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=40)], ...],
        Field(min_length=1, max_length=40, strict=False),
    ]


class ScheduleTrigger(Part):
    """A time comes round, for everybody in the audience."""

    kind: Literal["schedule"]
    every: Literal["day", "week", "month"]
    time: Clock
    weekday: Weekday = "monday"
    #: Of the month; a shorter month has it on its last day.
    day: Annotated[int, Field(ge=1, le=31)] = 1


class HandTrigger(Part):
    """Somebody is put in by hand, or by another program."""

    kind: Literal["hand"]


class NewcomerTrigger(Part):
    """Somebody becomes a friend in WeCom; where no WeCom is connected, the day on which they are first seen."""

    kind: Literal["newcomer"]
    #: Facts of the new friendship (see `occurrences.py`).
    where: dict[str, str | int | bool | None] = Field(default_factory=dict)


class GroupFoundTrigger(Part):
    """A group of customers becomes known that was made a short while ago."""

    kind: Literal["group_found"]
    #: How long ago it may have been made: a full look finds all groups that there are.
    made_within_days: Annotated[int, Field(ge=1, le=365)] = 7


class GroupStandingTrigger(Part):
    """A group comes to stand otherwise: it is tired, dead, or alive again."""

    kind: Literal["group_standing"]
    to: Annotated[tuple[Literal["alive", "fatigued", "dead"], ...], Field(min_length=1, strict=False)]


Trigger = Annotated[
    EventTrigger
    | SegmentTrigger
    | FitsTrigger
    | StageTrigger
    | DateTrigger
    | OrderTrigger
    | WordTrigger
    | ScheduleTrigger
    | HandTrigger
    | NewcomerTrigger
    | GroupFoundTrigger
    | GroupStandingTrigger,
    Field(discriminator="kind"),
]

#: Triggers that happen to one of them alone; the others may happen to both.
OF_PEOPLE = frozenset({"event", "segment", "fits", "stage", "date", "order", "word", "newcomer"})
OF_GROUPS = frozenset({"group_found", "group_standing"})
