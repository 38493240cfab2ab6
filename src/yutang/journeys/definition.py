"""What a playbook may say: triggers, steps, goals, re-entry, as frozen values. `reading.py` makes them from JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Version of this language; a later one that reads differently counts up.
FORMAT = 1
MOST_STEPS = 60
#: Targets that every step may name beside the ids of steps.
NEXT, END = "next", "end"

PersonChannel = Literal["wecom", "sms", "email", "phone"]
Intent = Literal["transactional", "service", "value", "research", "promotion"]
StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Target = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Title = Annotated[str, Field(max_length=80)]
Text = Annotated[str, Field(max_length=2_000)]
#: ``content:<id>:<version>`` of the library.
Content = Annotated[str, Field(pattern=r"^(|content:[0-9]{1,18}(:[0-9]{1,9})?)$")]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Days = Annotated[int, Field(ge=0, le=3_650)]
Rule = dict[str, Any]
DateOf = Literal["birthday", "first_order", "last_order", "first_seen", "next_order"]
OrderState = Literal["placed", "paid", "shipped", "completed", "refunded"]


class Part(BaseModel):
    """One part of a definition: nothing that is not named, nothing that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class EventTrigger(Part):
    """Something is told that names a person (see docs/events.md)."""

    kind: Literal["event"]
    event: Annotated[str, Field(pattern=r"^[a-z]+\.[A-Za-z]{1,60}$")]
    #: Facts that the event must have.
    where: dict[str, str | int | bool | None] = {}


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


Trigger = Annotated[
    EventTrigger
    | SegmentTrigger
    | FitsTrigger
    | StageTrigger
    | DateTrigger
    | OrderTrigger
    | WordTrigger
    | ScheduleTrigger
    | HandTrigger,
    Field(discriminator="kind"),
]


class Step(Part):
    """What all steps have."""

    id: StepId
    title: Title = ""

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        yield "then", getattr(self, "then", NEXT)


class Instead(Part):
    """Something useful that goes out where a promotion may not yet."""

    content: Content = ""
    words: Text = ""


class MessageStep(Step):
    """A message to the person, under the contact policy."""

    do: Literal["message"]
    channel: PersonChannel
    intent: Intent
    content: Content = ""
    words: Text = ""
    subject: Annotated[str, Field(max_length=200)] = ""
    instead: Instead | None = None
    #: After so many days it is of no use; None: as long as the policy is patient.
    useful_days: Annotated[int, Field(ge=1, le=90)] | None = None
    then: Target = NEXT
    if_refused: Target = NEXT

    @model_validator(mode="after")
    def _says_something(self) -> MessageStep:
        if bool(self.content) == bool(self.words.strip()):
            raise ValueError("either content or words")
        return self

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        yield from super().targets()
        yield "if_refused", self.if_refused


class PostStep(Step):
    """A post to the group of the person."""

    do: Literal["post"]
    intent: Intent
    content: Content = ""
    words: Text = ""
    then: Target = NEXT


class TagStep(Step):
    """The person gets a tag, or loses it."""

    do: Literal["tag", "untag"]
    group: Annotated[str, Field(min_length=1, max_length=60)]
    tag: Annotated[str, Field(min_length=1, max_length=60)]
    then: Target = NEXT


class TaskStep(Step):
    """Somebody of the staff is asked to do something, on today's list."""

    do: Literal["task"]
    words: Annotated[str, Field(min_length=1, max_length=300)]
    then: Target = NEXT


class TellStep(Step):
    """Other systems are told."""

    do: Literal["tell"]
    note: Annotated[str, Field(min_length=1, max_length=80)]
    then: Target = NEXT


class CouponStep(Step):
    """The person gets a coupon."""

    do: Literal["coupon"]
    coupon: Annotated[str, Field(min_length=1, max_length=80)]
    then: Target = NEXT


class JoinGroupStep(Step):
    """The person is led into a group."""

    do: Literal["join_group"]
    group: Annotated[str, Field(min_length=1, max_length=80)]
    then: Target = NEXT


class WaitStep(Step):
    """So long a time passes."""

    do: Literal["wait"]
    days: Days = 0
    hours: Annotated[int, Field(ge=0, le=1_000)] = 0
    minutes: Annotated[int, Field(ge=0, le=10_000)] = 0
    then: Target = NEXT

    @model_validator(mode="after")
    def _waits(self) -> WaitStep:
        if not (self.days or self.hours or self.minutes):
            raise ValueError("a length above 0")
        return self


class WaitUntilStep(Step):
    """Until the clock of the organisation shows a time, on a weekday where one is named."""

    do: Literal["wait_until"]
    time: Clock
    weekday: Weekday | None = None
    then: Target = NEXT


