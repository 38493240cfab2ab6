"""What went out and what came in, newest first, and what is to go out, soonest first; a page at a time; read through `queries`.

A page looks at so many messages at most, whatever it is narrowed to: it shows what it found among them and says how far
back it looked, so that a rare thing among millions costs no more than a frequent one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from yutang.channels.message_states import state_of
from yutang.channels.models import Campaign, Decision, Delivery, DeliveryState, Reply, Touch, TouchState
from yutang.channels.policy import policy_from
from yutang.channels.stretches import Order, Pair, Span
from yutang.channels.wording import reason_words
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.kit.text import Sentence
from yutang.wecom.keys_within import chat_ids_within

#: Messages that one page looks at.
MOST_LOOKED_AT = 10_000
_MOST_ROWS, _MOST_CAMPAIGNS = 1_000, 200
#: From so many stores on, most of a page are within reach.
_MANY_STORES = 8
#: Above every key.
_LAST_KEY = 2**62
#: What a reply can be.
REPLY_STATES = ("unanswered", "answered", "opted_out")
_NOT_OUT = {
    TouchState.PLANNED.value: Q(state=TouchState.PLANNED),
    TouchState.REFUSED.value: Q(state=TouchState.REFUSED),
}
#: Ends after which a message no longer counts: few, and they have an index of their own.
_FAILED = (DeliveryState.FAILED.value, DeliveryState.QUOTA_REFUSED.value, DeliveryState.NOT_A_FRIEND.value)


@dataclass(frozen=True)
class MessagesWanted:
    """What the message centre is narrowed to; an empty field narrows nothing.

    Attributes:
        direction: ``out`` (messages) or ``in`` (replies).
        state: one of `message_states.STATES`, ``sent`` (nothing more is known), or one of `REPLY_STATES`.
        sender: userid of the member of staff who was asked to send.
        owner_id: who looks after those who replied.
        store_ids: of whose customers.
        since: from this instant on.
        until: before this instant.
        coming_after: only what is to go out after this instant, soonest first; None: newest first.
    """

    direction: str = ""
    channel: str = ""
    state: str = ""
    intent: str = ""
    campaign: str = ""
    sender: str = ""
    owner_id: int | None = None
    store_ids: Collection[int] | None = None
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    coming_after: datetime | None = None


@dataclass(frozen=True)
class Place:
    """A place in the list: the instant of its last row, whether that came in, and its key."""

    at: datetime
    is_inbound: bool
    key: int


@dataclass(frozen=True)
class Passed:
    """One message that went out or is to, or one reply that came in.

    Attributes:
        id: of the message, or of the reply.
        state: one of `message_states.STATES` or of `REPLY_STATES`.
        fault: code of what went wrong; empty where nothing did.
        sender: userid of who was asked to send; empty where nobody was.
        reason: why the policy held it back; None where it did not.
        words: what somebody wrote; empty of what went out.
        answered_by: who noted that it was answered.
    """

    id: int
    is_inbound: bool
    at: datetime
    customer_id: int | None
    group_key: str
    channel: str
    state: str
    intent: str = ""
    campaign: str = ""
    content: str = ""
    fault: str = ""
    sender: str = ""
    reason: Sentence | None = None
    words: str = ""
    answered_by: str = ""

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.at, self.is_inbound, self.id)


@dataclass(frozen=True)
class MessagesPage:
    """A page of the list.

    Attributes:
        following: where the next page begins; None after the last.
        looked_back_to: how far back (of what is to come: ahead) was looked where the page is not full and there is more; else None.
    """

    rows: tuple[Passed, ...]
    following: Place | None
    looked_back_to: datetime | None


def messages_passed(
    *, access: Actor, wanted: MessagesWanted, after: Place | None = None, limit: int = 50
) -> MessagesPage:
    """Return a page of what went out and came in within reach, newest first; or of what is to go out, soonest first.

    Args:
        access: who looks.
        wanted: what it is narrowed to.
        after: `following` of the page before; None for the first.
        limit: rows, at most 1,000.
    """
    access.require("channels.view")
    limit = min(limit, _MOST_ROWS)
    store_ids = _stores(access, wanted)
    out, out_floor = ([], None) if _is_inbound(wanted) else _out(wanted, store_ids, after, limit)
    came, in_floor = ([], None) if _is_outbound(wanted) else _came(wanted, store_ids, after, limit)
    floors = [one for one in (out_floor, in_floor) if one is not None]
    floor = max(floors, key=_order) if floors else None
    rows = out
    if wanted.coming_after is None:
        rows = sorted([*out, *came], key=lambda one: _order(one.place), reverse=True)
        # Between what one of the two did not look at any more and the other did, something would be missing.
        rows = [one for one in rows if floor is None or _order(one.place) >= _order(floor)]
    if len(rows) > limit:
        return MessagesPage(_with_reasons(rows[:limit]), rows[limit - 1].place, None)
    return MessagesPage(_with_reasons(rows), floor, floor.at if floor else None)


def _order(place: Place) -> tuple[datetime, bool, int]:
    return place.at, place.is_inbound, place.key


def _is_inbound(wanted: MessagesWanted) -> bool:
    return wanted.direction == "in" or wanted.state in REPLY_STATES


def _is_outbound(wanted: MessagesWanted) -> bool:
    """Return whether replies can be none of what is wanted: they belong to no campaign and have no intent."""
    is_of_messages = wanted.state not in {"", *REPLY_STATES} or wanted.intent or wanted.campaign
    is_out = wanted.direction == "out" or wanted.coming_after is not None
    return is_out or bool(is_of_messages) or wanted.channel not in {"", "sms"}


def _stores(access: Actor, wanted: MessagesWanted) -> frozenset[int] | None:
    if wanted.store_ids is None:
        return access.store_ids
    asked = frozenset(wanted.store_ids)
    return asked if access.store_ids is None else asked & access.store_ids


def _out(
    wanted: MessagesWanted, store_ids: frozenset[int] | None, after: Place | None, limit: int
) -> tuple[list[Passed], Place | None]:
    """Return messages, one more than asked for where there are, and up to where they were looked at."""
    # Of a place that a reply has, messages of the same instant follow.
    bound = None if after is None else (after.at, _LAST_KEY if after.is_inbound else after.key)
    indexed, rest = _indexed(wanted), _rest(wanted, store_ids)
    rows = Touch.objects.filter(indexed).select_related("delivery__task")
    found, floor = _looked_at(rows, rest, "at", bound, limit, wanted)
    return [_message(row) for row in found], None if floor is None else Place(floor[0], False, floor[1])


def _came(
    wanted: MessagesWanted, store_ids: frozenset[int] | None, after: Place | None, limit: int
) -> tuple[list[Passed], Place | None]:
    """Return replies, as `_out` does messages."""
    bound = None if after is None else (after.at, after.key if after.is_inbound else -1)
    states = {
        "unanswered": Q(answered_at=None, is_opt_out=False),
        "answered": Q(answered_at__isnull=False),
        "opted_out": Q(is_opt_out=True),
    }
    rest: list[Any] = [] if wanted.state in {"", "unanswered"} else [states[wanted.state]]
    rest += _of_people(wanted, store_ids, groups=False)
    if wanted.owner_id is not None:
        rest.append(Exists(Customer.objects.filter(pk=OuterRef("customer_id"), owner_id=wanted.owner_id)))
    elif wanted.sender:
        return [], None
    rows = Reply.objects.select_related("answered_by")
    rows = rows.filter(states["unanswered"]) if wanted.state == "unanswered" else rows
    rows = rows.filter(customer_id=wanted.customer_id) if wanted.customer_id is not None else rows
    found, floor = _looked_at(rows, rest, "sent_at", bound, limit, wanted)
    return [reply_passed(row) for row in found], None if floor is None else Place(floor[0], True, floor[1])


def _span(wanted: MessagesWanted) -> Span:
    asked = Span(wanted.since, wanted.until)
    return asked if wanted.coming_after is None else asked.later_than(wanted.coming_after)


def _with_person(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add the key of the person as a sum, for which no index is chosen.

    From the people of a store one would come to all their messages, in no order; and to look each person of a page up
    reads sealed records that nobody wants.
    """
    found: QuerySet[Any] = rows.alias(person=ExpressionWrapper(F("customer_id") + Value(0), BigIntegerField()))
    return found


