"""The one decision: may this message go to this person or group now, later, as something else, or not at all.

Pure: plain facts in, a decision out. `columns.py` decides the same for a million people at once; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from yutang.channels.hours import next_open
from yutang.channels.policy import (
    CHANNELS,
    GROUP_CHANNEL,
    INTENTS,
    PURPOSE_OF,
    SHARE_DAYS,
    Cap,
    Policy,
)
from yutang.channels.wording import reason_words
from yutang.kit.text import Sentence

Outcome = Literal["now", "at", "replace", "refuse"]
Standing = Literal["alive", "fatigued", "dead"]

OUTCOMES: tuple[Outcome, ...] = ("now", "at", "replace", "refuse")
STANDINGS: tuple[Standing, ...] = ("alive", "fatigued", "dead")

#: Reasons for which something useful may go out in place of a promotion.
GIVES_WAY_TO_VALUE = frozenset(
    {"value_first", "too_new", "promotion_share", "promotion_month", "group_promotion_month"}
)
#: Later than anything that is waited for.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Contact(NamedTuple):
    """A message that somebody had, or that is planned for them; transactional ones are none.

    Attributes:
        at: when it went out, or will. Aware UTC.
        channel: by which way.
        intent: what it was for.
        is_planned: not sent yet. It takes a place under the caps and builds no trust.
    """

    at: datetime
    channel: str
    intent: str
    is_planned: bool = False


@dataclass(frozen=True)
class Request:
    """What somebody wants to send.

    Attributes:
        intent: what it is for.
        channel: by which way; ``group`` for a post to a group.
        moment: from when on it may go. Aware UTC.
        content: key of what is sent; empty where every message is another.
        latest: after this instant it is of no use; None: the policy's own patience holds. Aware UTC.
    """

    intent: str
    channel: str
    moment: datetime
    content: str = ""
    latest: datetime | None = None

    def __post_init__(self) -> None:
        if self.intent not in INTENTS or self.channel not in CHANNELS:
            raise ValueError(f"there is no intent {self.intent!r} by {self.channel!r}")


@dataclass(frozen=True)
class Facts:
    """What is known of one person or group at the moment.

    Attributes:
        joined_at: since when known. Aware UTC.
        zone: time zone in which they live.
        is_reachable: there is an address for the channel.
        consents: latest word by purpose for the channel, whatever was said of any channel included; absent: none said.
        contacts: messages of the last 30 days and planned ones, in any order.
        value_touches: useful messages sent, ever. Count.
        has_complaint: one is open.
        mood_fell_at: latest fall of mood that is not made good; None: none.
        had_content_at: when they last had the content of the request; None: never.
        standing: of a group; people are alive.
        standing_since: since when.
        quota_free_at: first instant of the next period of the platform's quota where this period's is used up; else None.
    """

    joined_at: datetime
    zone: str = "Asia/Shanghai"
    is_reachable: bool = True
    consents: Mapping[str, bool] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    value_touches: int = 0
    has_complaint: bool = False
    mood_fell_at: datetime | None = None
    had_content_at: datetime | None = None
    standing: str = "alive"
    standing_since: datetime | None = None
    quota_free_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What may be done with a message.

    Attributes:
        outcome: now, at an instant, replace it by something of another intent, or refuse.
        intent: of what may go out; another than asked for where it is to be replaced.
        at: when it may go out; None where it is refused. Aware UTC.
        reason: code of what decided; ``free`` where nothing stands in the way.
        have: how much there is of what the reason asks for; None where it counts nothing.
        words: the reason for a person.
    """

    outcome: Outcome
    intent: str
    at: datetime | None
    reason: str
    have: int | None
    words: Sentence


def decide(*, request: Request, facts: Facts, policy: Policy) -> Decision:
    """Return what may be done with a message to one person or group."""
    decision = _decided(request, facts, policy)
    if decision.outcome != "refuse" or request.intent != "promotion" or decision.reason not in GIVES_WAY_TO_VALUE:
        return decision
    useful = _decided(replace(request, intent="value", content=""), facts, policy)
    if useful.outcome == "refuse":
        return decision
    return replace(decision, outcome="replace", intent="value", at=useful.at)


def refusal(*, request: Request, policy: Policy, reason: str) -> Decision:
    """Return the refusal of a message for a reason that lies in the message itself, whoever gets it."""
    return _refused(request, policy, reason, None)


