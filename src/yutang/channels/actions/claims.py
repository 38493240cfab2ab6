"""Many messages at once: planned, claimed and let go in one transaction, with the answers of one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from yutang.channels.actions.audiences import DECISION_COLUMNS, TOUCH_COLUMNS
from yutang.channels.actions.touches import (
    Claim,
    Message,
    NoSuchGroup,
    Planned,
    answers_given,
    check_message,
    decision_row,
)
from yutang.channels.crowds import WHEN_CLAIMED, WHEN_PLANNED, Crowd, Had, Receiver, crowd_of, receiver_of
from yutang.channels.delivery.books import wecom_book
from yutang.channels.kept_policy import KeptPolicy, kept_policy
from yutang.channels.marking import mark_days
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.models import GroupStanding, QuotaUse, Touch, TouchState
from yutang.channels.quota import held_rows
from yutang.channels.rules import Decision, Facts, Request, decide, refusal
from yutang.channels.said_words import own_intents
from yutang.channels.slots import Slot, slot_at
from yutang.channels.switches import switches_for
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk
from yutang.foundation.access import Actor

#: More messages stand in one transaction no longer than others can wait for it.
MOST_AT_ONCE = 1_000
_GOES_OUT = frozenset({"now", "at"})


@dataclass(frozen=True)
class Claims:
    """What the policy says of many messages at the moment of sending.

    Attributes:
        answers: by key, of those that were decided about.
        left: by key, why a message was not decided about: ``unknown``, ``closed``, ``not_due`` or ``stopped``.
    """

    answers: Mapping[str, Claim]
    left: Mapping[str, str]

    @property
    def mine(self) -> tuple[str, ...]:
        """Keys of the messages that are the claimer's to send, now, once."""
        return tuple(key for key, claim in self.answers.items() if claim.may_send)


@transaction.atomic
def claim_many(*, actor: Actor, keys: Sequence[str], now: datetime) -> Claims:
    """Decide again about planned messages at the moment of sending, and take those that may go out.

    One transaction that holds all receivers; the answers are those of `claim_to_send` one after the other, in the order of
    the keys. What is not there, closed, not due or stopped is left and told.

    Args:
        actor: who claims.
        keys: of messages, each once; `MOST_AT_ONCE` at most.
        now: aware UTC.
    """
    actor.require("channels.send")
    if len(keys) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} messages are claimed at once")
    receivers = _held({touch.key: touch for touch in Touch.objects.filter(key__in=list(keys))}.values())
    # Read after the receivers are held: while this one waited another may have taken messages.
    found = {one.key: one for one in Touch.objects.select_for_update().filter(key__in=list(keys)).order_by("pk")}
    left = {key: "unknown" for key in keys if key not in found}
    stopped = switches_for(campaigns={one.campaign for one in found.values()})
    for key, touch in found.items():
        if touch.state != TouchState.PLANNED:
            left[key] = "closed"
        elif touch.at > now:
            left[key] = "not_due"
        elif stopped.hold(channel=touch.channel, campaign=touch.campaign):
            left[key] = "stopped"
    due = [found[key] for key in keys if key not in left]
    kept = kept_policy(now=now)
    claiming = _Claiming.of(due, receivers, kept, now)
    decided = [(touch, claiming.decide(touch)) for touch in due]
    claiming.write(decided)
    return Claims({touch.key: Claim(one.outcome == "now", one) for touch, one in decided}, left)


