"""By which ways a playbook reaches people, and to whom it might say nothing: they come into neither of its arms."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from yutang.channels.queries import Way, reached_by
from yutang.journeys.definition import Definition, JoinGroupStep, MessageStep, WaitForStep
from yutang.journeys.occurrences import FRIENDS_ADDED
from yutang.journeys.trigger_kinds import EventTrigger, NewcomerTrigger

#: A human who is asked calls or writes; what the call is for is not told to the contact policy.
_BY_A_HUMAN = frozenset({Way("phone", "transactional"), Way("wecom", "transactional")})


def makes_friends(definition: Definition) -> bool:
    """Return whether what lets people in makes them friends of a member of staff in WeCom."""
    trigger = definition.trigger
    is_told = isinstance(trigger, EventTrigger) and trigger.event == FRIENDS_ADDED.kind
    return is_told or isinstance(trigger, NewcomerTrigger)


def speaks_to(definition: Definition, *, ways: Collection[Way]) -> bool:
    """Return whether a playbook says something to whom these ways reach, on every course through it that says anything.

    A course takes one way out of each branch, split and wait. Where what was waited for happened, it begins anew: who ordered before
    the call was not left out of it.
    """
    return _Courses(definition, ways).speak(definition.steps[0].id, is_due=False)


def within_its_reach(
    *, definition: Definition, customer_ids: Sequence[int], is_foreseen: bool = False
) -> frozenset[int]:
    """Return those of some people to whom a playbook says something, whichever course through it they take.

    Args:
        definition: of the playbook.
        customer_ids: who. None of them merged.
        is_foreseen: what lets them in has not happened yet: whom it makes a friend is reached as one.
    """
    if speaks_to(definition, ways=()):
        return frozenset(customer_ids)
    befriends = is_foreseen and makes_friends(definition)
    reached = reached_by(customer_ids=customer_ids, ways=_ways_of(definition), befriends=befriends)
    # People are many, ways few: those whom the same ways reach are asked about together.
    alike = {frozenset[Way](): frozenset(customer_ids)}
    for way, people in reached.items():
        parts = [
            part for ways, some in alike.items() for part in ((ways | {way}, some & people), (ways, some - people))
        ]
        alike = {ways: some for ways, some in parts if some}
    return frozenset().union(*(some for ways, some in alike.items() if speaks_to(definition, ways=ways)))


class _Courses:
    """What a playbook says to whom some ways reach."""

    def __init__(self, definition: Definition, ways: Collection[Way]) -> None:
        self._definition, self._ways = definition, ways
        self._known: dict[tuple[str, bool], bool] = {}

    def speak(self, step_id: str, *, is_due: bool) -> bool:
        """Return whether every course from a step on that says anything says it to them.

        Args:
            step_id: empty for the end.
            is_due: a step before was to say something and does not reach them.
        """
        if (step_id, is_due) not in self._known:
            self._known[step_id, is_due] = self._speaks(step_id, is_due) if step_id else not is_due
        return self._known[step_id, is_due]

    def _speaks(self, step_id: str, is_due: bool) -> bool:
        step = self._definition.step(step_id)
        if step.do == "tell":
            # Another system does with it what it can.
            return True
        if isinstance(step, MessageStep | JoinGroupStep):
            return Way(step.channel, step.intent) in self._ways or self._on(step_id, step.if_refused, is_due=True)
        if step.do == "task":
            return not _BY_A_HUMAN.isdisjoint(self._ways) or self._on(step_id, step.then, is_due=True)
        if isinstance(step, WaitForStep):
            happened = self._on(step_id, step.then, is_due=False)
            return happened and self._on(step_id, step.otherwise, is_due=is_due)
        targets = [named for _field, named in step.targets()]
        return all(self._on(step_id, named, is_due=is_due) for named in targets) if targets else not is_due

    def _on(self, step_id: str, named: str, *, is_due: bool) -> bool:
        return self.speak(self._definition.target(step_id, named), is_due=is_due)


def _ways_of(definition: Definition) -> frozenset[Way]:
    steps = [step for step in definition.steps if isinstance(step, MessageStep | JoinGroupStep)]
    said = frozenset(Way(step.channel, step.intent) for step in steps)
    return said | _BY_A_HUMAN if any(step.do == "task" for step in definition.steps) else said