def _decided(request: Request, facts: Facts, policy: Policy) -> Decision:
    """Return the decision about the message as it is: what forbids it, then from when on, then what forbids it then."""
    objection = next(_objections(request, facts, policy), None)
    if objection is not None:
        return _refused(request, policy, *objection)
    at, reason, have = _from_when(request, facts, policy)
    latest = _latest(request, policy)
    if at > latest:
        return _refused(request, policy, reason, have)
    if request.intent != "transactional":
        opened = next_open(zone=facts.zone, opens=policy.opens, closes=policy.closes, moment=at)
        if opened > at and reason == "free":
            reason = "quiet_hours"
        if opened > latest:
            return _refused(request, policy, reason, have)
        at = opened
    if request.intent == "promotion" and not _fits_the_share(facts.contacts, policy, at=at):
        return _refused(request, policy, "promotion_share", None)
    words = reason_words(reason, have=have, policy=policy)
    return Decision("at" if at > request.moment else "now", request.intent, at, reason, have, words)


def _objections(request: Request, facts: Facts, policy: Policy) -> Iterator[tuple[str, int | None]]:
    """Yield why the message may not go out at any time soon, and the number with it; the first one is the reason."""
    if request.latest is not None and request.latest < request.moment:
        yield "too_late", None
    if not facts.is_reachable:
        yield "unreachable", None
    if facts.standing == "dead":
        yield "group_dead", None
    if request.intent == "transactional":
        return
    said = facts.consents.get(PURPOSE_OF[request.intent]) if request.channel != GROUP_CHANNEL else None
    if said is False:
        yield "consent_refused", None
    if said is None and policy.needs_yes(channel=request.channel, intent=request.intent):
        yield "consent_missing", None
    had_at = facts.had_content_at if request.content else None
    if had_at is not None and request.moment - had_at < timedelta(days=policy.same_content_days):
        yield "same_content", None
    if request.intent == "promotion" and facts.has_complaint:
        yield "complaint_open", None
    if request.intent == "promotion" and facts.value_touches < policy.value_touches:
        yield "value_first", facts.value_touches


def _from_when(request: Request, facts: Facts, policy: Policy) -> tuple[datetime, str, int | None]:
    """Return from when on the message may go out by everything but the clock on the wall, with what holds it back longest."""
    best, reason = request.moment, "free"
    for code, bound in _bounds(request, facts, policy):
        if bound > best:
            best, reason = bound, code
    have = (request.moment - facts.joined_at) // timedelta(days=1) if reason == "too_new" else None
    return best, reason, have


def _bounds(request: Request, facts: Facts, policy: Policy) -> Iterator[tuple[str, datetime]]:
    """Yield each rule that ends at an instant, with that instant; where two end together the first gives the reason."""
    if request.intent == "promotion":
        yield "too_new", facts.joined_at + timedelta(days=policy.days_before_promotion)
        if facts.mood_fell_at is not None:
            yield "mood_fell", facts.mood_fell_at + timedelta(days=policy.mood_rest_days)
    if request.intent != "transactional" and facts.standing == "fatigued" and facts.standing_since is not None:
        yield "group_rests", facts.standing_since + timedelta(days=policy.fatigued_rest_days)
    for cap in policy.caps_for(channel=request.channel, intent=request.intent):
        yield cap.code, _free_under(cap, facts.contacts)
    if facts.quota_free_at is not None:
        yield "platform_quota", facts.quota_free_at


def _free_under(cap: Cap, contacts: Iterable[Contact]) -> datetime:
    """Return from when on a cap has a place, whatever of the planned goes out: when the last message that fills it has aged."""
    if cap.most == 0:
        return NEVER
    counted = [
        contact.at
        for contact in contacts
        if cap.channel in {"", contact.channel} and cap.intent in {"", contact.intent}
    ]
    if len(counted) < cap.most:
        return datetime.min.replace(tzinfo=UTC)
    return sorted(counted, reverse=True)[cap.most - 1] + timedelta(days=cap.days)


def _fits_the_share(contacts: Iterable[Contact], policy: Policy, *, at: datetime) -> bool:
    """Return whether promotion stays within its share of the 30 days before, this message included.

    A planned promotion counts, other planned messages do not: trust comes from what was sent.
    """
    since = at - timedelta(days=SHARE_DAYS)
    recent = [contact for contact in contacts if contact.at > since]
    promotions = sum(contact.intent == "promotion" for contact in recent)
    others = sum(contact.intent != "promotion" and not contact.is_planned for contact in recent)
    return (promotions + 1) * 100 <= policy.promotion_percent * (promotions + others + 1)


def _latest(request: Request, policy: Policy) -> datetime:
    patience = request.moment + timedelta(days=policy.wait_days)
    return patience if request.latest is None else min(patience, request.latest)


def _refused(request: Request, policy: Policy, reason: str, have: int | None) -> Decision:
    return Decision("refuse", request.intent, None, reason, have, reason_words(reason, have=have, policy=policy))
