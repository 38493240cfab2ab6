"""Whom some ways reach at all, whatever caps and hours say: an address, for WeCom a friend among staff, and no consent that lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from yutang.channels.crowds import ADDRESS_OF
from yutang.channels.delivery.books import wecom_book
from yutang.channels.organisation import current_policy
from yutang.channels.policy import PURPOSE_OF
from yutang.customers.models import Consent, ConsentChannel, Identifier

#: People of one question.
_AT_ONCE = 10_000


class Way(NamedTuple):
    """By which channel something goes, and what for."""

    channel: str
    intent: str


def reached_by(
    *, customer_ids: Sequence[int], ways: Collection[Way], befriends: bool = False
) -> dict[Way, frozenset[int]]:
    """Return, for each of some ways, those of some people whom it reaches.

    Args:
        customer_ids: who. None of them merged.
        ways: how one would write to them.
        befriends: what happens to them makes them friends of a member of staff, so that who has an id of WeCom is reached there.
    """
    found: dict[Way, set[int]] = {way: set() for way in ways}
    keys = sorted(set(customer_ids)) if found else []
    for start in range(0, len(keys), _AT_ONCE):
        for way, reached in _reached(keys[start : start + _AT_ONCE], set(found), befriends=befriends):
            found[way] |= reached
    return {way: frozenset(reached) for way, reached in found.items()}


def _reached(customer_ids: Sequence[int], ways: Collection[Way], *, befriends: bool) -> Iterator[tuple[Way, set[int]]]:
    at = _addresses(customer_ids, {ADDRESS_OF[way.channel] for way in ways})
    said = _said(customer_ids, {PURPOSE_OF[way.intent] for way in ways if way.intent in PURPOSE_OF})
    book = wecom_book() if at.get("wecom") and not befriends else None
    if book is not None:
        at["wecom"] &= book.befriended_of(at["wecom"])
    policy = current_policy()
    for way in ways:
        there = at[ADDRESS_OF[way.channel]]
        if way.intent not in PURPOSE_OF:
            yield way, there
            continue
        words = said.get((PURPOSE_OF[way.intent], way.channel), {})
        agreed = {key for key, granted in words.items() if granted}
        needs_yes = policy.needs_yes(channel=way.channel, intent=way.intent)
        yield way, there & agreed if needs_yes else there - (words.keys() - agreed)


def _addresses(customer_ids: Sequence[int], kinds: Collection[str]) -> dict[str, set[int]]:
    at: dict[str, set[int]] = {kind: set() for kind in kinds}
    rows = Identifier.objects.filter(customer_id__in=customer_ids, kind__in=sorted(kinds)).order_by()
    for kind, customer_id in rows.values_list("kind", "customer_id"):
        at[kind].add(customer_id)
    return at


def _said(customer_ids: Sequence[int], purposes: Collection[str]) -> dict[tuple[str, str], dict[int, bool]]:
    """Return the latest word of each person by purpose and channel; a word for any channel is one for each."""
    said: dict[tuple[str, str], dict[int, bool]] = {}
    if not purposes:
        return said
    rows = Consent.objects.filter(customer_id__in=customer_ids, purpose__in=sorted(purposes))
    columns = ("customer_id", "purpose", "channel", "granted")
    for customer_id, purpose, channel, granted in rows.order_by("occurred_at", "id").values_list(*columns):
        for each in ADDRESS_OF if channel == ConsentChannel.ANY else (channel,):
            said.setdefault((purpose, each), {})[customer_id] = granted
    return said
