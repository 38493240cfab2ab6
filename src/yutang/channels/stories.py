"""One message in full, and everything that passed between the shop and one person or group; read through `queries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db.models import Count, Max, Min, Q

from yutang.channels.bodies import BODIES, Said
from yutang.channels.centre import Passed, refusals_of, reply_passed
from yutang.channels.models import (
    Decision,
    GroupStanding,
    Link,
    LinkKind,
    LinkVisit,
    MassTask,
    Reply,
    Touch,
    TouchState,
)
from yutang.channels.organisation import current_policy
from yutang.channels.policy import policy_from
from yutang.channels.results import MessageView, messages_of_group, messages_where
from yutang.channels.standing import person_within_reach
from yutang.channels.wording import reason_words
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.wecom.keys_within import chat_ids_within

_MOST_DECISIONS, _MOST_REPLIES = 100, 200


class NoSuchMessage(DomainError):
    """There is no such message within reach."""

    code: ClassVar[str] = "no_such_message"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no message %(message_id)s that you may see.")


@dataclass(frozen=True)
class Ruling:
    """What the policy said of a message: when, at which stage, and why, in words."""

    touch_key: str
    channel: str
    intent: str
    campaign: str
    stage: str
    outcome: str
    words: Sentence
    at: datetime | None
    policy_version: int
    decided_at: datetime


@dataclass(frozen=True)
class Visits:
    """How often people, and no programs, followed the links of one message.

    Attributes:
        people: visits of people. Count.
        others: visits of programs. Count.
    """

    message_id: int
    people: int
    others: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class MessageStory:
    """A message with all that is known of it.

    Attributes:
        rulings: of the policy, the first first.
        visits: of its own links; None where many got the same words, or it has no links.
        until: when the task of which it is a part is taken back; None where it is in none that is open.
        reminders: how often the sender was reminded. Count.
    """

    message: MessageView
    rulings: tuple[Ruling, ...]
    visits: Visits | None
    until: datetime | None
    reminders: int


@dataclass(frozen=True)
class PersonStory:
    """What passed between the shop and one person, each part latest first.

    Attributes:
        messages: planned, sent, failed and refused ones, at most 200.
        reasons: why the refused ones were refused, and when that was decided, by key of the message.
        visits: of the links of these messages, by their `id`.
        refusals: messages of which nothing was planned, at most 100.
        replies: what they wrote back, at most 200.
    """

    customer_id: int
    messages: tuple[MessageView, ...]
    reasons: dict[str, tuple[Sentence, datetime]]
    visits: dict[int, Visits]
    refusals: tuple[Ruling, ...]
    replies: tuple[Passed, ...]


@dataclass(frozen=True)
class GroupStory:
    """What was posted to one group, and how it stands.

    Attributes:
        standing: one of `rules.STANDINGS`; empty where nothing was noted of it.
        rests_until: until when nothing is posted because it is tired; None where it does not rest.
        reasons: why the refused posts were refused, and when that was decided, by key of the message.
        refusals: posts of which nothing was planned, at most 100.
    """

    group_key: str
    standing: str
    since: datetime | None
    rests_until: datetime | None
    messages: tuple[MessageView, ...]
    reasons: dict[str, tuple[Sentence, datetime]]
    refusals: tuple[Ruling, ...]


def message_story(*, access: Actor, message_id: int) -> MessageStory:
    """Return one message in full.

    Raises:
        NoSuchMessage: there is none within reach.
    """
    access.require("channels.view")
    found = messages_where(Q(pk=message_id))
    if not found or not _is_within(access, found[0]):
        raise NoSuchMessage(message_id=message_id)
    message = found[0]
    rulings = Decision.objects.filter(touch_key=message.key).select_related("policy").order_by("id")
    task = MassTask.objects.filter(deliveries=message.id).first()
    return MessageStory(
        message=message,
        rulings=tuple(_ruling(row) for row in rulings[:_MOST_DECISIONS]),
        visits=_visits([message.id]).get(message.id),
        until=task.until if task is not None and task.state == "open" else None,
        reminders=task.reminders if task is not None else 0,
    )


def person_story(*, access: Actor, customer_id: int) -> PersonStory:
    """Return what passed between the shop and one person.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("channels.view")
    customer = person_within_reach(access, customer_id)
    messages = messages_where(Q(customer_id=customer.pk))
    replies = Reply.objects.filter(customer_id=customer.pk).select_related("answered_by").order_by("-sent_at", "-id")
    return PersonStory(
        customer_id=customer.pk,
        messages=messages,
        reasons=_reasons(messages),
        visits=_visits([one.id for one in messages]),
        refusals=_refusals(Q(customer_id=customer.pk)),
        replies=tuple(reply_passed(row) for row in replies[:_MOST_REPLIES]),
    )


def group_story(*, access: Actor, group_key: str) -> GroupStory:
    """Return what was posted to one group; nothing of one that is out of reach."""
    access.require("channels.view")
    row = GroupStanding.objects.filter(pk=group_key).first()
    rests_until = None
    if row is not None and row.standing == "fatigued":
        rests_until = row.since + timedelta(days=current_policy().fatigued_rest_days)
    messages = messages_of_group(access=access, group_key=group_key)
    is_within = access.store_ids is None or group_key in chat_ids_within(store_ids=access.store_ids)
    return GroupStory(
        group_key=group_key,
        standing=row.standing if row else "",
        since=row.since if row else None,
        rests_until=rests_until,
        messages=messages,
        reasons=_reasons(messages),
        refusals=_refusals(Q(customer=None, group_key=group_key, group_key__gt="")) if is_within else (),
    )


