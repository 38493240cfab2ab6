"""Who fits a rule, asked once for everybody and kept while a piece of work lasts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import business_today
from yutang.journeys.groups import GroupBook
from yutang.segments.member_sets import Keys
from yutang.segments.queries import people_of


class RuleSets:
    """Answers of rules as of one instant. Nothing is asked twice."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._found: dict[str, Keys] = {}

    @cached_property
    def groups(self) -> GroupBook:
        """Groups of customers, and which of them fit rules of their own."""
        return GroupBook(now=self._now)

    def people(self, rule: dict[str, Any]) -> Keys:
        """Return everybody who fits, ascending.

        Raises:
            NoSuchSegment: the rule asks for a segment that is not there.
            FiguresAreNotReady: the lake does not hold yet what rules ask about.
        """
        told = json.dumps(rule, sort_keys=True)
        if told not in self._found:
            self._found[told] = people_of(access=Actor.system(), rule=rule, today=business_today(self._now)).people
        return self._found[told]

    def fits(self, rule: dict[str, Any], customer_ids: Sequence[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return who of some people fits; shape (n,), aligned by position."""
        return np.isin(np.asarray(customer_ids, dtype=np.int64), self.people(rule))
