"""Customer groups (客户群), their members and owners, and the statistics of groups and staff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.reading import (
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

_LIST = Api("externalcontact/groupchat/list")
_GET = Api("externalcontact/groupchat/get")
_TRANSFER = Api("externalcontact/groupchat/transfer", once=True)
_TRANSFER_ACTIVE = Api("externalcontact/groupchat/onjob_transfer", once=True)
_BY_OWNER = Api("externalcontact/groupchat/statistic")
_BY_DAY = Api("externalcontact/groupchat/statistic_group_by_day")
_BEHAVIOUR = Api("externalcontact/get_user_behavior_data")

#: Most owners of one question.
OWNERS = 100
#: Most groups of one hand-over.
TRANSFERRED = 100


@dataclass(frozen=True)
class ListedGroup:
    """A group in the list: 0 as always, 1 its owner left, 2 being handed over, 3 handed over."""

    chat_id: str
    status: int


@dataclass(frozen=True)
class GroupMember:
    """Somebody in a group.

    Attributes:
        id: userid of staff, external_userid of customers.
        kind: 1 staff, 2 external.
        join_scene: 1 invited, 2 by a link, 3 by a code.
        inviter: userid of own staff; empty otherwise.
        state: only of those who came through a join way that had one.
    """

    id: Annotated[str, named("userid")]
    kind: Annotated[int, named("type")]
    joined_at: Annotated[datetime, named("join_time")]
    join_scene: int
    unionid: Text = ""
    inviter: str = ""
    nickname: Annotated[Text, named("group_nickname")] = ""
    name: Text = ""
    state: Text = ""


@dataclass(frozen=True)
class Group:
    """A customer group; `member_version` changes with its members."""

    chat_id: str
    name: Text
    owner: str
    created_at: Annotated[datetime, named("create_time")]
    notice: Text = ""
    members: tuple[GroupMember, ...] = ()
    admins: tuple[str, ...] = ()
    member_version: Text = ""


@dataclass(frozen=True)
class FailedTransfer:
    """A group that was not handed over, and why."""

    chat_id: str
    errcode: int


@dataclass(frozen=True)
class GroupFigures:
    """What happened in the groups of an owner, or of all on one day. Counts."""

    new_groups: Annotated[int, named("new_chat_cnt")] = 0
    groups: Annotated[int, named("chat_total")] = 0
    groups_with_messages: Annotated[int, named("chat_has_msg")] = 0
    new_members: Annotated[int, named("new_member_cnt")] = 0
    members: Annotated[int, named("member_total")] = 0
    members_with_messages: Annotated[int, named("member_has_msg")] = 0
    messages: Annotated[int, named("msg_total")] = 0


@dataclass(frozen=True)
class OwnerFigures:
    """Figures of one owner."""

    owner: str
    figures: Annotated[GroupFigures, named("data")]


@dataclass(frozen=True)
class DayFigures:
    """Figures of one day."""

    day: Annotated[datetime, named("stat_time")]
    figures: Annotated[GroupFigures, named("data")]


@dataclass(frozen=True)
class StaffFigures:
    """One day of one member of staff.

    Attributes:
        reply_percentage: of chats that were answered; None without chats.
        reply_minutes: until the first answer, on average; None without chats.
        lost: customers who deleted or blocked them.
    """

    day: Annotated[datetime, named("stat_time")]
    chats: Annotated[int, named("chat_cnt")] = 0
    messages: Annotated[int, named("message_cnt")] = 0
    reply_percentage: float | None = None
    reply_minutes: Annotated[int | None, named("avg_reply_time")] = None
    lost: Annotated[int, named("negative_feedback_cnt")] = 0
    requests: Annotated[int, named("new_apply_cnt")] = 0
    new_customers: Annotated[int, named("new_contact_cnt")] = 0


class Groups:
    """Customer groups."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self, *, owners: Sequence[str] = (), status: int = 0) -> Iterator[ListedGroup]:
        """Yield the groups of the given owners, 100 a call, or of everybody visible; who left must be named.

        Args:
            owners: userids; empty for everybody, which WeCom refuses above 1,000 visible staff.
            status: 0 all, 1 owner left, 2 being handed over, 3 handed over.
        """
        for chunk in in_chunks(owners, size=OWNERS) if owners else [()]:
            body: dict[str, Any] = {"status_filter": status, "limit": 1000}
            if chunk:
                body["owner_filter"] = {"userid_list": [*chunk]}
            for page in pages(self._caller, _LIST, body):
                yield from read_all(ListedGroup, page.get("group_chat_list"), api=_LIST.path)

    def get(self, *, chat_id: str) -> Group:
        """Return a group with its members; it may be about two seconds behind an event."""
        answer = self._caller.call(_GET, body={"chat_id": chat_id, "need_name": 1})
        found = dict(answer.get("group_chat") or {})
        members = [
            {**one, "inviter": (one.get("invitor") or {}).get("userid") or ""} for one in found.get("member_list") or ()
        ]
        admins = [one.get("userid") for one in found.get("admin_list") or ()]
        return read(Group, {**found, "members": members, "admins": admins}, api=_GET.path)

    def transfer(self, *, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedTransfer, ...]:
        """Give groups whose owner left to somebody else; return those that failed."""
        return self._transfer(_TRANSFER, chat_ids, new_owner)

    def transfer_active(self, *, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedTransfer, ...]:
        """Give groups whose owner is still there to somebody else; return those that failed."""
        return self._transfer(_TRANSFER_ACTIVE, chat_ids, new_owner)

    def _transfer(self, api: Api, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedTransfer, ...]:
        at_least_one(what="chat_id_list", of=chat_ids)
        at_most(TRANSFERRED, what="chat_id_list", of=chat_ids)
        answer = self._caller.call(api, body={"chat_id_list": list(chat_ids), "new_owner": new_owner})
        return read_all(FailedTransfer, answer.get("failed_chat_list"), api=api.path)