class WaitForStep(Step):
    """Until something happens, or a time is over."""

    do: Literal["wait_for"]
    happening: Literal["order", "event", "word"]
    event: Annotated[str, Field(pattern=r"^(|[a-z]+\.[A-Za-z]{1,60})$")] = ""
    words: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=40, strict=False)
    ] = ()
    at_most_days: Annotated[int, Field(ge=1, le=365)]
    then: Target = NEXT
    otherwise: Target = NEXT

    @model_validator(mode="after")
    def _is_told(self) -> WaitForStep:
        if (self.happening == "event") != bool(self.event) or (self.happening == "word") != bool(self.words):
            raise ValueError("what it waits for")
        return self

    @property
    def waits_for(self) -> str:
        """What stands in the enrolment while somebody waits here."""
        return self.event or self.happening

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        yield from super().targets()
        yield "otherwise", self.otherwise


class BranchWay(Part):
    """One way of a branch: who fits the rule goes it."""

    title: Title = ""
    rule: Rule
    then: Target


class BranchStep(Step):
    """The first way whose rule the person fits."""

    do: Literal["branch"]
    ways: Annotated[tuple[BranchWay, ...], Field(min_length=1, max_length=8, strict=False)]
    otherwise: Target = NEXT

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        for place, way in enumerate(self.ways):
            yield f"ways[{place}].then", way.then
        yield "otherwise", self.otherwise


class SplitWay(Part):
    """One way of a split, with its share."""

    title: Title = ""
    percent: Annotated[int, Field(ge=1, le=100)]
    then: Target


class SplitStep(Step):
    """By chance, in shares; the same person always falls into the same one."""

    do: Literal["split"]
    ways: Annotated[tuple[SplitWay, ...], Field(min_length=2, max_length=8, strict=False)]

    @model_validator(mode="after")
    def _is_whole(self) -> SplitStep:
        if sum(way.percent for way in self.ways) != 100:
            raise ValueError("shares that are 100 together")
        return self

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        for place, way in enumerate(self.ways):
            yield f"ways[{place}].then", way.then


class EndStep(Step):
    """Here it is over."""

    do: Literal["end"]

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: no way leads out."""
        return iter(())


AnyStep = Annotated[
    MessageStep
    | PostStep
    | TagStep
    | TaskStep
    | TellStep
    | CouponStep
    | JoinGroupStep
    | WaitStep
    | WaitUntilStep
    | WaitForStep
    | BranchStep
    | SplitStep
    | EndStep,
    Field(discriminator="do"),
]


class Goal(Part):
    """What the playbook is for: who reaches it leaves."""

    kind: Literal["order"]


class RuleExit(Part):
    """Who comes to fit a rule leaves before the next step."""

    kind: Literal["rule"]
    rule: Rule


class ComplaintExit(Part):
    """Who has an open complaint leaves before the next step."""

    kind: Literal["complaint"]


Exit = Annotated[RuleExit | ComplaintExit, Field(discriminator="kind")]


class Reentry(Part):
    """Whether somebody may come in again: never, or so many days after they last came in."""

    kind: Literal["never", "after_days"] = "never"
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None

    @model_validator(mode="after")
    def _has_days(self) -> Reentry:
        if (self.kind == "after_days") != (self.days is not None):
            raise ValueError("days where it is after days")
        return self


class Definition(Part):
    """A whole playbook."""

    format: Literal[1]
    about: Annotated[str, Field(max_length=500)] = ""
    trigger: Trigger
    #: Who may enter; None: everybody to whom the trigger happens.
    audience: Rule | None = None
    reentry: Reentry = Reentry()
    #: Share of people that get nothing, to compare with.
    holdout_percent: Annotated[int, Field(ge=0, le=50)] = 10
    goal: Goal | None = None
    exits: Annotated[tuple[Exit, ...], Field(max_length=5, strict=False)] = ()
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, max_length=MOST_STEPS, strict=False)]

    def step(self, step_id: str) -> AnyStep:
        """Return a step by its id."""
        return next(one for one in self.steps if one.id == step_id)

    def place_of(self, step_id: str) -> int:
        """Return where a step stands in the list, from 0."""
        return next(place for place, one in enumerate(self.steps) if one.id == step_id)

    def target(self, step_id: str, named: str) -> str:
        """Return the id of the step that a way leads to; empty where it leads to the end."""
        if named == END:
            return ""
        if named != NEXT:
            return named
        following = self.place_of(step_id) + 1
        return self.steps[following].id if following < len(self.steps) else ""

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield (step, field, step that it leads to or empty) of every way."""
        for one in self.steps:
            for field, named in one.targets():
                yield one.id, field, self.target(one.id, named)
