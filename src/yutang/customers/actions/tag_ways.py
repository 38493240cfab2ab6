"""How a tag is given: by hand or by rule, for good or for some days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from yutang.customers.tag_rules import checked_rule
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_MOST_DAYS = 3_650


class ExpiryIsWrong(DomainError):
    """A given tag ends after a number of days that can be imagined, and only one that is given by hand."""

    code: ClassVar[str] = "expiry_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A tag given by hand may end after 1 to 3650 days. One given by rule has no days: it ends when the rule no longer holds."
    )


class TagsHoldForTheChain(DomainError):
    """Rules, expiry and names of tags hold for people of every store."""

    code: ClassVar[str] = "tags_hold_for_the_chain"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "Rules, days and names of tags hold for every store. Ask somebody who works for all stores, such as the operator."
    )


@dataclass(frozen=True)
class Way:
    """How a tag is given; both None: by hand and for good."""

    rule: dict[str, Any] | None
    expires_after_days: int | None


def checked_way(actor: Actor, rule: dict[str, Any] | None, expires_after_days: int | None) -> Way:
    """Return the way as it is kept.

    Raises:
        RuleIsInvalid: the rule cannot be read.
        ExpiryIsWrong: the days are not 1 to 3,650, or the tag has a rule.
        TagsHoldForTheChain: somebody of single stores asks for a rule or for days.
    """
    if rule is None and expires_after_days is None:
        return Way(None, None)
    require_the_chain(actor)
    if expires_after_days is not None and (rule is not None or not 1 <= expires_after_days <= _MOST_DAYS):
        raise ExpiryIsWrong
    return Way(None if rule is None else checked_rule(rule), expires_after_days)


def require_the_chain(actor: Actor) -> None:
    """Raise `TagsHoldForTheChain` unless the actor may tag people of every store."""
    actor.require("customers.tag")
    if actor.store_ids is not None:
        raise TagsHoldForTheChain
