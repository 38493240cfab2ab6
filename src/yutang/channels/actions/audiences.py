"""Wishes of campaigns about many people at once: decided together, the scarce places given to what brings the most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from yutang.channels.actions.touches import MessageIsWrong
from yutang.channels.audience import AudienceDecisions, decide_audience
from yutang.channels.columns import EPOCH, DecisionColumns, Flags, Ints, Small
from yutang.channels.kept_policy import KeptPolicy, kept_policy
from yutang.channels.marking import mark_days
from yutang.channels.models import Decision, TouchState
from yutang.channels.organisation import current_policy
from yutang.channels.planning import Candidates, chosen
from yutang.channels.policy import CHANNELS, INTENTS, PERSON_CHANNELS, Policy
from yutang.channels.rules import OUTCOMES, Request
from yutang.channels.wording import REASONS
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.kit.arrays import distinct

_NOW, _AT, _REPLACE, _REFUSE = range(len(OUTCOMES))
_WORTH_LESS, _UNREACHABLE = REASONS.index("worth_less"), REASONS.index("unreachable")
#: Rows that are written at a time, so that a million of them never stand in memory as objects.
_ROWS_AT_ONCE = 50_000
_LONGEST_CAMPAIGN = 80


@dataclass(frozen=True)
class Wish:
    """One message that a campaign wants to send to many.

    Attributes:
        campaign: key of the campaign; with the person it makes the message's key, so that nobody gets it twice. At most
            80 characters.
        channel: one of `policy.PERSON_CHANNELS`.
        intent: one of `policy.INTENTS`.
        customer_ids: the audience, each person once. Shape (n,).
        expected_minor: what each message is expected to bring, customer value x effect; None: all the same. Minor units.
            Shape (n,), aligned by position.
        content: key of what is sent.
        moment: from when on they may go out; None: from now on. Aware UTC.
        latest: after this instant it is of no use; None: the policy's patience holds. Aware UTC.
        other_way: another of `policy.PERSON_CHANNELS`, by whose rules those are decided whom the first does not reach; empty: none.
        instead: key of something useful for those to whom a promotion would come too early; empty: they get nothing.
        hold_back: says of people who would get something which of them are held out; None: nobody. Shapes (n,).
    """

    campaign: str
    channel: str
    intent: str
    customer_ids: Sequence[int] | Ints
    expected_minor: Sequence[int] | Ints | None = None
    content: str = ""
    moment: datetime | None = None
    latest: datetime | None = None
    other_way: str = ""
    instead: str = ""
    hold_back: Callable[[Ints], Flags] | None = None


@dataclass(frozen=True)
class AudiencePlan:
    """What became of a wish.

    Attributes:
        campaign: which.
        asked: people of the audience who were not answered before. Count.
        known: people whom the same campaign had asked about before: their answer stands. Count.
        taken: people the key of whose message was used under another name: that message stands. Count.
        outcomes: people by outcome.
        reasons: people who do not get the message now, by reason; of those who get it later too.
        expected_minor: what the planned messages are expected to bring. Minor units.
        held: people who would get it and are held out; they are not among the outcomes. Count.
        ways: people to whom something goes, by channel.
    """

    campaign: str
    asked: int
    known: int
    taken: int
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    expected_minor: int
    held: int = 0
    ways: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreseen:
    """What would become of a wish, person by person.

    Attributes:
        people: who is asked about and not held out, ascending. Shape (n,).
        decisions: aligned with them.
        ways: by which channel each was decided, as its place among `policy.CHANNELS`. Shape (n,).
        held: who would get it and is held out. Shape (h,).
    """

    people: Ints
    decisions: DecisionColumns
    ways: Small
    held: Ints


def plan_audience(
    *, actor: Actor, wishes: Sequence[Wish], slots: Mapping[str, int] | None = None, now: datetime
) -> tuple[AudiencePlan, ...]:
    """Decide about the wishes of campaigns for everybody, keep every decision, and plan what may go out.

    Where several wishes want the same person, or a channel has fewer places than are wanted, the messages that are expected
    to bring the most get them; the others are refused and told so. What is planned is decided again when it is claimed.

    Args:
        actor: who plans.
        wishes: all that compete for the same places.
        slots: places left by channel; a channel that is not named has as many as are asked for.
        now: aware UTC.

    Raises:
        MessageIsWrong: a wish names what does not exist.
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    actor.require("channels.send")
    for wish in wishes:
        _check(wish)
    kept = kept_policy(now=now)
    # Decided without holding the store: a million people take seconds, and every claim decides again.
    asked = [_Asked.of(wish, actor, kept.policy, now) for wish in wishes]
    _give_places(asked, slots or {})
    for one in asked:
        one.hold_back()
    with transaction.atomic():
        bulk.one_at_a_time("channels.plan_audience")
        for one in asked:
            one.known += one.leave_out(_answered(one.wish.campaign))
            one.taken += one.leave_out(one.people_with_taken_keys())
            one.keep(kept, now)
    return tuple(one.plan() for one in asked)