def words_shown(*, access: Actor, asked: Iterable[Said], now: datetime) -> dict[Said, str]:
    """Return what receivers read, personal values masked, whichever room keeps the words; a handful of questions for all.

    Args:
        access: who looks.
        asked: contents, each with the person who reads it; None for a group. Who is out of reach is left out; who may not see
            customers reads what stands in the place of each value.
        now: aware UTC.
    """
    access.require("channels.view")
    sees_people = access.can("customers.view")
    read_as = {one: one if sees_people else (one[0], None) for one in _within(access, set(asked))}
    by_source: dict[str, set[Said]] = {}
    for one in read_as.values():
        by_source.setdefault(one[0].partition(":")[0], set()).add(one)
    found: dict[Said, str] = {}
    for name, some in by_source.items():
        if name in BODIES:
            found.update(BODIES[name].shown(access=access, asked=some, now=now))
    return {one: found[read] for one, read in read_as.items() if read in found}


def _within(access: Actor, asked: Collection[Said]) -> list[Said]:
    """Return what is asked about people within reach, and about groups."""
    if access.store_ids is None:
        return list(asked)
    people = Customer.objects.filter(pk__in={one for _, one in asked if one is not None}, store_id__in=access.store_ids)
    reached = {None, *people.order_by().values_list("pk", flat=True)}
    return [one for one in asked if one[1] in reached]


def group_standings(*, access: Actor, group_keys: Collection[str]) -> dict[str, tuple[str, datetime | None]]:
    """Return how groups stand, and until when the tired ones rest; a group of which nothing was noted is missing."""
    access.require("channels.view")
    rest = timedelta(days=current_policy().fatigued_rest_days)
    rows = GroupStanding.objects.filter(pk__in=list(group_keys)).order_by().values_list("pk", "standing", "since")
    return {key: (standing, since + rest if standing == "fatigued" else None) for key, standing, since in rows}


def posts_of_groups(*, access: Actor, group_keys: Sequence[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """Return how many posts each group got since an instant, and when the latest was; groups without one are missing."""
    access.require("channels.view")
    sent = Touch.objects.filter(
        customer=None, group_key__in=list(group_keys), group_key__gt="", state=TouchState.SENT, at__gte=since
    )
    counted = sent.order_by().values_list("group_key").annotate(Count("pk"), Max("at"))
    return {key: (count, last) for key, count, last in counted}


def sent_to_groups(*, access: Actor, since: datetime, until: datetime) -> tuple[tuple[str, str, str, datetime], ...]:
    """Return the posts that went out to groups between two instants: key of the message, of the group, its content, and when."""
    access.require("channels.view")
    sent = Touch.objects.filter(
        customer=None, group_key__gt="", state=TouchState.SENT, at__gte=since, at__lt=until
    ).order_by("at", "pk")
    return tuple(sent.values_list("key", "group_key", "content", "at"))


def _is_within(access: Actor, message: MessageView) -> bool:
    if message.customer_id is None:
        return access.store_ids is None or message.group_key in chat_ids_within(store_ids=access.store_ids)
    try:
        person_within_reach(access, message.customer_id)
    except NoSuchCustomer:
        return False
    return True


def _reasons(messages: Sequence[MessageView]) -> dict[str, tuple[Sentence, datetime]]:
    refused = [one.key for one in messages if one.state == TouchState.REFUSED]
    return dict(refusals_of(refused)) if refused else {}


def _refusals(whose: Q) -> tuple[Ruling, ...]:
    """Return decisions that planned nothing: their messages are not in the list of messages."""
    refused = Decision.objects.filter(whose, outcome__in=("refuse", "replace"), stage="plan").select_related("policy")
    rows = list(refused.order_by("-id")[:_MOST_DECISIONS])
    planned = set(
        Touch.objects.filter(key__in=[row.touch_key for row in rows]).order_by().values_list("key", flat=True)
    )
    return tuple(_ruling(row) for row in rows if row.touch_key not in planned)


def _ruling(row: Decision) -> Ruling:
    return Ruling(
        touch_key=row.touch_key,
        channel=row.channel,
        intent=row.intent,
        campaign=row.campaign,
        stage=row.stage,
        outcome=row.outcome,
        words=reason_words(row.reason, have=row.have, policy=policy_from(row.policy.values)),
        at=row.at,
        policy_version=row.policy_id,
        decided_at=row.decided_at,
    )


def _visits(message_ids: Sequence[int]) -> dict[int, Visits]:
    """Return who followed the own links of messages, by message; those without own links are missing."""
    links = Link.objects.filter(touch_id__in=list(message_ids), kind=LinkKind.TARGET).order_by()
    owners = dict(links.values_list("pk", "touch_id"))
    found = {key: Visits(key, 0, 0, None, None) for key in owners.values() if key is not None}
    visits = LinkVisit.objects.filter(link__in=list(owners)).order_by().values_list("link_id", "kind")
    for link_id, kind, count, first, last in visits.annotate(Count("pk"), Min("at"), Max("at")):
        key = owners[link_id]
        if key is None:
            continue
        had = found[key]
        if kind != "person":
            found[key] = Visits(key, had.people, had.others + count, had.first_at, had.last_at)
            continue
        found[key] = Visits(
            key, had.people + count, had.others, min(had.first_at or first, first), max(had.last_at or last, last)
        )
    return found
