"""Posts to groups that are only tried: each is decided with those that were tried before it; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence

from yutang.channels.crowds import WHEN_PLANNED, Had, crowd_of
from yutang.channels.models import GroupStanding, TouchState
from yutang.channels.organisation import current_policy
from yutang.channels.rules import Decision, Request, decide


class PostTrial:
    """Decides about posts to some groups as if each that may go out were planned.

    Args:
        group_keys: the groups; a handful of questions, however many they are. Places of the platform's own quota are not looked at,
            because nobody knows today how many are left in weeks.
    """

    def __init__(self, *, group_keys: Sequence[str]) -> None:
        self._policy = current_policy()
        rows = GroupStanding.objects.filter(pk__in=list(group_keys))
        self._crowd = crowd_of(groups=rows, policy=self._policy, counted=WHEN_PLANNED, moments=())

    def decide(self, group_key: str, request: Request) -> Decision | None:
        """Return what the policy would say; None of a group that it does not know."""
        if group_key not in self._crowd.groups:
            return None
        said = decide(request=request, facts=self._crowd.facts_of(group_key, request=request), policy=self._policy)
        if said.at is not None and said.outcome in {"now", "at"}:
            self._crowd.add(
                group_key, Had(said.at, request.channel, request.intent, request.content, TouchState.PLANNED)
            )
        return said
