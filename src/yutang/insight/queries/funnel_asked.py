"""What can be asked of a funnel, and what it tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Literal
from urllib.parse import quote, unquote

from yutang.insight.methods.funnel import IntArray
from yutang.insight.queries.change import UnknownBreakdown
from yutang.insight.queries.dashboard import Period
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

#: Kind of a step that a sale takes. Kinds of events hold no colon.
SALE = "order:paid"
LEAST_STEPS, MOST_STEPS = 2, 8
SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(minutes=1), timedelta(days=366)
#: Length of the longest period. Days.
LONGEST_PERIOD = 1_096
FunnelBy = Literal["all", "store", "channel"]
FUNNEL_BY: tuple[FunnelBy, ...] = ("all", "store", "channel")
#: Who of a step is listed: everybody who took it, or who took no further one.
FunnelSide = Literal["took", "stopped"]
FUNNEL_SIDES: tuple[FunnelSide, ...] = ("took", "stopped")
#: A step as text: kind, and perhaps the key of a store and a channel.
_STEP = re.compile(rf"([a-z][a-z0-9_]{{0,39}}|{SALE})(?:@(\d{{1,18}}))?(?:~([^~@,\s]{{1,400}}))?")
_WINDOW = re.compile(r"([1-9]\d{0,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class FunnelIsWrong(DomainError):
    """No funnel can be made of what is asked; what of it is wrong is said by one of the errors below."""

    code: ClassVar[str] = "funnel_is_wrong"
    http_status: ClassVar[int] = 422


class FunnelStepIsWrong(FunnelIsWrong):
    """A text means no step."""

    code: ClassVar[str] = "funnel_step_is_wrong"
    message: ClassVar[str] = N_(
        "“%(step)s” is no step of a funnel. Write a kind of event or order:paid, such as viewed, viewed@3 or order:paid~own."
    )


class FunnelStepsAreWrong(FunnelIsWrong):
    """There are too few steps, or too many."""

    code: ClassVar[str] = "funnel_steps_are_wrong"
    message: ClassVar[str] = N_("A funnel has %(least)s to %(most)s steps; there are %(steps)s.")


class FunnelWindowIsWrong(FunnelIsWrong):
    """The window is none, too short or too long."""

    code: ClassVar[str] = "funnel_window_is_wrong"
    message: ClassVar[str] = N_("“%(window)s” is no window of a funnel. Write 1m to 366d: minutes m, hours h, days d.")


class FunnelPeriodIsWrong(FunnelIsWrong):
    """The period is too short or too long."""

    code: ClassVar[str] = "funnel_period_is_wrong"
    message: ClassVar[str] = N_("A funnel looks at 1 to %(longest)s days; there are %(days)s.")


class FunnelHasNoSuchStep(FunnelIsWrong):
    """The funnel has fewer steps."""

    code: ClassVar[str] = "funnel_has_no_such_step"
    message: ClassVar[str] = N_("This funnel has %(steps)s steps; %(step)s is none of them.")


@dataclass(frozen=True)
class FunnelStep:
    """One step.

    Attributes:
        kind: of event, as the other system calls it; `SALE` for a sale.
        store_id: only what happened in this store; None: anywhere.
        channel: only through it: the system that saw the event, ``platform/channel`` of a sale; None: any.
    """

    kind: str
    store_id: int | None = None
    channel: str | None = None

    @classmethod
    def read(cls, text: str) -> FunnelStep:
        """Return the step that a text means: ``viewed``, ``viewed@3``, ``order:paid~own%2Flive``, ``order:paid@3~own%2Flive``.

        Raises:
            FunnelStepIsWrong: it means none.
        """
        found = _STEP.fullmatch(text)
        if found is None:
            raise FunnelStepIsWrong(step=text[:60])
        kind, store, channel = found.groups()
        return cls(kind, int(store) if store else None, unquote(channel) if channel else None)

    @property
    def text(self) -> str:
        """The step as a text that `read` reads."""
        store = "" if self.store_id is None else f"@{self.store_id}"
        return f"{self.kind}{store}" + ("" if self.channel is None else f"~{quote(self.channel, safe='')}")


@dataclass(frozen=True)
class FunnelAsked:
    """What is asked.

    Attributes:
        steps: in their order, `LEAST_STEPS` to `MOST_STEPS`.
        within: from the first step to the last, inclusive.
        period: business days in which all of it happened.
        by: what groups are made by: store or channel of the event with which somebody began.
        store_ids: only what happened in these stores; None: in all within reach, and for the whole chain in none.
        people: only these customers, rising keys; None: everybody.
    """

    steps: tuple[FunnelStep, ...]
    within: timedelta
    period: Period
    by: FunnelBy = "all"
    store_ids: tuple[int, ...] | None = None
    people: IntArray | None = None

    @property
    def again(self) -> tuple[bool, ...]:
        """For each step whether an earlier one asks for the same kind: it takes only what happened later than the step before."""
        return tuple(any(one.kind == step.kind for one in self.steps[:place]) for place, step in enumerate(self.steps))


@dataclass(frozen=True)
class FunnelStage:
    """One step and who took it.

    Attributes:
        step: the step.
        people: who took it. Count.
        first_ratio: of those who took the first step. 0-1; None of nobody.
        before_ratio: of those who took the step before. 0-1; None for the first step, and of nobody.
        median_seconds: half of them took it within so long after the step before. Seconds; None for the first step, and without anybody.
    """

    step: FunnelStep
    people: int
    first_ratio: float | None
    before_ratio: float | None
    median_seconds: float | None


@dataclass(frozen=True)
class FunnelGroup:
    """People who began in one store, or through one channel.

    Attributes:
        key: of the store, or the channel; None for what belongs to none.
        name: what it is called.
        stages: one for each step.
    """

    key: str | None
    name: Sentence | str
    stages: tuple[FunnelStage, ...]


@dataclass(frozen=True)
class Funnel:
    """How far people came.

    Attributes:
        asked: what was asked.
        stages: one for each step, over everybody.
        groups: those with the most people first; empty where none were asked for.
        other_groups: how many more there are. Count.
        lake_written_at: instant of the facts (UTC, ISO 8601); empty where the lake was never written.
    """

    asked: FunnelAsked
    stages: tuple[FunnelStage, ...]
    groups: tuple[FunnelGroup, ...]
    other_groups: int
    lake_written_at: str

    @property
    def people(self) -> int:
        """Who took the first step. Count."""
        return self.stages[0].people

    @property
    def whole_ratio(self) -> float | None:
        """Who took the last step, of those who took the first. 0-1; None of nobody."""
        return self.stages[-1].first_ratio


@dataclass(frozen=True)
class FunnelPeople:
    """One page of the people of a step.

    Attributes:
        steps: how many steps each took, ``{customer: steps}``, the newest customer first.
        count: within reach, over all pages. Count.
        elsewhere: who stands behind the figure and is not within reach, or was deleted. Count.
        next_key: ask for the next page with it; None on the last.
    """

    steps: Mapping[int, int]
    count: int
    elsewhere: int
    next_key: str | None


@dataclass(frozen=True)
class KindSeen:
    """A kind of event that can be a step: which systems saw it, how often, and when last."""

    kind: str
    sources: tuple[str, ...]
    events: int
    last_date: date


def window_read(text: str) -> timedelta:
    """Return the window that a text means: ``30m``, ``12h``, ``7d``.

    Raises:
        FunnelWindowIsWrong: it means none that a funnel can have.
    """
    found = _WINDOW.fullmatch(text)
    within = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not SHORTEST_WINDOW <= within <= LONGEST_WINDOW:
        raise FunnelWindowIsWrong(window=text[:20])
    return within


def require_whole(asked: FunnelAsked) -> None:
    """Raise `FunnelIsWrong` or `UnknownBreakdown` where nothing can be made of what is asked."""
    days = (asked.period.end - asked.period.start).days
    if not LEAST_STEPS <= len(asked.steps) <= MOST_STEPS:
        raise FunnelStepsAreWrong(least=LEAST_STEPS, most=MOST_STEPS, steps=len(asked.steps))
    if not all(step.kind for step in asked.steps):
        raise FunnelStepIsWrong(step="")
    if not SHORTEST_WINDOW <= asked.within <= LONGEST_WINDOW:
        raise FunnelWindowIsWrong(window=str(asked.within))
    if not 1 <= days <= LONGEST_PERIOD:
        raise FunnelPeriodIsWrong(longest=LONGEST_PERIOD, days=days)
    if asked.by not in FUNNEL_BY:
        raise UnknownBreakdown(asked=asked.by, known=", ".join(FUNNEL_BY))
