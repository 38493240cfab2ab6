"""Whom a campaign is for: people who fit a rule, or a list of people or groups that was frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np

from yutang.channels.columns import Ints
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.insight.lake_reading import business_today
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.queries import checked_rule, people_of

_LONGEST_KEY = 64
MOST_PEOPLE, MOST_GROUPS = 1_000_000, 20_000


class AudienceIsWrong(DomainError):
    """Nobody can tell whom it is for."""

    code: ClassVar[str] = "audience_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The audience is not clear: give the rule of a segment, everybody, a list of customers, or a list of groups, each named once."
    )


@dataclass(frozen=True)
class Audience:
    """One of the four."""

    rule: Mapping[str, Any] | None = None
    everybody: bool = False
    people: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def is_of_groups(self) -> bool:
        """Whether it names groups."""
        return bool(self.groups)


def audience_from(told: Mapping[str, Any]) -> Audience:
    """Return an audience as it was told.

    Raises:
        AudienceIsWrong: it is none.
        RuleIsWrong: the rule cannot be read.
    """
    if set(told) == {"rule"}:
        return Audience(rule=checked_rule(told["rule"]))
    if dict(told) == {"everybody": True}:
        return Audience(everybody=True)
    if set(told) == {"people"} and _are(told["people"], int, MOST_PEOPLE):
        return Audience(people=tuple(told["people"]))
    if set(told) == {"groups"} and _are(told["groups"], str, MOST_GROUPS):
        return Audience(groups=tuple(told["groups"]))
    raise AudienceIsWrong


def people_in(audience: Audience, *, access: Actor, now: datetime) -> Ints:
    """Return the people of an audience as it is now. Shape (n,)."""
    if audience.everybody:
        return _everybody(access)
    if audience.rule is None:
        return np.asarray(audience.people, dtype=np.int64)
    found = people_of(access=access, rule=audience.rule, today=business_today(now))
    return np.asarray(found.people, dtype=np.int64)


def _everybody(access: Actor) -> Ints:
    rows = Customer.objects.filter(merged_into=None).order_by()
    if access.store_ids is not None:
        rows = rows.filter(store_id__in=access.store_ids)
    return np.fromiter(rows.values_list("pk", flat=True).iterator(chunk_size=50_000), dtype=np.int64)


def _are(values: Any, kind: type, most: int) -> bool:
    if (
        not isinstance(values, (list, tuple))
        or not 0 < len(values) <= most
        or len(set(map(str, values))) != len(values)
    ):
        return False
    if kind is int:
        return all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**62 for one in values)
    return all(isinstance(one, str) and 0 < len(one) <= _LONGEST_KEY for one in values)
