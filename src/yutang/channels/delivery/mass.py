"""Mass messages of WeCom: one task for each member of staff and chunk, written down before it is made.

A task whose answer was lost is looked for with WeCom (`reconciling`), and never made a second time before that.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yutang.channels.actions.claims import MOST_AT_ONCE
from yutang.channels.bodies import Body
from yutang.channels.delivery import noting
from yutang.channels.delivery.books import WecomBook
from yutang.channels.delivery.rounds import LEASE, claimed_touches, due_keys, recover
from yutang.channels.delivery.words import bodies_of, text_digest, why_silent, with_shared_links, words_digest
from yutang.channels.kept_policy import kept_policy
from yutang.channels.models import Campaign, DeliveryState, MassTask, TaskState, Touch
from yutang.channels.organisation_delivery import task_hours
from yutang.channels.policy import GROUP_CHANNEL, Policy
from yutang.channels.switches import switches_for
from yutang.connectors.wecom import messages as said
from yutang.connectors.wecom.api.mass import Chunk, MadeTask
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import (
    AnswerUnreadable,
    NobodyToSendTo,
    NothingGiven,
    OverLimit,
    RateLimited,
    Remedy,
    WeComError,
)
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16_many
from yutang.kit.errors import DomainError

CHANNELS = ("wecom", GROUP_CHANNEL)
#: Messages of one round; all of one content, so that they go into as few tasks as there are senders.
MOST_A_ROUND = 100_000
#: WeCom hands a task out for some seconds; a task whose answer was lost is looked for after them.
FIRST_LOOK = timedelta(seconds=10)
_LATER, _ALARM = timedelta(minutes=5), timedelta(minutes=30)


@dataclass
class MassRound:
    """What one round did, in messages: decided about, let out, given to the platform, and what became of the others."""

    decided: int = 0
    claimed: int = 0
    tasks: int = 0
    created: int = 0
    not_friends: int = 0
    failed: int = 0
    put_off: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class _Part:
    """What becomes one task: messages of one sender with the same words.

    Attributes:
        targets: external_userid or chat_id by the key of the message.
    """

    campaign: str
    content: str
    channel: str
    sender: str
    body: Body
    targets: Mapping[int, str] = field(repr=False)


def create_round(*, book: WecomBook, clock: Callable[[], datetime], most: int = MOST_A_ROUND) -> MassRound:
    """Give WeCom what is due of the content that is due longest, and return what became of it.

    Args:
        book: who talks with whom, and the client.
        clock: tells the time, aware UTC.
        most: messages at most.
    """
    done, client = MassRound(), book.client()
    if client is None:
        return done
    token = secrets.token_hex(16)
    for channel in CHANNELS:
        recover(channel=channel, now=clock())
    touches = _claimed(token, most, done, clock)
    policy = kept_policy(now=clock()).policy
    for part in _parts(touches, book, policy, token, done, clock):
        _give(client, part, token, done, clock)
    return done


def _claimed(token: str, most: int, done: MassRound, clock: Callable[[], datetime]) -> list[Touch]:
    """Return messages of one content that were let out, claimed some at a time so that nobody waits long for a receiver."""
    touches = list[Touch]()
    keys = due_keys(*CHANNELS, most=1, now=clock())
    first = Touch.objects.filter(key__in=keys).first()
    if first is None:
        return touches
    same = Touch.objects.filter(
        state="planned", at__lte=clock(), campaign=first.campaign, content=first.content, channel=first.channel
    )
    wanted = list(same.order_by("at", "id").values_list("key", flat=True)[:most])
    for start in range(0, len(wanted), MOST_AT_ONCE):
        decided, mine = claimed_touches(Actor.system(), wanted[start : start + MOST_AT_ONCE], token, now=clock())
        done.decided += decided
        touches += mine
    done.claimed = len(touches)
    return touches


def _parts(
    touches: Sequence[Touch],
    book: WecomBook,
    policy: Policy,
    token: str,
    done: MassRound,
    clock: Callable[[], datetime],
) -> Iterator[_Part]:
    """Yield the tasks that the messages become; who is no friend, and what has no words, is written down."""
    people = book.friends_of([one.customer_id for one in touches if one.customer_id is not None])
    groups = book.owners_of([one.group_key for one in touches if one.customer_id is None])
    bodies = bodies_of(touches, now=clock())
    silent, strangers = list[Touch](), list[int]()
    parts: dict[tuple[str, str], dict[int, str]] = {}
    words: dict[str, Body] = {}
    named: set[str] = set()
    for touch in touches:
        known = groups.get(touch.group_key) if touch.customer_id is None else people.get(touch.customer_id)
        if touch.pk not in bodies:
            silent.append(touch)
        elif known is None or known[0] in named:
            # Two records of one contact: WeCom would send to them once.
            strangers.append(touch.pk)
        else:
            named.add(known[0])
            digest = words_digest(bodies[touch.pk])
            words[digest] = bodies[touch.pk]
            parts.setdefault((known[1], digest), {})[touch.pk] = known[0]
    with transaction.atomic():
        for fault, ids in why_silent(silent).items():
            done.failed += len(_failed(ids, fault, token, clock()))
        done.not_friends += len(
            noting.move(strangers, to=DeliveryState.NOT_A_FRIEND, fault="no_friendship", now=clock(), lease_token=token)
        )
    first = touches[0] if touches else None
    for (sender, digest), targets in parts.items():
        assert first is not None  # There are parts only of messages.
        size = policy.groups_a_task if first.channel == GROUP_CHANNEL else policy.customers_a_task
        rows = list(targets.items())
        for start in range(0, len(rows), size):
            some = dict(rows[start : start + size])
            yield _Part(first.campaign, first.content, first.channel, sender, words[digest], some)


def _give(client: WeCom, part: _Part, token: str, done: MassRound, clock: Callable[[], datetime]) -> None:
    """Make one task: written down first, then made, then written down what WeCom answered."""
    task = _written_before(part, token, done, clock())
    if task is None:
        return
    kind = "group" if part.channel == GROUP_CHANNEL else "single"
    targets = {key: part.targets[key] for key in task.deliveries.values_list("pk", flat=True)}
    try:
        with transaction.atomic():
            whose = {"campaign": part.campaign, "channel": part.channel, "content": part.content}
            body = with_shared_links(part.body, **whose, now=clock())
            MassTask.objects.filter(pk=task.pk).update(words_digest=text_digest(body.text))
        made = client.mass.create(chunk=Chunk(part.sender, kind, tuple(targets.values())), message=message_of(body))
    except NobodyToSendTo:
        with transaction.atomic():
            _end_task(task, "nobody")
            gone = noting.move(list(targets), to=DeliveryState.NOT_A_FRIEND, fault="nobody", now=clock())
            done.not_friends += len(gone)
    except DomainError as error:
        _refused(task, error, list(targets), done, clock())
    else:
        note_made(task, made, now=clock())
        done.tasks += 1
        refused = set(made.refused) & set(targets.values())
        done.not_friends += len(refused)
        done.created += len(targets) - len(refused)


def _written_before(part: _Part, token: str, done: MassRound, now: datetime) -> MassTask | None:
    """Write down that a task is being made; None where it must not be, or where others took the messages."""
    with transaction.atomic():
        if switches_for(campaigns=[part.campaign]).hold(channel=part.channel, campaign=part.campaign):
            held = noting.put_off(list(part.targets), until=now, fault="stopped", now=now, lease_token=token)
            done.put_off += len(held)
            return None
        task = MassTask.objects.create(
            channel=part.channel,
            campaign=part.campaign,
            content=part.content,
            sender=part.sender,
            size=len(part.targets),
            words_digest=text_digest(part.body.text),
            handed_at=now,
            until=now + _patience(part.campaign),
            next_at=now + LEASE,
        )
        going = noting.move(list(part.targets), to=DeliveryState.HANDING, now=now, lease_token=token, task=task)
        if not going:
            task.delete()
            return None
        digests = digest16_many(part.channel, "target", [part.targets[key] for key in going])
        # The columns are few, and a task names ten thousand at most.
        noting.set_targets(dict(zip(going, digests, strict=True)))
        if len(going) < len(part.targets):
            MassTask.objects.filter(pk=task.pk).update(size=len(going))
    return task


def note_made(task: MassTask, made: MadeTask, *, now: datetime) -> None:
    """Write down under which id WeCom keeps a task, and whom it does not reach."""
    with transaction.atomic():
        waiting = MassTask.objects.filter(pk=task.pk, msgid="", state__in=(TaskState.HANDING, TaskState.LOST))
        if not waiting.update(msgid=made.msgid, state=TaskState.OPEN, next_at=now + FIRST_LOOK, fault=""):
            return
        rows = keys_by_target(task)
        refused = [rows[digest] for digest in digest16_many(task.channel, "target", made.refused) if digest in rows]
        noting.move(refused, to=DeliveryState.NOT_A_FRIEND, fault="not_reached", now=now)
        rest = sorted(set(rows.values()) - set(refused))
        noting.move(rest, to=DeliveryState.CREATED, now=now, reference=made.msgid)


def keys_by_target(task: MassTask) -> dict[bytes, int]:
    """Return the messages of a task by the hash of whom they go to."""
    return {bytes(target): key for target, key in task.deliveries.values_list("target", "pk") if target is not None}


def message_of(body: Body) -> said.Message:
    """Return words as WeCom takes them."""
    return said.Message(text=body.text, attachments=tuple(_attachment(one) for one in body.attachments))


def _attachment(one: Mapping[str, Any]) -> said.Attachment:
    kinds: Mapping[str, Any] = {
        "image": said.Image,
        "link": said.Link,
        "miniprogram": said.MiniProgram,
        "video": said.Video,
        "file": said.File,
    }
    told = {name: value for name, value in one.items() if name != "kind"}
    try:
        made: said.Attachment = kinds[str(one.get("kind"))](**told)
    except (KeyError, TypeError) as error:
        raise NothingGiven(what="attachments") from error
    return made


def _refused(task: MassTask, error: DomainError, ids: list[int], done: MassRound, now: datetime) -> None:
    """Write down why no task came about, or that nobody knows whether it did."""
    is_unknown = isinstance(error, AnswerUnreadable) or (
        isinstance(error, WeComError) and error.remedy is Remedy.REPEAT_IF_SAFE
    )
    fault = f"{error.code}:{error.errcode}" if isinstance(error, WeComError) and error.errcode else error.code
    with transaction.atomic():
        if is_unknown:
            # Looked for with WeCom before anything else is done.
            MassTask.objects.filter(pk=task.pk, msgid="").update(next_at=now + FIRST_LOOK, fault=fault[:60])
            done.unknown += len(ids)
            return
        _end_task(task, fault)
        if isinstance(error, (OverLimit, NothingGiven)) or not isinstance(error, WeComError):
            done.failed += len(_failed(ids, fault, "", now))
        elif error.may_help_later:
            seconds = error.seconds if isinstance(error, RateLimited) else _LATER.total_seconds()
            done.put_off += len(noting.put_off(ids, until=now + timedelta(seconds=seconds), fault=fault, now=now))
        elif error.remedy is Remedy.ALARM:
            done.put_off += len(noting.put_off(ids, until=now + _ALARM, fault=fault, now=now))
        else:
            done.failed += len(_failed(ids, fault, "", now))


def _end_task(task: MassTask, fault: str) -> None:
    MassTask.objects.filter(pk=task.pk).update(state=TaskState.ENDED, fault=fault[:60])


def _failed(ids: Sequence[int], fault: str, token: str, now: datetime) -> list[int]:
    return noting.move(ids, to=DeliveryState.FAILED, fault=fault, now=now, lease_token=token)


def _patience(campaign: str) -> timedelta:
    """Return how long staff have to confirm: until the other way is taken, where the campaign has one."""
    row = Campaign.objects.filter(key=campaign).exclude(fallback="").first() if campaign else None
    return timedelta(hours=task_hours() if row is None else row.fallback_hours)
