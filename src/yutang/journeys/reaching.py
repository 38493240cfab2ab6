"""By which ways a playbook reaches people, and whom it reaches by none: they come into neither of its arms."""

from __future__ import annotations

from collections.abc import Sequence

from yutang.channels.queries import Way, reached_by
from yutang.journeys.definition import Definition, JoinGroupStep, MessageStep
from yutang.journeys.occurrences import FRIENDS_ADDED
from yutang.journeys.trigger_kinds import EventTrigger, NewcomerTrigger

#: A human who is asked calls or writes; what the call is for is not told to the contact policy.
_BY_A_HUMAN = (Way("phone", "transactional"), Way("wecom", "transactional"))


def ways_of(definition: Definition) -> frozenset[Way] | None:
    """Return how a playbook reaches people; None where it reaches them in ways that are not known here, or says nothing."""
    ways: set[Way] = set()
    for step in definition.steps:
        if isinstance(step, MessageStep | JoinGroupStep):
            ways.add(Way(step.channel, step.intent))
        elif step.do == "task":
            ways.update(_BY_A_HUMAN)
        elif step.do == "tell":
            # Another system does with it what it can.
            return None
    return frozenset(ways) or None


def makes_friends(definition: Definition) -> bool:
    """Return whether what lets people in makes them friends of a member of staff in WeCom."""
    trigger = definition.trigger
    is_told = isinstance(trigger, EventTrigger) and trigger.event == FRIENDS_ADDED.kind
    return is_told or isinstance(trigger, NewcomerTrigger)


def within_its_reach(
    *, definition: Definition, customer_ids: Sequence[int], is_foreseen: bool = False
) -> frozenset[int]:
    """Return those of some people whom a playbook reaches by at least one of its ways.

    Args:
        definition: of the playbook.
        customer_ids: who. None of them merged.
        is_foreseen: what lets them in has not happened yet: whom it makes a friend is reached as one.
    """
    ways = ways_of(definition)
    if ways is None:
        return frozenset(customer_ids)
    befriends = is_foreseen and makes_friends(definition)
    return reached_by(customer_ids=customer_ids, ways=ways, befriends=befriends)