def _looked_at(
    rows: QuerySet[Any], rest: Sequence[Any], column: str, bound: Pair | None, limit: int, wanted: MessagesWanted
) -> tuple[list[Any], Pair | None]:
    """Return which of the next rows fit, and the last row that is looked at where there may be more that fit behind it."""
    order = Order(column, rises=wanted.coming_after is not None)
    stretches, floor = order.after(rows, _span(wanted), bound), None
    # One person has few.
    if rest and wanted.customer_id is None:
        stretches, floor = order.cut(stretches, MOST_LOOKED_AT)
    found: list[Any] = []
    for stretch in stretches:
        fitting = _with_person(stretch.rows)
        for one in rest:
            fitting = fitting.filter(one)
        found += fitting[: limit + 1 - len(found)]
        if len(found) > limit:
            return found, None
    return found, floor


def _indexed(wanted: MessagesWanted) -> Q:
    """Return what an index that is in the order of the list answers by itself."""
    if wanted.customer_id is not None:
        return Q(customer_id=wanted.customer_id)
    state = _NOT_OUT.get(wanted.state, Q())
    if wanted.campaign:
        return Q(campaign=wanted.campaign) & state
    return Q(state=TouchState.FAILED) if wanted.state in _FAILED else state


def _rest(wanted: MessagesWanted, store_ids: frozenset[int] | None) -> list[Any]:
    """Return what each message is looked at for, one by one: conditions that keep the order of the list."""
    asked = {"channel": wanted.channel, "intent": wanted.intent}
    found: list[Any] = [Q(**{name: value}) for name, value in asked.items() if value]
    mine = Delivery.objects.filter(pk=OuterRef("pk"))
    if wanted.state == TouchState.SENT:
        # Of what others sent, and lists told, nothing more is known.
        found += [Q(state=TouchState.SENT), ~Exists(mine)]
    elif wanted.state and wanted.state not in _NOT_OUT and wanted.state not in REPLY_STATES:
        found.append(Exists(mine.filter(state=wanted.state)))
    if wanted.customer_id is not None and wanted.state in _NOT_OUT:
        found.append(_NOT_OUT[wanted.state])
    if wanted.customer_id is not None and wanted.campaign:
        found.append(Q(campaign=wanted.campaign))
    if wanted.sender or wanted.owner_id is not None:
        # Who has no account of WeCom was never asked to send.
        found.append(Exists(mine.filter(task__sender=wanted.sender or "-")))
    return found + _of_people(wanted, store_ids, groups=True)


