"""How often each member of staff would be asked to confirm a campaign in WeCom, foreseen as the tasks are made.

A task goes to the customers of one member of staff who read the same words and whose messages go out together. Where the words hold
values of a person, nearly everybody is a task of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yutang.channels.bodies import BODIES
from yutang.channels.columns import Ints, microseconds
from yutang.channels.delivery.books import WecomBook, wecom_book
from yutang.channels.delivery.words import words_digest
from yutang.channels.models import Campaign
from yutang.channels.organisation import current_policy
from yutang.channels.own_words import reference_of
from yutang.channels.policy import GROUP_CHANNEL
from yutang.kit.errors import DomainError

#: Channels by which a member of staff sends.
BY_STAFF = frozenset({"wecom", GROUP_CHANNEL})
#: Receivers whose words are read together.
_AT_ONCE = 10_000
#: Members of staff who are named; the others are counted.
_MOST_NAMED = 200
#: What goes out within one minute goes out together. Microseconds.
_TOGETHER = 60_000_000


@dataclass(frozen=True)
class Confirmations:
    """What a campaign asks of staff.

    Attributes:
        tasks: confirmations of all members of staff. Count.
        senders: members of staff who are asked. Count.
        receivers: people or groups that these tasks are for. Count.
        varies: whether the words hold values of a person, so that one task serves few.
        silent: receivers who lack a value that the words need: they get nothing. Count.
        named: (userid, tasks, receivers) of those who confirm most, at most 200.
    """

    tasks: int
    senders: int
    receivers: int
    varies: bool
    silent: int
    named: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Going:
    """Receivers of one content, aligned by position.

    Attributes:
        content: reference of what they read.
        channel: by which way they get it.
        receivers: keys of people, or of groups. Shape (n,).
        at: when each would go out; microseconds since 1970 (UTC). Shape (n,).
    """

    content: str
    channel: str
    receivers: Sequence[Any]
    at: Ints


def foreseen_confirmations(campaign: Campaign, going: Sequence[Going], *, now: datetime) -> dict[str, Any]:
    """Return what `Confirmations` holds as JSON; empty where no member of staff sends, or nobody knows who does."""
    book = wecom_book()
    if not {campaign.channel, campaign.fallback} & BY_STAFF or book is None:
        return {}
    by_staff = [one for one in going if one.channel in BY_STAFF]
    policy = current_policy()
    is_of_groups = campaign.channel == GROUP_CHANNEL
    size = policy.groups_a_task if is_of_groups else policy.customers_a_task
    parts, silent = Counter[tuple[str, str, int, str]](), 0
    try:
        for one in by_staff:
            for part in _batches(one):
                found, lacking = _tasks_of(part, book, now)
                parts.update(found)
                silent += lacking
    except DomainError:
        # What cannot be said now is refused, with the reason, when the campaign is let go.
        return {}
    return _told(parts, size) | {"varies": any(_varies(one.content) for one in by_staff), "silent": silent}


def confirmations_from(told: Mapping[str, Any]) -> Confirmations | None:
    """Return what was foreseen; None where nothing was."""
    if "tasks" not in told:
        return None
    named = tuple((str(userid), int(tasks), int(receivers)) for userid, tasks, receivers in told["named"])
    return Confirmations(**{**told, "named": named})


def contents_of(campaign: Campaign) -> tuple[str, str]:
    """Return what a campaign says, and what goes instead where that comes too early; the second may be empty."""
    return reference_of(campaign), campaign.instead


def _batches(going: Going) -> Iterator[Going]:
    for start in range(0, len(going.receivers), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        yield Going(going.content, going.channel, going.receivers[part], going.at[part])


def _tasks_of(going: Going, book: WecomBook, now: datetime) -> tuple[Counter[tuple[str, str, int, str]], int]:
    """Return messages by what makes them one task (sender, content, minute, words), and how many receivers have no words."""
    keys: list[Any] = [one if isinstance(one, str) else int(one) for one in going.receivers]
    senders = _owners(keys, book) if going.channel == GROUP_CHANNEL else book.senders_of(keys)
    digests = _digests(going.content, keys, going.channel, now)
    soon = int(microseconds(now)) // _TOGETHER
    minutes = (max(at // _TOGETHER, soon) for at in going.at.tolist())
    counted = Counter(
        (senders[key], going.content, minute, digests[key])
        for key, minute in zip(keys, minutes, strict=True)
        if key in senders and key in digests
    )
    return counted, sum(key not in digests for key in keys)


def _owners(keys: Sequence[Any], book: WecomBook) -> Mapping[Any, str]:
    return {key: userid for key, (_chat, userid) in book.owners_of(keys).items()}


def _digests(content: str, keys: Sequence[Any], channel: str, now: datetime) -> dict[Any, str]:
    """Return what tells the words of each receiver apart; who has none is missing."""
    source = BODIES[content.partition(":")[0]]
    is_of_groups = channel == GROUP_CHANNEL
    if not _varies(content):
        return dict.fromkeys(keys, content)
    told = source.bodies(
        reference=content,
        channel=channel,
        customer_ids=[] if is_of_groups else keys,
        group_keys=keys if is_of_groups else [],
        now=now,
    )
    return {key: words_digest(told[key]) for key in keys if key in told}


def _varies(content: str) -> bool:
    return BODIES[content.partition(":")[0]].varies(reference=content)


def _told(parts: Counter[tuple[str, str, int, str]], size: int) -> dict[str, Any]:
    tasks, receivers = Counter[str](), Counter[str]()
    for (sender, _content, _minute, _words), n in parts.items():
        tasks[sender] += -(-n // size)
        receivers[sender] += n
    most = sorted(tasks, key=lambda one: (-tasks[one], -receivers[one], one))
    return {
        "tasks": tasks.total(),
        "senders": len(tasks),
        "receivers": receivers.total(),
        "named": [[one, tasks[one], receivers[one]] for one in most[:_MOST_NAMED]],
    }
