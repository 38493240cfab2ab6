"""Groups of customers as playbooks see them: read once for all, and kept while a piece of work lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from yutang.channels.queries import standing_of_every_group
from yutang.journeys import group_rules
from yutang.journeys.group_rules import GroupFacts
from yutang.wecom.queries import known_groups

_ALIVE = "alive"


class GroupBook:
    """What is known of all living groups as of one instant. A handful of questions, however many there are."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now

    @cached_property
    def facts(self) -> Mapping[str, GroupFacts]:
        """Every living group by key."""
        standings = standing_of_every_group()
        return {
            one.chat_id: GroupFacts(
                group_key=one.chat_id,
                name=one.name,
                members=one.members,
                standing=standings.get(one.chat_id, _ALIVE),
                made_at=one.made_at,
                store=tuple(code for _key, code in one.stores),
                store_id=one.stores[0][0] if len(one.stores) == 1 else None,
                owner_id=one.staff_id,
                is_known=one.chat_id in standings,
            )
            for one in known_groups()
        }

    def fits(self, rule: Mapping[str, Any], keys: Sequence[str]) -> list[bool]:
        """Return which of some groups fit a rule, by position; one that is gone fits none."""
        there = [self.facts[key] for key in keys if key in self.facts]
        found = dict(zip((one.group_key for one in there), group_rules.fits(rule, there, now=self._now), strict=True))
        return [found.get(key, False) for key in keys]
