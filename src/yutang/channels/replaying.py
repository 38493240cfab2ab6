"""What a policy would have said to messages that went out: the past played again, message by message. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from yutang.channels.policy import GROUP_CHANNEL, LONGEST_WINDOW_DAYS, Policy
from yutang.channels.rules import Contact, Decision, Facts, Request, decide
from yutang.channels.slots import slot_at

#: What may become of a message in a replay, in the order of the picture.
FATES = ("now", "at", "replace", "refuse")


class Sending(NamedTuple):
    """A message that went out.

    Attributes:
        receiver: key of the person or group.
        at: when. Aware UTC.
        channel: by which way.
        intent: what it was for.
        content: key of what was sent; empty where it is not known.
        worth_minor: what it brought or was expected to bring; None: nobody knows. Minor units.
        cost_minor: what sending it cost. Minor units.
        is_measured: whether its worth is its share of what its campaign was measured to bring, and not what was expected.
    """

    receiver: int | str
    at: datetime
    channel: str
    intent: str
    content: str = ""
    worth_minor: int | None = None
    cost_minor: int = 0
    is_measured: bool = False


class Said(NamedTuple):
    """One entry of the consent ledger.

    Attributes:
        since: from when on it holds. Aware UTC.
        purpose: of the consent.
        channel: of the consent; ``any`` for every one.
        granted: yes or no.
    """

    since: datetime
    purpose: str
    channel: str
    granted: bool


class Open(NamedTuple):
    """A complaint or a fall of mood. Instants are aware UTC; `until` is None where it is still open."""

    kind: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Past:
    """What is known of one receiver before and during the replay.

    Attributes:
        joined_at: since when known. Aware UTC.
        zone: time zone in which they live.
        said: entries of the consent ledger, oldest first.
        grievances: complaints and falls of mood.
        contacts: messages of the 30 days before the replay begins; transactional ones are none.
        value_touches: useful messages before the replay begins. Count.
    """

    joined_at: datetime
    zone: str = "Asia/Shanghai"
    said: tuple[Said, ...] = ()
    grievances: tuple[Open, ...] = ()
    contacts: tuple[Contact, ...] = ()
    value_touches: int = 0


@dataclass(frozen=True)
class Replay:
    """What a policy would have said to messages that went out.

    Attributes:
        sendings: messages that were asked about. Count.
        receivers: people or groups who had them. Count.
        unknown: messages to people of whom nothing is known: they are not asked about. Count.
        fates: messages by what would have become of them.
        reasons: messages that would not have gone out as they did, by reason.
        spared: receivers who would have had a message less at least. Count.
        worth_minor: what all messages brought or were expected to bring; `lost_minor`: those refused or replaced.
        unvalued: messages of which nobody knows what they brought; they are in no sum. Count; `lost_unvalued`: those refused or
            replaced.
        measured: messages whose worth was measured and not expected. Count.
        saved_minor: what sending the refused ones had cost.
        weeks: by Monday, messages by what would have become of them.
    """

    sendings: int
    receivers: int
    unknown: int
    fates: Mapping[str, int]
    reasons: Mapping[str, int]
    spared: int
    worth_minor: int
    lost_minor: int
    unvalued: int
    lost_unvalued: int
    measured: int
    saved_minor: int
    weeks: Mapping[date, Mapping[str, int]]


def replay(*, sendings: Iterable[Sending], pasts: Mapping[int | str, Past], policy: Policy) -> Replay:
    """Return what a policy would have said to messages that went out.

    Each receiver's messages are played in order. What the policy refuses did not happen for what follows; what it puts off
    happens later; what it replaces happens as something useful. A quiet hour or a full week moves a message, and what came
    after it meets the moved one.

    Args:
        sendings: messages that went out, in any order.
        pasts: what is known of each receiver; messages to others are counted as unknown.
        policy: the one to be tried.
    """
    of: dict[int | str, list[Sending]] = defaultdict(list)
    for sending in sendings:
        of[sending.receiver].append(sending)
    told = _Told()
    for receiver in sorted(of, key=str):
        if receiver not in pasts:
            told.unknown += len(of[receiver])
            continue
        life = _Life(pasts[receiver], policy)
        told.add([(sending, life.decide(sending)) for sending in sorted(of[receiver], key=_in_order)])
    return told.replay()


def _in_order(sending: Sending) -> tuple[datetime, str, str, str]:
    return sending.at, sending.channel, sending.intent, sending.content


@dataclass
class _Told:
    """Counts of a replay while it runs."""

    sendings: int = 0
    receivers: int = 0
    unknown: int = 0
    spared: int = 0
    worth_minor: int = 0
    lost_minor: int = 0
    unvalued: int = 0
    lost_unvalued: int = 0
    measured: int = 0
    saved_minor: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    weeks: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, decided: Sequence[tuple[Sending, Decision]]) -> None:
        """Count the messages of one receiver."""
        self.receivers += 1
        self.sendings += len(decided)
        self.spared += any(decision.outcome == "refuse" for _, decision in decided)
        for sending, decision in decided:
            self.fates[decision.outcome] += 1
            day = sending.at.date()
            self.weeks[day - timedelta(days=day.weekday())][decision.outcome] += 1
            is_lost = decision.outcome in {"refuse", "replace"}
            if decision.outcome != "now":
                self.reasons[decision.reason] += 1
            if sending.worth_minor is None:
                self.unvalued += 1
                self.lost_unvalued += is_lost
            else:
                self.worth_minor += sending.worth_minor
                self.lost_minor += sending.worth_minor if is_lost else 0
                self.measured += sending.is_measured
            if decision.outcome == "refuse":
                self.saved_minor += sending.cost_minor

    def replay(self) -> Replay:
        """Return the counts, in order."""
        return Replay(
            sendings=self.sendings,
            receivers=self.receivers,
            unknown=self.unknown,
            fates={fate: self.fates[fate] for fate in FATES},
            reasons=dict(sorted(self.reasons.items(), key=lambda each: (-each[1], each[0]))),
            spared=self.spared,
            worth_minor=self.worth_minor,
            lost_minor=self.lost_minor,
            unvalued=self.unvalued,
            lost_unvalued=self.lost_unvalued,
            measured=self.measured,
            saved_minor=self.saved_minor,
            weeks={week: {fate: self.weeks[week][fate] for fate in FATES} for week in sorted(self.weeks)},
        )


class _Life:
    """One receiver while the past is played again."""

    def __init__(self, past: Past, policy: Policy) -> None:
        self._past, self._policy = past, policy
        self._contacts = list(past.contacts)
        self._value_at: list[datetime] = []
        self._contents: dict[str, datetime] = {}
        self._slots: Counter[str] = Counter()

    def decide(self, sending: Sending) -> Decision:
        """Return what the policy says, and live on with it."""
        request = Request(sending.intent, sending.channel, sending.at, sending.content)
        decision = decide(request=request, facts=self._facts(request), policy=self._policy)
        if decision.at is not None:
            self._had(sending, decision.intent, decision.at)
        return decision

    def _facts(self, request: Request) -> Facts:
        now, past = request.moment, self._past
        since = now - timedelta(days=LONGEST_WINDOW_DAYS)
        self._contacts = [one for one in self._contacts if one.at > since]
        open_ones = [one for one in past.grievances if one.since <= now and (one.until is None or one.until > now)]
        falls = [one.since for one in open_ones if one.kind == "mood"]
        return Facts(
            joined_at=past.joined_at,
            zone=past.zone,
            consents=_consents(past.said, request),
            contacts=tuple(one._replace(is_planned=one.at > now) for one in self._contacts),
            value_touches=past.value_touches + sum(at <= now for at in self._value_at),
            has_complaint=any(one.kind == "complaint" for one in open_ones),
            mood_fell_at=max(falls, default=None),
            had_content_at=self._contents.get(request.content) if request.content else None,
            quota_free_at=self._quota_free_at(request),
        )

    def _quota_free_at(self, request: Request) -> datetime | None:
        slot = slot_at(channel=request.channel, policy=self._policy, moment=request.moment)
        return slot.ends_at if slot is not None and self._slots[slot.name] >= slot.most else None

    def _had(self, sending: Sending, intent: str, at: datetime) -> None:
        if intent != "transactional":
            self._contacts.append(Contact(at, sending.channel, intent))
        if intent == "value":
            self._value_at.append(at)
        if sending.content and intent == sending.intent:
            self._contents[sending.content] = at
        slot = slot_at(channel=sending.channel, policy=self._policy, moment=at)
        if slot is not None:
            self._slots[slot.name] += 1


def _consents(said: Sequence[Said], request: Request) -> dict[str, bool]:
    if request.channel == GROUP_CHANNEL:
        return {}
    heard = (one for one in said if one.since <= request.moment and one.channel in {"any", request.channel})
    return {one.purpose: one.granted for one in heard}
