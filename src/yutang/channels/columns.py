"""The decision of `rules.py` for many at once: facts and decisions as columns, the same answer person by person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yutang.channels.hours import open_spans
from yutang.channels.policy import CHANNELS, GROUP_CHANNEL, INTENTS, SHARE_DAYS, Cap, Policy
from yutang.channels.rules import GIVES_WAY_TO_VALUE, OUTCOMES, STANDINGS, Request
from yutang.channels.wording import REASONS

Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
#: Earlier than anything, and later than anything that is waited for; sums with windows stay in range.
NONE_YET = np.int64(-(2**61))
_NEVER = np.int64(2**61)

_OUTCOME = {name: np.int8(place) for place, name in enumerate(OUTCOMES)}
_REASON = {name: np.int16(place) for place, name in enumerate(REASONS)}
_CHANNEL = {name: place for place, name in enumerate(CHANNELS)}
_INTENT = {name: place for place, name in enumerate(INTENTS)}
_STANDING = {name: place for place, name in enumerate(STANDINGS)}


@dataclass(frozen=True)
class FactColumns:
    """Facts about n people or groups, aligned by position; instants are microseconds since 1970 (UTC).

    Attributes:
        joined_at: since when known. Shape (n,).
        zone: place of the time zone among `zones`. Shape (n,).
        zones: names of time zones.
        is_reachable: there is an address for the channel. Shape (n,).
        said: latest word on the purpose of the request, by the channel: 1 yes, -1 no, 0 none. Shape (n,).
        said_of_value: the same for the purpose of useful content. Shape (n,).
        value_touches: useful messages sent, ever. Shape (n,).
        has_complaint: one is open. Shape (n,).
        mood_fell_at: `NONE_YET` where it did not. Shape (n,).
        had_content_at: `NONE_YET` where they never had it. Shape (n,).
        standing: place among `rules.STANDINGS`. Shape (n,).
        standing_since: `NONE_YET` where nobody noted it. Shape (n,).
        quota_free_at: `NONE_YET` where the platform's quota has a place. Shape (n,).
        contacts: messages of the last 30 days and planned ones.
    """

    joined_at: Ints
    zone: NDArray[np.int16]
    zones: tuple[str, ...]
    is_reachable: Flags
    said: Small
    said_of_value: Small
    value_touches: Ints
    has_complaint: Flags
    mood_fell_at: Ints
    had_content_at: Ints
    standing: Small
    standing_since: Ints
    quota_free_at: Ints
    contacts: ContactColumns


@dataclass(frozen=True)
class ContactColumns:
    """Messages of many people, by owner and then latest first; make it with `contacts_in_order`.

    Attributes:
        owner: position of the person among the facts. Shape (m,).
        at: microseconds since 1970 (UTC). Shape (m,).
        channel: place among `policy.CHANNELS`; intent: among `policy.INTENTS`. Shape (m,).
        is_planned: not sent yet. Shape (m,).
    """

    owner: NDArray[np.int32]
    at: Ints
    channel: Small
    intent: Small
    is_planned: Flags


@dataclass(frozen=True)
class DecisionColumns:
    """Decisions aligned by position with the facts.

    Attributes:
        outcome: place among `rules.OUTCOMES`. Shape (n,).
        at: when it may go out, microseconds since 1970 (UTC); undefined where it is refused. Shape (n,).
        reason: place among `wording.REASONS`. Shape (n,).
        have: how much there is of what the reason asks for; -1 where it counts nothing. Shape (n,).
    """

    outcome: Small
    at: Ints
    reason: NDArray[np.int16]
    have: Ints

    def put(self, places: Ints, others: DecisionColumns) -> None:
        """Put other decisions, aligned with some places, in the place of those there."""
        self.outcome[places], self.at[places] = others.outcome, others.at
        self.reason[places], self.have[places] = others.reason, others.have

    def of(self, which: Flags) -> DecisionColumns:
        """Return some of the decisions."""
        return DecisionColumns(self.outcome[which], self.at[which], self.reason[which], self.have[which])


def microseconds(instant: datetime) -> np.int64:
    """Return an instant as whole microseconds since 1970 (UTC)."""
    return np.int64((instant - EPOCH) // _MICROSECOND)


def contacts_in_order(*, owner: Ints, at: Ints, channel: Small, intent: Small, is_planned: Flags) -> ContactColumns:
    """Return messages by owner and then latest first. Shapes (m,), aligned by position."""
    order = np.lexsort((-at, owner))
    return ContactColumns(owner[order].astype(np.int32), at[order], channel[order], intent[order], is_planned[order])


def decide_all(*, request: Request, facts: FactColumns, policy: Policy) -> DecisionColumns:
    """Return what may be done with one message to each of many: what `rules.decide` returns for each."""
    found = _decided(request.intent, facts.said, request, facts, policy)
    if request.intent != "promotion":
        return found
    gives_way = np.isin(found.reason, [_REASON[code] for code in GIVES_WAY_TO_VALUE])
    gives_way &= found.outcome == _OUTCOME["refuse"]
    if not gives_way.any():
        return found
    useful = _decided("value", facts.said_of_value, request, facts, policy)
    gives_way &= useful.outcome != _OUTCOME["refuse"]
    return DecisionColumns(
        np.where(gives_way, _OUTCOME["replace"], found.outcome).astype(np.int8),
        np.where(gives_way, useful.at, found.at),
        found.reason,
        found.have,
    )


def _decided(intent: str, said: Small, request: Request, facts: FactColumns, policy: Policy) -> DecisionColumns:
    asked = _Asked(intent, said, request, facts, policy)
    asked.forbid()
    asked.wait()
    if intent != "transactional":
        asked.wait_for_the_clock()
    if intent == "promotion":
        asked.hold_to_the_share()
    return asked.decisions()


class _Asked:
    """One message to many, while the rules are asked one after another."""

    def __init__(self, intent: str, said: Small, request: Request, facts: FactColumns, policy: Policy) -> None:
        self._intent, self._said, self._request, self._facts, self._policy = intent, said, request, facts, policy
        n = len(facts.joined_at)
        self._moment = microseconds(request.moment)
        patience = self._moment + policy.wait_days * _DAY_US
        self._latest = patience if request.latest is None else min(patience, microseconds(request.latest))
        self._is_open: Flags = np.ones(n, dtype=bool)
        self._at: Ints = np.full(n, self._moment)
        self._reason = np.full(n, _REASON["free"])
        self._have: Ints = np.full(n, -1, dtype=np.int64)

    def forbid(self) -> None:
        """Refuse what may not go out at any time soon; the first reason counts."""
        facts, policy, channel = self._facts, self._policy, self._request.channel
        self._refuse(np.full(len(self._at), self._latest < self._moment), "too_late")
        self._refuse(~facts.is_reachable, "unreachable")
        self._refuse(facts.standing == _STANDING["dead"], "group_dead")
        if self._intent == "transactional":
            return
        if channel != GROUP_CHANNEL:
            self._refuse(self._said < 0, "consent_refused")
            if policy.needs_yes(channel=channel, intent=self._intent):
                self._refuse(self._said == 0, "consent_missing")
        if self._request.content and self._intent == self._request.intent:
            repeated = self._moment - facts.had_content_at < policy.same_content_days * _DAY_US
            self._refuse(repeated, "same_content")
        if self._intent == "promotion":
            self._refuse(facts.has_complaint, "complaint_open")
            self._refuse(facts.value_touches < policy.value_touches, "value_first", have=facts.value_touches)

    def wait(self) -> None:
        """Wait for every rule that ends at an instant; the one that ends last gives the reason."""
        for code, bound in self._bounds():
            later = self._is_open & (bound > self._at)
            self._at[later] = bound[later]
            self._reason[later] = _REASON[code]
        if self._intent == "promotion":
            too_new = self._is_open & (self._reason == _REASON["too_new"])
            self._have[too_new] = (self._moment - self._facts.joined_at[too_new]) // _DAY_US
        self._is_open &= self._at <= self._latest

    def wait_for_the_clock(self) -> None:
        """Wait until the wall clock of each shows an open hour."""
        policy = self._policy
        first = (self._request.moment.astimezone(UTC) - timedelta(days=1)).date()
        for place, zone in enumerate(self._facts.zones):
            here = np.flatnonzero(self._is_open & (self._facts.zone == place))
            spans = np.array(
                open_spans(zone=zone, opens=policy.opens, closes=policy.closes, first=first, days=policy.wait_days + 8),
                dtype=np.int64,
            )
            following = np.searchsorted(spans[:, 1] * _SECOND_US, self._at[here], side="right")
            opened = np.maximum(self._at[here], spans[following, 0] * _SECOND_US)
            quiet = here[(opened > self._at[here]) & (self._reason[here] == _REASON["free"])]
            self._reason[quiet] = _REASON["quiet_hours"]
            self._at[here] = opened
        self._is_open &= self._at <= self._latest

    def hold_to_the_share(self) -> None:
        """Refuse promotion that would be more than its share of the 30 days before it goes out."""
        contacts = self._facts.contacts
        recent = contacts.at > self._at[contacts.owner] - SHARE_DAYS * _DAY_US
        is_promotion = contacts.intent == _INTENT["promotion"]
        promotions = self._count(recent & is_promotion)
        others = self._count(recent & ~is_promotion & ~contacts.is_planned)
        too_much = (promotions + 1) * 100 > self._policy.promotion_percent * (promotions + others + 1)
        self._have[self._is_open & too_much] = -1
        self._refuse(too_much, "promotion_share")

    def decisions(self) -> DecisionColumns:
        """Return what was decided."""
        sent = np.where(self._at > self._moment, _OUTCOME["at"], _OUTCOME["now"])
        outcome = np.where(self._is_open, sent, _OUTCOME["refuse"]).astype(np.int8)
        return DecisionColumns(outcome, self._at, self._reason, self._have)

    def _bounds(self) -> Iterator[tuple[str, Ints]]:
        facts, policy = self._facts, self._policy
        if self._intent == "promotion":
            yield "too_new", facts.joined_at + policy.days_before_promotion * _DAY_US
            yield "mood_fell", facts.mood_fell_at + policy.mood_rest_days * _DAY_US
        if self._intent != "transactional":
            rests = facts.standing_since + policy.fatigued_rest_days * _DAY_US
            yield "group_rests", np.where(facts.standing == _STANDING["fatigued"], rests, NONE_YET)
        for cap in policy.caps_for(channel=self._request.channel, intent=self._intent):
            yield cap.code, self._free_under(cap)
        yield "platform_quota", facts.quota_free_at

    def _free_under(self, cap: Cap) -> Ints:
        """Return from when on a cap has a place for each; shape (n,)."""
        n = len(self._facts.joined_at)
        if cap.most == 0:
            return np.full(n, _NEVER)
        contacts = self._facts.contacts
        counted = np.ones(len(contacts.owner), dtype=bool)
        if cap.channel:
            counted &= contacts.channel == _CHANNEL[cap.channel]
        if cap.intent:
            counted &= contacts.intent == _INTENT[cap.intent]
        places = np.flatnonzero(counted)
        owner = contacts.owner[places]
        # Latest first, so the message that fills the cap stands so many places behind the first of its owner.
        place = np.arange(len(owner))
        first = np.maximum.accumulate(np.where(np.diff(owner, prepend=-1) != 0, place, 0))
        fills = place - first == cap.most - 1
        free: Ints = np.full(n, NONE_YET)
        free[owner[fills]] = contacts.at[places[fills]] + cap.days * _DAY_US
        return free

    def _count(self, which: Flags) -> Ints:
        counts: Ints = np.bincount(self._facts.contacts.owner[which], minlength=len(self._at)).astype(np.int64)
        return counts

    def _refuse(self, which: Flags, code: str, *, have: Ints | None = None) -> None:
        chosen = self._is_open & which
        self._reason[chosen] = _REASON[code]
        if have is not None:
            self._have[chosen] = have[chosen]
        self._is_open &= ~which
