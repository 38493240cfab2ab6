"""One message: planned by a decision, decided again at the moment of sending, sent once at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from yutang.channels.kept_policy import KeptPolicy, kept_policy
from yutang.channels.marking import mark_days
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.models import GroupStanding, Touch, TouchState
from yutang.channels.policy import CHANNELS, GROUP_CHANNEL, INTENTS, policy_from
from yutang.channels.quota import give_place_back, take_place
from yutang.channels.rules import Decision, Facts, Request, decide
from yutang.channels.said_words import check_intents
from yutang.channels.slots import slot_at
from yutang.channels.standing import WHEN_CLAIMED, WHEN_PLANNED, facts_of_group, facts_of_person
from yutang.channels.switches import SendingIsStopped, switches_for
from yutang.channels.wording import reason_words
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_LONGEST_KEY = 120


class MessageIsWrong(DomainError):
    """A message names what does not exist, or no one receiver."""

    code: ClassVar[str] = "message_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(what)s is wrong. A message needs a key of at most 120 characters, one person or one group, "
        "a known channel that fits the receiver, and a known intent."
    )


class NoSuchGroup(DomainError):
    """Nothing was noted of the group yet."""

    code: ClassVar[str] = "no_such_group"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("Nothing is known of the group %(group_key)s yet. Note since when it exists first.")


class NoSuchTouch(DomainError):
    """No message has the key."""

    code: ClassVar[str] = "no_such_touch"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no message with the key %(key)s.")


class TouchIsClosed(DomainError):
    """The message was sent, refused or failed before: it is not sent again."""

    code: ClassVar[str] = "touch_is_closed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The message %(key)s is no longer planned: it is %(state)s.")


class TouchIsNotDue(DomainError):
    """Its time has not come."""

    code: ClassVar[str] = "touch_is_not_due"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The message %(key)s is planned for %(at)s; claim it then.")


@dataclass(frozen=True)
class Message:
    """What somebody wants to send to one receiver.

    Attributes:
        key: idempotency key of the sender: the same key is the same message for ever. At most 120 characters.
        channel: one of `policy.CHANNELS`.
        intent: one of `policy.INTENTS`.
        customer_id: the person; None for a group.
        group_key: the group; empty for a person.
        campaign: campaign or playbook that wants it.
        content: key of what is sent.
        moment: from when on it may go out; None: from now on. Aware UTC.
        latest: after this instant it is of no use; None: the policy's patience holds. Aware UTC.
        expected_minor: what it is expected to bring. Minor units.
    """

    key: str
    channel: str
    intent: str
    customer_id: int | None = None
    group_key: str = ""
    campaign: str = ""
    content: str = ""
    moment: datetime | None = None
    latest: datetime | None = None
    expected_minor: int = 0


@dataclass(frozen=True)
class Planned:
    """What became of a wish.

    Attributes:
        decision: the policy's answer, or the one given before to the same key.
        touch_id: the planned message; None where there is none.
        is_new: the key was not known.
    """

    decision: Decision
    touch_id: int | None
    is_new: bool


@dataclass(frozen=True)
class Claim:
    """What the policy says at the moment of sending.

    Attributes:
        may_send: the message is the claimer's to send, now, once.
        decision: the policy's answer.
    """

    may_send: bool
    decision: Decision


@transaction.atomic
def plan_touch(*, actor: Actor, message: Message, now: datetime) -> Planned:
    """Decide about a message and keep the decision; where it may go out, now or later, it is planned.

    Raises:
        MessageIsWrong: it names what does not exist, or no one receiver.
        IntentIsAnother: its words were written for another intent.
        NoSuchCustomer: there is no such person within reach.
        NoSuchGroup: nothing was noted of the group yet.
    """
    actor.require("channels.send")
    check_message(message)
    check_intents([(message.content, message.intent)])
    receiver = _locked(message.customer_id, message.group_key)
    if receiver is None or (isinstance(receiver, Customer) and not actor.reaches(receiver.store_id)):
        raise NoSuchCustomer(customer_id=message.customer_id)
    before = answers_given([message.key]).get(message.key)
    if before is not None:
        return before
    kept = kept_policy(now=now)
    moment = max(now, message.moment or now)
    request = Request(message.intent, message.channel, moment, message.content, message.latest)
    decision = decide(request=request, facts=_facts(receiver, request, kept, WHEN_PLANNED), policy=kept.policy)
    customer_id = receiver.pk if isinstance(receiver, Customer) else None
    touch = None
    if decision.outcome in {"now", "at"} and decision.at is not None:
        touch = new_touch(message, customer_id, moment, decision.at, now)
        touch.save(force_insert=True)
        mark_days([touch.business_date], now=now)
    decision_row(message, customer_id, decision, kept, stage="plan", now=now).save(force_insert=True)
    return Planned(decision, None if touch is None else touch.pk, is_new=True)


@transaction.atomic
def claim_to_send(*, actor: Actor, key: str, now: datetime) -> Claim:
    """Decide again about a planned message, at the moment of sending, and take it if it may go out.

    One transaction that holds the receiver: consent, caps and quota are those of this moment, and of several workers one
    gets the message. Caps count what was sent: of several planned for the same place the first that is claimed gets it.
    What may go out later is planned for then, as long as the policy's patience lasts; what may not is refused for good.

    Raises:
        NoSuchTouch: there is no such message.
        TouchIsClosed: it was sent, refused or failed before.
        TouchIsNotDue: its time has not come.
        SendingIsStopped: its channel, its campaign or everything is switched off.
    """
    actor.require("channels.send")
    touch = _planned(key, now)
    if switches_for(campaigns=[touch.campaign]).hold(channel=touch.channel, campaign=touch.campaign):
        raise SendingIsStopped(key=key)
    receiver = _locked(touch.customer_id, touch.group_key)
    # Read again: while this one waited for the receiver, another may have taken it, or the person became another's record.
    touch = _planned(key, now)
    kept = kept_policy(now=now)
    patience = touch.wanted_at + timedelta(days=kept.policy.wait_days)
    latest = patience if touch.latest is None else min(patience, touch.latest)
    request = Request(touch.intent, touch.channel, now, touch.content, latest)
    facts = _facts(receiver, request, kept, WHEN_CLAIMED)
    decision = decide(request=request, facts=facts, policy=kept.policy)
    slot = slot_at(channel=touch.channel, policy=kept.policy, moment=now)
    if (
        decision.outcome == "now"
        and slot is not None
        and not take_place(slot, customer_id=touch.customer_id, group_key=touch.group_key)
    ):
        decision = decide(request=request, facts=replace(facts, quota_free_at=slot.ends_at), policy=kept.policy)
    _apply(touch, decision, slot.name if slot is not None and decision.outcome == "now" else "", now)
    decision_row(touch, touch.customer_id, decision, kept, stage="claim", now=now).save(force_insert=True)
    return Claim(decision.outcome == "now", decision)


@transaction.atomic
def note_failure(*, actor: Actor, key: str, now: datetime) -> None:
    """Note that a claimed message did not go out: it no longer counts, and its place of the quota is free again.

    Raises:
        NoSuchTouch: there is no such message.
        TouchIsClosed: it is not one that was claimed.
    """
    actor.require("channels.send")
    touch = _known(key)
    changed = Touch.objects.filter(pk=touch.pk, state=TouchState.SENT).update(state=TouchState.FAILED, changed_at=now)
    if not changed:
        raise TouchIsClosed(key=key, state=touch.state)
    if touch.slot:
        give_place_back(touch.slot, customer_id=touch.customer_id, group_key=touch.group_key)
    mark_days([touch.business_date], now=now)


def check_message(message: Message) -> None:
    """Refuse a message that names what does not exist, or no one receiver; for the room's own use.

    Raises:
        MessageIsWrong: it does.
    """
    is_group = message.channel == GROUP_CHANNEL
    wrong = [
        what
        for what, is_right in (
            ("key", 0 < len(message.key) <= _LONGEST_KEY),
            ("channel", message.channel in CHANNELS),
            ("intent", message.intent in INTENTS),
            ("receiver", (message.customer_id is None) == is_group and bool(message.group_key) == is_group),
        )
        if not is_right
    ]
    if wrong:
        raise MessageIsWrong(what=wrong[0])


def _locked(customer_id: int | None, group_key: str) -> Customer | GroupStanding | None:
    """Return the receiver, held to the end of the transaction; None for a person who was deleted.

    On PostgreSQL the row of the person is locked so that also an entry of the consent ledger, whose foreign key needs
    it, waits: a withdrawal is either seen here or comes after the claim. On SQLite the transaction holds the one write lock.
    """
    if customer_id is None:
        group = GroupStanding.objects.select_for_update().filter(pk=group_key).first()
        if group is None:
            raise NoSuchGroup(group_key=group_key)
        return group
    rows = Customer.objects.select_for_update(of=("self",)).select_related("store")
    customer = rows.filter(pk=customer_id).first()
    if customer is not None and customer.merged_into_id is not None:
        customer = rows.get(pk=customer.merged_into_id)
    return customer


def _facts(
    receiver: Customer | GroupStanding | None, request: Request, kept: KeptPolicy, counted: Sequence[str]
) -> Facts:
    if receiver is None:
        return Facts(joined_at=request.moment, is_reachable=False)
    if isinstance(receiver, Customer):
        return facts_of_person(receiver, request=request, policy=kept.policy, counted=counted)
    return facts_of_group(receiver, request=request, policy=kept.policy, counted=counted)


def answers_given(keys: Sequence[str]) -> dict[str, Planned]:
    """Return the answers that were given to keys before; keys without one are left out."""
    rows = KeptDecision.objects.filter(touch_key__in=keys, stage="plan").select_related("policy").order_by("-id")
    # The first answer stands: the rows come latest first.
    first = {row.touch_key: row for row in rows}
    touches = dict(Touch.objects.filter(key__in=list(first)).values_list("key", "pk")) if first else {}
    return {key: Planned(_decision_of(row), touches.get(key), is_new=False) for key, row in first.items()}


def _decision_of(row: KeptDecision) -> Decision:
    words = reason_words(row.reason, have=row.have, policy=policy_from(row.policy.values))
    intent = "value" if row.outcome == "replace" else row.intent
    return Decision(row.outcome, intent, row.at, row.reason, row.have, words)  # type: ignore[arg-type]


def _known(key: str) -> Touch:
    touch = Touch.objects.filter(key=key).first()
    if touch is None:
        raise NoSuchTouch(key=key)
    return touch


def _planned(key: str, now: datetime) -> Touch:
    touch = _known(key)
    if touch.state != TouchState.PLANNED:
        raise TouchIsClosed(key=key, state=touch.state)
    if touch.at > now:
        raise TouchIsNotDue(key=key, at=touch.at.isoformat())
    return touch


def new_touch(message: Message, customer_id: int | None, moment: datetime, at: datetime, now: datetime) -> Touch:
    """Return the row of a message that is planned for an instant; it is not written yet."""
    return Touch(
        key=message.key,
        customer_id=customer_id,
        group_key=message.group_key,
        campaign=message.campaign,
        channel=message.channel,
        intent=message.intent,
        content=message.content,
        state=TouchState.PLANNED,
        wanted_at=moment,
        at=at,
        business_date=timezone.localtime(at).date(),
        latest=message.latest,
        expected_minor=message.expected_minor,
        changed_at=now,
    )


def _apply(touch: Touch, decision: Decision, slot: str, now: datetime) -> None:
    """Write what was decided about a planned message."""
    state = {"now": TouchState.SENT, "at": TouchState.PLANNED}.get(decision.outcome, TouchState.REFUSED)
    at = decision.at if decision.outcome in {"now", "at"} and decision.at is not None else touch.at
    day = timezone.localtime(at).date()
    changed = Touch.objects.filter(pk=touch.pk, state=TouchState.PLANNED).update(
        state=state, at=at, business_date=day, slot=slot, changed_at=now
    )
    if not changed:
        raise TouchIsClosed(key=touch.key, state="")
    mark_days({touch.business_date, day}, now=now)


def decision_row(
    message: Message | Touch,
    customer_id: int | None,
    decision: Decision,
    kept: KeptPolicy,
    *,
    stage: str,
    now: datetime,
) -> KeptDecision:
    """Return the row by which an answer of the policy is kept; it is not written yet."""
    return KeptDecision(
        touch_key=message.key,
        customer_id=customer_id,
        group_key=message.group_key,
        campaign=message.campaign,
        channel=message.channel,
        intent=message.intent,
        stage=stage,
        outcome=decision.outcome,
        reason=decision.reason,
        have=decision.have,
        at=decision.at,
        policy_id=kept.version,
        decided_at=now,
    )