class Statistics:
    """Figures of groups and staff: yesterday back to 180 days ago, at most 30 days at once, both ends included."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def groups_by_owner(
        self, *, first_day: datetime, last_day: datetime | None = None, owners: Sequence[str] = ()
    ) -> Iterator[OwnerFigures]:
        """Yield the figures of each owner over the days; 100 owners a call."""
        for chunk in in_chunks(owners, size=OWNERS) if owners else [()]:
            offset = 0
            while True:
                body = {**_days(first_day, last_day, chunk), "order_by": 2, "offset": offset, "limit": 1000}
                answer = self._caller.call(_BY_OWNER, body=body)
                found = read_all(OwnerFigures, answer.get("items"), api=_BY_OWNER.path)
                yield from found
                offset = int(answer.get("next_offset") or 0)
                if not found or offset >= int(answer.get("total") or 0):
                    break

    def groups_by_day(
        self, *, first_day: datetime, last_day: datetime | None = None, owners: Sequence[str] = ()
    ) -> tuple[DayFigures, ...]:
        """Return the figures of each day, of at most 100 owners together."""
        at_most(OWNERS, what="owner_filter", of=owners)
        answer = self._caller.call(_BY_DAY, body=_days(first_day, last_day, owners))
        return read_all(DayFigures, answer.get("items"), api=_BY_DAY.path)

    def staff(self, *, userid: str, first_day: datetime, last_day: datetime) -> tuple[StaffFigures, ...]:
        """Return the days of one member of staff; of several WeCom would give only the sum."""
        body = {"userid": [userid], "start_time": seconds(first_day), "end_time": seconds(last_day)}
        answer = self._caller.call(_BEHAVIOUR, body=body)
        return read_all(StaffFigures, answer.get("behavior_data"), api=_BEHAVIOUR.path)


def _days(first: datetime, last: datetime | None, owners: Sequence[str]) -> dict[str, Any]:
    return given(
        day_begin_time=seconds(first),
        day_end_time=last and seconds(last),
        owner_filter={"userid_list": list(owners)} if owners else None,
    )