def plan_many(*, actor: Actor, messages: Sequence[Message], now: datetime) -> tuple[Planned, ...]:
    """Decide about messages to people and groups and keep the decisions; what may go out is planned.

    The answers are those of `plan_touch` one after the other, of several messages to one receiver each with those before it.
    Only a person who is not there is no reason to end: they are refused as unreachable, as when their message is claimed, and so
    is by WeCom whom no member of staff can write to, whom one message alone finds out when it is delivered; and a content that
    was written for another intent is refused with that reason, which one message alone answers with an error.
    A handful of statements for each `MOST_AT_ONCE` messages, each of which is a transaction, or a part of the caller's; a
    second time nothing is planned twice.

    Returns:
        The answers, aligned by position with the messages.

    Raises:
        MessageIsWrong: one names what does not exist, or no one receiver.
        NoSuchCustomer: the actor's reach is bounded, and there is no such person within it.
        NoSuchGroup: nothing was noted of a group yet.
    """
    actor.require("channels.send")
    for message in messages:
        check_message(message)
    planned: list[Planned] = []
    for start in range(0, len(messages), MOST_AT_ONCE):
        planned += _plan_some(actor, messages[start : start + MOST_AT_ONCE], now)
    return tuple(planned)


@transaction.atomic
def _plan_some(actor: Actor, messages: Sequence[Message], now: datetime) -> list[Planned]:
    receivers = _held(messages)
    for message in messages:
        _reached(actor, receivers, message)
    before = answers_given([message.key for message in messages])
    kept = kept_policy(now=now)
    fresh: dict[str, Message] = {}
    for message in messages:
        if message.key not in before:
            fresh.setdefault(message.key, message)
    crowd = _crowd(receivers.values(), kept, WHEN_PLANNED, {max(now, one.moment or now) for one in fresh.values()})
    _strike_out_strangers(crowd, receivers, fresh.values())
    own = own_intents({one.content for one in fresh.values() if one.content})
    decided = [
        _planned(one, receivers[_key(one)], crowd, now, intent=own.get(one.content, one.intent))
        for one in fresh.values()
    ]
    made = _write_planned(decided, kept, now)
    answers = before | {one.message.key: Planned(one.decision, None, is_new=True) for one in decided}
    # A key that is named twice among the messages is new once.
    told, new = [], set(fresh)
    for message in messages:
        one = answers[message.key]
        told.append(replace(one, touch_id=made.get(message.key, one.touch_id), is_new=message.key in new))
        new.discard(message.key)
    return told


def _strike_out_strangers(
    crowd: Crowd, receivers: Mapping[Receiver, Customer | GroupStanding | None], messages: Iterable[Message]
) -> None:
    """Let nobody be reached by WeCom to whom no member of staff can write; nothing where WeCom is not connected."""
    found = [receivers[_key(one)] for one in messages if one.channel == "wecom"]
    people = {one.pk for one in found if isinstance(one, Customer)}
    book = wecom_book() if people else None
    if book is not None:
        crowd.strike_out_all_but(book.befriended_of(people), channel="wecom")


class _Decided(NamedTuple):
    """A message, from when on it is wanted, the person who gets it (None for a group), and the policy's answer."""

    message: Message
    moment: datetime
    customer_id: int | None
    decision: Decision


def _planned(
    message: Message, receiver: Customer | GroupStanding | None, crowd: Crowd, now: datetime, *, intent: str
) -> _Decided:
    """Decide about one message, whose content was written for an intent; one that may go out counts for those after it."""
    moment = max(now, message.moment or now)
    request = Request(message.intent, message.channel, moment, message.content, message.latest)
    if intent != message.intent:
        refused = refusal(request=request, policy=crowd.policy, reason="other_intent")
        person = receiver.pk if isinstance(receiver, Customer) else message.customer_id
        return _Decided(message, moment, person, refused)
    if receiver is None:
        facts = Facts(joined_at=moment, is_reachable=False)
        return _Decided(message, moment, message.customer_id, decide(request=request, facts=facts, policy=crowd.policy))
    mine = _key_of(receiver)
    decision = decide(request=request, facts=crowd.facts_of(mine, request=request), policy=crowd.policy)
    if decision.outcome in _GOES_OUT and decision.at is not None:
        crowd.add(mine, Had(decision.at, message.channel, message.intent, message.content, TouchState.PLANNED))
    return _Decided(message, moment, mine if isinstance(mine, int) else None, decision)


