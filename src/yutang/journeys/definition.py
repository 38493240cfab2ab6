"""What a playbook may say: triggers, steps, goals, re-entry, as frozen values. `reading.py` makes them from JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from yutang.journeys.parts import (
    Clock,
    Content,
    Days,
    Intent,
    Part,
    PersonChannel,
    Rule,
    StepId,
    Target,
    Text,
    Title,
    Weekday,
)
from yutang.journeys.trigger_kinds import Trigger

#: Version of this language; a later one that reads differently counts up.
FORMAT = 1
MOST_STEPS = 60
#: Targets that every step may name beside the ids of steps.
NEXT, END = "next", "end"


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
    """A post to the group, under the contact policy; in playbooks about groups."""

    do: Literal["post"]
    intent: Intent
    content: Content = ""
    words: Text = ""
    #: After so many days it is of no use; None: as long as the policy is patient.
    useful_days: Annotated[int, Field(ge=1, le=90)] | None = None
    then: Target = NEXT
    if_refused: Target = NEXT

    @model_validator(mode="after")
    def _says_something(self) -> PostStep:
        if bool(self.content) == bool(self.words.strip()):
            raise ValueError("either content or words")
        return self

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        yield from super().targets()
        yield "if_refused", self.if_refused


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
    """The person is invited into a group, by its join code, under the contact policy."""

    do: Literal["join_group"]
    #: What the group is called, or what the names of several begin with; empty: a group of the person's store.
    group: Annotated[str, Field(max_length=80)] = ""
    channel: PersonChannel = "wecom"
    intent: Intent = "value"
    #: What stands before the link; empty: a plain invitation.
    words: Text = ""
    then: Target = NEXT
    if_refused: Target = NEXT

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield (field, target) of every way out of the step."""
        yield from super().targets()
        yield "if_refused", self.if_refused


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
    #: Who goes through it: people, or whole groups of customers.
    subject: Literal["person", "group"] = "person"
    about: Annotated[str, Field(max_length=500)] = ""
    trigger: Trigger
    #: Who may enter; None: everybody to whom the trigger happens. A rule of segments, or one of groups (see `group_rules.py`).
    audience: Rule | None = None
    reentry: Reentry = Reentry()
    #: Share of people, or of whole groups, that get nothing, to compare with.
    holdout_percent: Annotated[int, Field(ge=0, le=50)] = 10
    goal: Goal | None = None
    exits: Annotated[tuple[Exit, ...], Field(max_length=5, strict=False)] = ()
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, max_length=MOST_STEPS, strict=False)]

    @property
    def is_about_groups(self) -> bool:
        """Whether groups go through it."""
        return self.subject == "group"

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