def audience_trial(
    *, access: Actor, wishes: Sequence[Wish], slots: Mapping[str, int] | None = None, now: datetime
) -> tuple[AudiencePlan, ...]:
    """Return what `plan_audience` would do now; nothing is written.

    Raises:
        MessageIsWrong: a wish names what does not exist.
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    access.require("channels.view")
    for wish in wishes:
        _check(wish)
    asked = [_Asked.of(wish, access, current_policy(), now) for wish in wishes]
    _give_places(asked, slots or {})
    for one in asked:
        one.hold_back()
    return tuple(one.plan() for one in asked)


def foreseen_answers(*, access: Actor, wish: Wish, now: datetime) -> Foreseen:
    """Return what `plan_audience` would say now to each person of one wish; nothing is written.

    Raises:
        MessageIsWrong: the wish names what does not exist.
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    access.require("channels.view")
    _check(wish)
    asked = _Asked.of(wish, access, current_policy(), now)
    asked.hold_back()
    return Foreseen(asked.people, asked.decisions, asked.ways, asked.held)


def _check(wish: Wish) -> None:
    wrong = [
        what
        for what, is_right in (
            ("campaign", 0 < len(wish.campaign) <= _LONGEST_CAMPAIGN),
            ("channel", wish.channel in PERSON_CHANNELS),
            ("other way", wish.other_way in {"", *PERSON_CHANNELS} - {wish.channel}),
            ("intent", wish.intent in INTENTS),
            ("audience", len(distinct(wish.customer_ids)) == len(wish.customer_ids)),
            ("expected value", wish.expected_minor is None or len(wish.expected_minor) == len(wish.customer_ids)),
        )
        if not is_right
    ]
    if wrong:
        raise MessageIsWrong(what=wrong[0])