def _write_planned(decided: Sequence[_Decided], kept: KeptPolicy, now: datetime) -> dict[str, int]:
    """Write decisions and planned messages, and return the key of each message's row."""
    written = bulk.db_instant(now)
    going = [one for one in decided if one.decision.outcome in _GOES_OUT]
    bulk.insert_rows("channels_decision", DECISION_COLUMNS, [_decision_row(one, kept, written) for one in decided])
    rows = [_touch_row(one, written) for one in going]
    bulk.insert_rows("channels_touch", TOUCH_COLUMNS, rows)
    if not rows:
        return {}
    mark_days({row[-1] for row in rows}, now=now)
    return dict(Touch.objects.filter(key__in=[one.message.key for one in going]).order_by().values_list("key", "pk"))


def _decision_row(one: _Decided, kept: KeptPolicy, written: Any) -> tuple[Any, ...]:
    message, decision = one.message, one.decision
    wanted = (message.campaign, message.channel, message.intent, "plan")
    told = (decision.outcome, decision.reason, decision.have, bulk.db_instant(decision.at), kept.version, written)
    return (message.key, one.customer_id, message.group_key, *wanted, *told)


def _touch_row(one: _Decided, written: Any) -> tuple[Any, ...]:
    message, at = one.message, one.decision.at
    assert at is not None  # What may go out has an instant.
    wanted = (message.campaign, message.channel, message.intent, message.content, TouchState.PLANNED.value)
    instants = (bulk.db_instant(one.moment), bulk.db_instant(at), bulk.db_instant(message.latest))
    day = timezone.localtime(at).date().isoformat()
    return (
        message.key, one.customer_id, message.group_key, *wanted, *instants, message.expected_minor, "", written, day,
    )  # fmt: skip


@dataclass
class _Claiming:
    """Decides about due messages one after the other, over facts that were read together."""

    crowd: Crowd
    receivers: Mapping[Receiver, Customer | GroupStanding | None]
    kept: KeptPolicy
    now: datetime
    slots: dict[str, Slot]
    #: Places used by period and receiver, held.
    places: dict[str, dict[Receiver, QuotaUse]]
    taken: dict[str, str]

    @classmethod
    def of(
        cls,
        due: Sequence[Touch],
        receivers: Mapping[Receiver, Customer | GroupStanding | None],
        kept: KeptPolicy,
        now: datetime,
    ) -> _Claiming:
        found = {
            channel: slot_at(channel=channel, policy=kept.policy, moment=now) for channel in {t.channel for t in due}
        }
        slots = {channel: slot for channel, slot in found.items() if slot is not None}
        places = {}
        for channel, slot in slots.items():
            mine = {receiver_of(touch) for touch in due if touch.channel == channel}
            people = {one for one in mine if isinstance(one, int)}
            places[slot.name] = held_rows(slot, people=people, groups={one for one in mine if isinstance(one, str)})
        crowd = _crowd(receivers.values(), kept, WHEN_CLAIMED, [now])
        # The held rows are those of the messages, which may be of a person who became another's record.
        crowd.used = {(one, name): row.used for name, rows in places.items() for one, row in rows.items()}
        return cls(crowd, receivers, kept, now, slots, places, {})

    def decide(self, touch: Touch) -> Decision:
        """Return what may be done with one message; one that may go out counts for those after it."""
        key, receiver = receiver_of(touch), self.receivers[receiver_of(touch)]
        patience = touch.wanted_at + timedelta(days=self.kept.policy.wait_days)
        latest = patience if touch.latest is None else min(patience, touch.latest)
        request = Request(touch.intent, touch.channel, self.now, touch.content, latest)
        if receiver is None:
            facts = Facts(joined_at=self.now, is_reachable=False)
        else:
            facts = self.crowd.facts_of(_key_of(receiver), request=request)
        slot = self.slots.get(touch.channel)
        row = None if slot is None else self.places[slot.name].get(key)
        if slot is not None and (row is None or row.used >= slot.most):
            facts = replace(facts, quota_free_at=slot.ends_at)
        decision = decide(request=request, facts=facts, policy=self.kept.policy)
        if decision.outcome == "now":
            if slot is not None and row is not None:
                row.used += 1
                self.taken[touch.key] = slot.name
                self.crowd.used[key, slot.name] = row.used
            if receiver is not None:
                said = Had(self.now, touch.channel, touch.intent, touch.content, TouchState.SENT)
                self.crowd.add(_key_of(receiver), said)
        return decision

    def write(self, decided: Sequence[tuple[Touch, Decision]]) -> None:
        """Write what was decided: the messages, the decisions, the places of the quota, the months for the lake."""
        rows, days, written = [], set(), bulk.db_instant(self.now)
        for touch, one in decided:
            state = {"now": TouchState.SENT, "at": TouchState.PLANNED}.get(one.outcome, TouchState.REFUSED)
            at = one.at if one.outcome in {"now", "at"} and one.at is not None else touch.at
            day = timezone.localtime(at).date()
            days |= {touch.business_date, day}
            slot = self.taken.get(touch.key, "")
            rows.append((state.value, bulk.db_instant(at), day.isoformat(), slot, written, touch.pk))
        bulk.update_rows("channels_touch", ("state", "at", "business_date", "slot", "changed_at"), rows)
        used = [row for name in set(self.taken.values()) for row in self.places[name].values() if row.used]
        QuotaUse.objects.bulk_update(used, ["used"], batch_size=300)
        KeptDecision.objects.bulk_create(
            [
                decision_row(touch, touch.customer_id, one, self.kept, stage="claim", now=self.now)
                for touch, one in decided
            ]
        )
        if days:
            mark_days(days, now=self.now)


