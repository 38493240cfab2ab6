"""Mass messages (企业群发): tasks that staff must confirm, one message id for each sender and chunk, and what came of them.

Nothing goes out by itself: WeCom asks each sender, and says afterwards who was reached, who is no customer any more and who had
received as much as the corp allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.messages import Message
from yutang.connectors.wecom.reading import (
    Instant,
    Text,
    at_least_one,
    at_most,
    given,
    in_chunks,
    named,
    pages,
    read,
    read_all,
    seconds,
)
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_ADD = Api("externalcontact/add_msg_template", once=True)
_REMIND = Api("externalcontact/remind_groupmsg_send", once=True)
_CANCEL = Api("externalcontact/cancel_groupmsg_send")
_LIST = Api("externalcontact/get_groupmsg_list_v2")
_TASK = Api("externalcontact/get_groupmsg_task")
_RESULT = Api("externalcontact/get_groupmsg_send_result")

#: Most customers of one task.
CUSTOMERS = 10_000
#: Most groups of one task.
GROUPS = 2_000
#: Longest span of one list of tasks, in days.
LIST_DAYS = 31


class TaskStatus(IntEnum):
    """Whether a sender confirmed. WeCom counts otherwise here than in results."""

    UNSENT = 0
    SENT = 2


class SendStatus(IntEnum):
    """What came of one message to one customer or group."""

    UNSENT = 0
    SENT = 1
    NOT_A_FRIEND = 2
    CAP_REACHED = 3


@dataclass(frozen=True)
class Chunk:
    """What becomes one task, with one message id.

    Attributes:
        sender: userid of who is asked to send.
        chat_type: ``single`` for customers, ``group`` for groups.
        targets: external_userids or chat_ids, each once.
    """

    sender: str
    chat_type: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class MadeTask:
    """A task that WeCom made: store `msgid` before the next one, it is the only way to its results.

    Attributes:
        refused: targets that the task does not reach.
    """

    msgid: str
    refused: Annotated[tuple[str, ...], named("fail_list")] = ()


@dataclass(frozen=True)
class SenderTask:
    """Whether one sender confirmed a task."""

    userid: str
    status: TaskStatus
    sent_at: Annotated[Instant, named("send_time")] = None


@dataclass(frozen=True)
class Sending:
    """What came of a task at one customer or group.

    Attributes:
        target: external_userid or chat_id.
        sent_at: when it went out.
    """

    target: str
    userid: Text
    status: SendStatus
    sent_at: Annotated[Instant, named("send_time")] = None


@dataclass(frozen=True)
class ListedTask:
    """A task in the list; one made by the API has no creator. `create_type` 0 by the corp, 1 by a member."""

    msgid: str
    created_at: Annotated[datetime, named("create_time")]
    create_type: int = 0
    creator: Text = ""
    content: Annotated[Mapping[str, str] | None, named("text")] = None

    @property
    def text(self) -> str:
        """The words; empty where there are none."""
        return (self.content or {}).get("content", "")


def customer_chunks(pairs: Iterable[tuple[str, str]]) -> tuple[Chunk, ...]:
    """Return the tasks that reach customers, senders and customers in the given order.

    Args:
        pairs: userid of the sender and external_userid; one sender for each customer, so that nobody gets it twice.

    Raises:
        SentTwice: a customer is named twice.
    """
    return _chunks(pairs, "single", CUSTOMERS)


def group_chunks(pairs: Iterable[tuple[str, str]]) -> tuple[Chunk, ...]:
    """Return the tasks that reach groups; the sender is the owner.

    Args:
        pairs: userid of the owner and chat_id.

    Raises:
        SentTwice: a group is named twice.
    """
    return _chunks(pairs, "group", GROUPS)


class SentTwice(DomainError):
    """A customer or group would get the same message twice."""

    code = "wecom_sent_twice"
    http_status = 409
    message = N_(
        "%(what)s: %(count)s of those named are named more than once; each may get a message from one sender only."
    )


def _chunks(pairs: Iterable[tuple[str, str]], chat_type: str, most: int) -> tuple[Chunk, ...]:
    by_sender: dict[str, list[str]] = {}
    count, targets = 0, set()
    for sender, target in pairs:
        by_sender.setdefault(sender, []).append(target)
        targets.add(target)
        count += 1
    if count != len(targets):
        raise SentTwice(what="external_userid" if chat_type == "single" else "chat_id", count=count - len(targets))
    return tuple(
        Chunk(sender, chat_type, tuple(part))
        for sender, found in by_sender.items()
        for part in in_chunks(found, size=most)
    )


class MassMessages:
    """Mass messages."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(self, *, chunk: Chunk, message: Message, may_choose: bool = False) -> MadeTask:
        """Make one task. It is never repeated by itself: a lost answer must be looked up with `listed`.

        Args:
            chunk: who is asked to send to whom.
            message: what is sent.
            may_choose: whether the sender may leave customers out.

        Raises:
            OutcomeUnknown: whether the task was made is not known.
            NobodyToSendTo: none of the targets can be reached.
        """
        is_single = chunk.chat_type == "single"
        field, most = ("external_userid", CUSTOMERS) if is_single else ("chat_id_list", GROUPS)
        at_least_one(what=field, of=chunk.targets)
        at_most(most, what=field, of=chunk.targets)
        body = {
            "chat_type": chunk.chat_type,
            field: list(chunk.targets),
            "sender": chunk.sender,
            **given(allow_select=True if may_choose and is_single else None),
            **message.as_body(),
        }
        return read(MadeTask, self._caller.call(_ADD, body=body), api=_ADD.path)

    def create_all(
        self, *, chunks: Sequence[Chunk], message: Message, may_choose: bool = False
    ) -> Iterator[tuple[Chunk, MadeTask]]:
        """Make one task after the other, and yield each before the next is made, so that its id can be stored first."""
        for chunk in chunks:
            yield chunk, self.create(chunk=chunk, message=message, may_choose=may_choose)

    def remind(self, *, msgid: str) -> None:
        """Remind those who have not confirmed; WeCom allows three times within 24 hours."""
        self._caller.call(_REMIND, body={"msgid": msgid})

    def cancel(self, *, msgid: str) -> None:
        """Stop what has not been sent; what was sent cannot be called back."""
        self._caller.call(_CANCEL, body={"msgid": msgid})

    def listed(self, *, chat_type: str, since: datetime, until: datetime) -> Iterator[ListedTask]:
        """Yield the tasks that were made within at most a month."""
        at_most(LIST_DAYS, what="start_time, end_time", of=range((until - since).days))
        body = {
            "chat_type": chat_type,
            "start_time": seconds(since),
            "end_time": seconds(until),
            "filter_type": 2,
            "limit": self._caller.settings.disputed.mass_list_page,
        }
        for page in pages(self._caller, _LIST, body):
            yield from read_all(ListedTask, page.get("group_msg_list"), api=_LIST.path)

    def senders(self, *, msgid: str) -> Iterator[SenderTask]:
        """Yield who was asked to send, and who did.

        Raises:
            StillDispatching: the task was made seconds ago.
        """
        for page in pages(self._caller, _TASK, {"msgid": msgid, "limit": 1000}):
            yield from read_all(SenderTask, page.get("task_list"), api=_TASK.path)

    def results(self, *, msgid: str, userid: str) -> Iterator[Sending]:
        """Yield what came of a task at each customer or group of one sender; groups that were not chosen yet are left out."""
        for page in pages(self._caller, _RESULT, {"msgid": msgid, "userid": userid, "limit": 1000}):
            rows = [
                {**row, "target": row.get("external_userid") or row.get("chat_id") or ""}
                for row in page.get("send_list") or ()
            ]
            yield from read_all(Sending, rows, api=_RESULT.path)