@dataclass
class _Asked:
    """A wish with what was decided about it; people ascending, without those who were answered before.

    `ways` says by which channel each was decided, as its place among `policy.CHANNELS`.
    """

    wish: Wish
    known: int
    people: Ints
    expected: Ints
    decisions: DecisionColumns
    ways: Small
    taken: int = 0
    held: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, wish: Wish, actor: Actor, policy: Policy, now: datetime) -> _Asked:
        people = np.asarray(wish.customer_ids, dtype=np.int64)
        given = np.zeros(len(people)) if wish.expected_minor is None else wish.expected_minor
        expected = np.asarray(given, dtype=np.int64)
        fresh = ~np.isin(people, _answered(wish.campaign))
        order = np.argsort(people[fresh], kind="stable")
        asking = _Asking(wish, actor, policy, max(now, wish.moment or now))
        found = asking.answers(people[fresh], by=wish.channel)
        ways = np.full(len(found.customer_ids), CHANNELS.index(wish.channel), dtype=np.int8)
        if wish.other_way:
            asking.ask_by_the_other_way(found, ways)
        return cls(wish, int((~fresh).sum()), found.customer_ids, expected[fresh][order], found.decisions, ways)

    @property
    def may_go(self) -> Flags:
        """Whether something may go out to each, now or later. Shape (n,)."""
        outcome = self.decisions.outcome
        may_go: Flags = (outcome <= _AT) | ((outcome == _REPLACE) & bool(self.wish.instead))
        return may_go

    def hold_back(self) -> None:
        """Leave out who is held out of those who would get something."""
        if self.wish.hold_back is not None:
            going = self.people[self.may_go]
            self.held = going[self.wish.hold_back(going)]
            self.leave_out(self.held)

    def leave_out(self, people: Ints) -> int:
        """Leave out people who were answered already, because that answer stands; return how many that were."""
        stay = ~np.isin(self.people, people)
        self.people, self.expected, self.ways = self.people[stay], self.expected[stay], self.ways[stay]
        self.decisions = self.decisions.of(stay)
        return int((~stay).sum())

    def people_with_taken_keys(self) -> Ints:
        """Return the people the key of whose message was used, by a single message or by another campaign."""
        keys = ((self.wish.campaign + ":" + str(person), person) for person in self.people.tolist())
        with bulk.key_table([("message_key", "text"), ("person", "int")], keys) as wanted:
            # CROSS JOIN: SQLite looks each key up then, instead of reading all that was ever planned.
            rows = bulk.fetch(
                f"SELECT k.person FROM {wanted} k CROSS JOIN channels_touch t WHERE t.key = k.message_key "  # noqa: S608
                f"UNION SELECT k.person FROM {wanted} k CROSS JOIN channels_decision d "
                "WHERE d.touch_key = k.message_key AND d.stage = 'plan'"
            )
        return np.fromiter((person for (person,) in rows), dtype=np.int64, count=len(rows))

    def refuse(self, which: Ints) -> None:
        """Refuse messages because others are expected to bring more."""
        self.decisions.outcome[which] = _REFUSE
        self.decisions.reason[which] = _WORTH_LESS
        self.decisions.have[which] = -1

    def keep(self, kept: KeptPolicy, now: datetime) -> None:
        """Write the decisions and the planned messages."""
        days: set[object] = set()
        for start in range(0, len(self.people), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            bulk.insert_rows("channels_decision", DECISION_COLUMNS, self._decision_rows(part, kept, now))
            rows = list(self._touch_rows(part, now))
            days |= {row[-1] for row in rows}
            bulk.insert_rows("channels_touch", TOUCH_COLUMNS, rows)
        if days:
            mark_days(days, now=now)

    def plan(self) -> AudiencePlan:
        """Return the counts."""
        outcome, reason = self.decisions.outcome, self.decisions.reason
        outcomes = np.bincount(outcome, minlength=len(OUTCOMES)).tolist()
        reasons = np.bincount(reason[outcome != _NOW], minlength=len(REASONS)).tolist()
        ways = np.bincount(self.ways[self.may_go], minlength=len(CHANNELS)).tolist()
        return AudiencePlan(
            campaign=self.wish.campaign,
            asked=len(self.people),
            known=self.known,
            taken=self.taken,
            outcomes=dict(zip(OUTCOMES, outcomes, strict=True)),
            reasons={REASONS[place]: count for place, count in enumerate(reasons) if count},
            expected_minor=int(self.expected[self.may_go].sum()),
            held=len(self.held),
            ways={CHANNELS[place]: count for place, count in enumerate(ways) if count},
        )

    def _decision_rows(self, part: slice, kept: KeptPolicy, now: datetime) -> Iterator[tuple[Any, ...]]:
        wish, decided, written = self.wish, self.decisions, bulk.db_instant(now)
        columns = (self.people, self.ways, decided.outcome, decided.reason, decided.have, decided.at)
        rows = zip(*(column[part].tolist() for column in columns), strict=True)
        for person, way, outcome, reason, have, at in rows:
            yield (
                f"{wish.campaign}:{person}",
                person,
                "",
                wish.campaign,
                CHANNELS[way],
                wish.intent,
                "plan",
                OUTCOMES[outcome],
                REASONS[reason],
                have if have >= 0 else None,
                _instant(at) if outcome != _REFUSE else None,
                kept.version,
                written,
            )

    def _touch_rows(self, part: slice, now: datetime) -> Iterator[tuple[Any, ...]]:
        wish, written = self.wish, bulk.db_instant(now)
        latest, wanted = bulk.db_instant(wish.latest), bulk.db_instant(max(now, wish.moment or now))
        places = np.flatnonzero(self.may_go[part]) + part.start
        told = self.decisions
        columns = (self.people, self.ways, told.at, self.expected, told.outcome == _REPLACE)
        days: dict[int, str] = {}
        rows = zip(*(column[places].tolist() for column in columns), strict=True)
        for person, way, at, expected, is_useful in rows:
            day = days.get(at) or days.setdefault(at, timezone.localtime(_moment(at)).date().isoformat())
            yield (
                f"{wish.campaign}:{person}",
                person,
                "",
                wish.campaign,
                CHANNELS[way],
                "value" if is_useful else wish.intent,
                wish.instead if is_useful else wish.content,
                TouchState.PLANNED.value,
                wanted,
                _instant(at),
                latest,
                expected,
                "",
                written,
                day,
            )


DECISION_COLUMNS = (
    "touch_key",
    "customer_id",
    "group_key",
    "campaign",
    "channel",
    "intent",
    "stage",
    "outcome",
    "reason",
    "have",
    "at",
    "policy_id",
    "decided_at",
)
TOUCH_COLUMNS = (
    "key",
    "customer_id",
    "group_key",
    "campaign",
    "channel",
    "intent",
    "content",
    "state",
    "wanted_at",
    "at",
    "latest",
    "expected_minor",
    "slot",
    "changed_at",
    "business_date",
)


@dataclass(frozen=True)
class _Asking:
    """Asks the policy for a wish, by one way or the other."""

    wish: Wish
    actor: Actor
    policy: Policy
    moment: datetime

    def answers(self, people: Ints, *, by: str) -> AudienceDecisions:
        """Return the decisions by a channel, asked again about what goes instead for those to whom a promotion would come too early."""
        found = self._asked(people, by, self.wish.intent, self.wish.content)
        told = found.decisions
        which = np.flatnonzero(told.outcome == _REPLACE)
        if not self.wish.instead or not len(which):
            return found
        useful = self._asked(found.customer_ids[which], by, "value", self.wish.instead).decisions
        goes = useful.outcome <= _AT
        told.outcome[which] = np.where(goes, _REPLACE, _REFUSE)
        told.at[which] = useful.at
        told.reason[which[~goes]], told.have[which[~goes]] = useful.reason[~goes], useful.have[~goes]
        return found

    def ask_by_the_other_way(self, found: AudienceDecisions, ways: Small) -> None:
        """Put the answers by the other way in the place of those to whom the first does not lead; who has neither keeps the first's."""
        told = found.decisions
        missed = np.flatnonzero(_is_out_of_reach(told))
        if not len(missed):
            return
        other = self.answers(found.customer_ids[missed], by=self.wish.other_way).decisions
        reached = ~_is_out_of_reach(other)
        places = missed[reached]
        told.put(places, other.of(reached))
        ways[places] = CHANNELS.index(self.wish.other_way)

    def _asked(self, people: Ints, channel: str, intent: str, content: str) -> AudienceDecisions:
        request = Request(intent, channel, self.moment, content, self.wish.latest)
        return decide_audience(access=self.actor, customer_ids=people, request=request, policy=self.policy)


def _is_out_of_reach(told: DecisionColumns) -> Flags:
    found: Flags = (told.outcome == _REFUSE) & (told.reason == _UNREACHABLE)
    return found


def _answered(campaign: str) -> Ints:
    """Return the people about whom a campaign was answered before."""
    rows = Decision.objects.filter(campaign=campaign, stage="plan", customer__isnull=False).order_by()
    return np.fromiter(rows.values_list("customer_id", flat=True).iterator(chunk_size=50_000), dtype=np.int64)


def _give_places(asked: Sequence[_Asked], slots: Mapping[str, int]) -> None:
    """Refuse what gets no place among everything that may go out."""
    if len(asked) == 1 and not {asked[0].wish.channel, asked[0].wish.other_way} & slots.keys():
        return
    places = [np.flatnonzero(one.may_go) for one in asked]
    candidates = Candidates(
        receiver=np.concatenate([one.people[which] for one, which in zip(asked, places, strict=True)]),
        expected_minor=np.concatenate([one.expected[which] for one, which in zip(asked, places, strict=True)]),
        pool=np.concatenate([one.ways[which] for one, which in zip(asked, places, strict=True)]).astype(np.int64),
        pools=tuple(slots.get(channel) for channel in CHANNELS),
    )
    got = chosen(candidates=candidates)
    start = 0
    for one, which in zip(asked, places, strict=True):
        one.refuse(which[~got[start : start + len(which)]])
        start += len(which)


def _moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def _instant(at: int) -> Any:
    return bulk.db_instant(_moment(at).astimezone(UTC))