def _of_people(wanted: MessagesWanted, store_ids: frozenset[int] | None, *, groups: bool) -> list[Any]:
    if store_ids is None:
        return []
    people = Customer.objects.filter(store_id__in=store_ids)
    # People of a few stores are a short list, and theirs are few of the messages looked at. Those of a region are a long one, but
    # some of the first messages are theirs already: each is looked up.
    is_short = len(store_ids) < _MANY_STORES
    within = Q(person__in=people.values("pk")) if is_short else Q(Exists(people.filter(pk=OuterRef("customer_id"))))
    if groups and wanted.customer_id is None:
        within |= Q(customer_id=None, group_key__in=chat_ids_within(store_ids=store_ids))
    return [within]


def _message(row: Touch) -> Passed:
    delivery = getattr(row, "delivery", None)
    return Passed(
        id=row.pk,
        is_inbound=False,
        at=row.at,
        customer_id=row.customer_id,
        group_key=row.group_key,
        channel=row.channel,
        state=state_of(row.state, None if delivery is None else delivery.state),
        intent=row.intent,
        campaign=row.campaign,
        content=row.content,
        fault="" if delivery is None else delivery.fault,
        sender="" if delivery is None or delivery.task is None else delivery.task.sender,
    )


def reply_passed(row: Reply) -> Passed:
    """Return a reply as the list shows it."""
    state = "opted_out" if row.is_opt_out else "unanswered" if row.answered_at is None else "answered"
    return Passed(
        id=row.pk,
        is_inbound=True,
        at=row.sent_at,
        customer_id=row.customer_id,
        group_key="",
        channel=row.channel,
        state=state,
        words=str(unseal(bytes(row.sealed_text)).get("text", "")),
        answered_by=row.answered_by.display_name if row.answered_by else "",
    )


def _with_reasons(rows: Sequence[Passed]) -> tuple[Passed, ...]:
    """Add to what the policy refused why it did, in one question."""
    refused = {one.id for one in rows if not one.is_inbound and one.state == TouchState.REFUSED}
    if not refused:
        return tuple(rows)
    keys = dict(Touch.objects.filter(pk__in=refused).order_by().values_list("key", "pk"))
    reasons = reasons_of(list(keys))
    by_id = {keys[key]: reason for key, reason in reasons.items()}
    return tuple(
        one if one.is_inbound or one.id not in refused else replace(one, reason=by_id.get(one.id)) for one in rows
    )


def reasons_of(keys: Sequence[str]) -> Mapping[str, Sentence]:
    """Return why messages were refused at last, in words, by their key."""
    return {key: reason for key, (reason, _at) in refusals_of(keys).items()}


def refusals_of(keys: Sequence[str]) -> Mapping[str, tuple[Sentence, datetime]]:
    """Return why messages were refused at last, in words, and when that was decided, by their key."""
    found: dict[str, tuple[Sentence, datetime]] = {}
    rows = Decision.objects.filter(touch_key__in=list(keys), outcome__in=("refuse", "replace")).select_related("policy")
    for row in rows.order_by("touch_key", "id"):
        reason = reason_words(row.reason, have=row.have, policy=policy_from(row.policy.values))
        found[row.touch_key] = reason, row.decided_at
    return found


def names_of_campaigns(keys: Collection[str]) -> dict[str, str]:
    """Return what campaigns are called, by key; those of playbooks, which are none of this room, are missing."""
    return dict(Campaign.objects.filter(key__in=set(keys)).order_by().values_list("key", "name"))


def campaign_names(*, access: Actor, keys: Collection[str] | None = None) -> dict[str, str]:
    """Return what campaigns are called, by key, latest first; None: the latest 200 of all."""
    access.require("channels.view")
    if keys is not None:
        return names_of_campaigns(keys)
    rows = Campaign.objects.order_by("-id").values_list("key", "name")
    return dict(rows[:_MOST_CAMPAIGNS])