def _held(asked: Iterable[Touch | Message]) -> dict[Receiver, Customer | GroupStanding | None]:
    """Return the receivers by key, held to the end of the transaction in one order, as `claim_to_send` holds one.

    None stands for a person who was deleted, or a group of which nothing is known.
    """
    wanted = {_key(one) for one in asked}
    ids = {one for one in wanted if isinstance(one, int)}
    roots = dict(Customer.objects.filter(pk__in=ids).exclude(merged_into=None).values_list("pk", "merged_into_id"))
    rows = Customer.objects.select_for_update(of=("self",)).select_related("store").defer("sealed_profile")
    rows = rows.order_by("pk")
    people = {one.pk: one for one in rows.filter(pk__in=ids | set(roots.values()))}
    keys = {one for one in wanted if isinstance(one, str)}
    groups = GroupStanding.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    held: dict[Receiver, Customer | GroupStanding | None] = dict.fromkeys(wanted)
    held |= {one.pk: one for one in groups}
    return held | {one: _root(people.get(one), people) for one in ids}


def _root(customer: Customer | None, people: Mapping[int, Customer]) -> Customer | None:
    if customer is None or customer.merged_into_id is None:
        return customer
    # Merged between the two questions: the claim that comes later finds the other record.
    return people.get(customer.merged_into_id, customer)


def _reached(actor: Actor, receivers: Mapping[Receiver, Customer | GroupStanding | None], message: Message) -> None:
    receiver = receivers[_key(message)]
    if receiver is None and message.customer_id is None:
        raise NoSuchGroup(group_key=message.group_key)
    store_id = receiver.store_id if isinstance(receiver, Customer) else None
    if message.customer_id is not None and not actor.reaches(store_id):
        raise NoSuchCustomer(customer_id=message.customer_id)


def _crowd(
    receivers: Iterable[Customer | GroupStanding | None],
    kept: KeptPolicy,
    counted: Sequence[str],
    moments: Collection[datetime],
) -> Crowd:
    known = list(receivers)
    return crowd_of(
        people=[one for one in known if isinstance(one, Customer)],
        groups=[one for one in known if isinstance(one, GroupStanding)],
        policy=kept.policy,
        counted=counted,
        moments=moments,
    )


def _key(one: Touch | Message) -> Receiver:
    return one.group_key if one.customer_id is None else one.customer_id


def _key_of(receiver: Customer | GroupStanding) -> Receiver:
    return receiver.pk if isinstance(receiver, Customer) else receiver.group_key
