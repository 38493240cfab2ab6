"""What callbacks tell, as types. Handlers must bear any order, repetition and loss: an event says where to look, the API what is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from yutang.connectors.wecom.callbacks.xml import Element, XmlIsRefused, text_of, texts_of


@dataclass(frozen=True)
class Event:
    """Anything that WeCom tells.

    Attributes:
        corp_id: id of the corp.
        created_at: when it happened, to the second.
        kind: ``Event`` and, where there is one, ``ChangeType``, as WeCom names them, with a slash between.
    """

    corp_id: str
    created_at: datetime
    kind: str


@dataclass(frozen=True)
class CustomerEvent(Event):
    """Something about one member of staff and one customer."""

    userid: str
    external_userid: str


@dataclass(frozen=True)
class Newcomer(CustomerEvent):
    """Somebody came.

    Attributes:
        state: of the contact way, or channel of the acquisition link.
        welcome_code: lets greet within 20 seconds; empty where somebody else does, or did.
    """

    state: str
    welcome_code: str


@dataclass(frozen=True)
class CustomerAdded(Newcomer):
    """Staff and customer have each other."""


@dataclass(frozen=True)
class CustomerHalfAdded(Newcomer):
    """The customer has the member of staff, who has not accepted yet; the API answers that it is no customer until then."""


@dataclass(frozen=True)
class CustomerEdited(CustomerEvent):
    """Remark or tags changed; what, must be read."""

    state: str


@dataclass(frozen=True)
class CustomerDeletedByStaff(CustomerEvent):
    """Staff deleted the customer.

    Attributes:
        by_transfer: the customer went to another member of staff.
    """

    by_transfer: bool


@dataclass(frozen=True)
class StaffDeletedByCustomer(CustomerEvent):
    """The customer deleted the member of staff, who keeps a one-way relation."""


@dataclass(frozen=True)
class TransferFailed(CustomerEvent):
    """A hand-over failed; `userid` would have taken. Reason: customer_refused or customer_limit_exceed."""

    reason: str


@dataclass(frozen=True)
class ArchiveConsented(CustomerEvent):
    """The customer agreed that chats are archived."""

    welcome_code: str


@dataclass(frozen=True)
class GroupEvent(Event):
    """Something about a customer group."""

    chat_id: str


@dataclass(frozen=True)
class GroupCreated(GroupEvent):
    """A group was made."""


@dataclass(frozen=True)
class GroupDismissed(GroupEvent):
    """A group is gone; its members get no event of their own."""


@dataclass(frozen=True)
class GroupChanged(GroupEvent):
    """A group changed.

    Attributes:
        detail: add_member, del_member, change_owner, change_name, change_notice; seen to be wrong when two happen at once.
        members: who came or went; may be missing.
        member_count: how many came or went.
        before: `member_version` on which `members` builds; with another one kept here, the group must be read anew.
        after: `member_version` now.
        scene: how they came or went; sources disagree on the numbers, so that it is kept as it came.
    """

    detail: str
    members: tuple[str, ...]
    member_count: int | None
    before: str
    after: str
    scene: str


@dataclass(frozen=True)
class TagChanged(Event):
    """A tag or a group of tags changed; after ``shuffle`` all orders must be read.

    Attributes:
        id: of the tag or the group.
        is_group: whether it is a group.
        change: create, update, delete or shuffle.
    """

    id: str
    is_group: bool
    change: str


@dataclass(frozen=True)
class StaffChanged(Event):
    """Somebody joined, changed or left.

    Attributes:
        new_userid: the id from now on, where it changed.
    """

    userid: str
    new_userid: str


@dataclass(frozen=True)
class AcquisitionChanged(Event):
    """Something about an acquisition link, such as balance_low or friend_request."""

    link_id: str
    state: str
    userid: str
    external_userid: str


@dataclass(frozen=True)
class OtherEvent(Event):
    """Anything else, as it came."""

    fields: dict[str, str]


def event_of(element: Element) -> Event:
    """Return the typed event of a callback.

    Raises:
        XmlIsRefused: it has no time, or no corp.
    """
    kind = "/".join(part for part in (text_of(element, "Event"), text_of(element, "ChangeType")) if part)
    kind = kind or text_of(element, "MsgType") or "unknown"
    corp, created = text_of(element, "ToUserName"), text_of(element, "CreateTime")
    if not corp or not created.isdecimal() or len(created) > 11:
        raise XmlIsRefused
    base = (corp, datetime.fromtimestamp(int(created), UTC), kind)
    read = _READERS.get(kind) or _READERS.get(kind.split("/", maxsplit=1)[0])
    if read is None:
        return OtherEvent(*base, {name: value for name, value in element.items() if isinstance(value, str)})
    return read(base, element)


_Base = tuple[str, datetime, str]


def _pair(element: Element) -> tuple[str, str]:
    return text_of(element, "UserID"), text_of(element, "ExternalUserID")


def _added(base: _Base, element: Element) -> Event:
    return CustomerAdded(*base, *_pair(element), text_of(element, "State"), text_of(element, "WelcomeCode"))


def _half_added(base: _Base, element: Element) -> Event:
    return CustomerHalfAdded(*base, *_pair(element), text_of(element, "State"), text_of(element, "WelcomeCode"))


def _deleted_by_staff(base: _Base, element: Element) -> Event:
    return CustomerDeletedByStaff(*base, *_pair(element), text_of(element, "Source") == "DELETE_BY_TRANSFER")


def _group_changed(base: _Base, element: Element) -> Event:
    count = text_of(element, "MemChangeCnt")
    return GroupChanged(
        *base,
        text_of(element, "ChatId"),
        text_of(element, "UpdateDetail"),
        texts_of(element, "MemChangeList"),
        int(count) if count.isdecimal() else None,
        text_of(element, "LastMemVer"),
        text_of(element, "CurMemVer"),
        text_of(element, "JoinScene") or text_of(element, "QuitScene"),
    )


def _tag_changed(base: _Base, element: Element) -> Event:
    is_group = text_of(element, "TagType") == "tag_group"
    return TagChanged(*base, text_of(element, "Id"), is_group, text_of(element, "ChangeType"))


def _acquisition(base: _Base, element: Element) -> Event:
    return AcquisitionChanged(*base, text_of(element, "LinkId"), text_of(element, "State"), *_pair(element))


_READERS: dict[str, Callable[[_Base, Element], Event]] = {
    "change_external_contact/add_external_contact": _added,
    "change_external_contact/add_half_external_contact": _half_added,
    "change_external_contact/edit_external_contact": lambda base, one: CustomerEdited(
        *base, *_pair(one), text_of(one, "State")
    ),
    "change_external_contact/del_external_contact": _deleted_by_staff,
    "change_external_contact/del_follow_user": lambda base, one: StaffDeletedByCustomer(*base, *_pair(one)),
    "change_external_contact/transfer_fail": lambda base, one: TransferFailed(
        *base, *_pair(one), text_of(one, "FailReason")
    ),
    "change_external_contact/msg_audit_approved": lambda base, one: ArchiveConsented(
        *base, *_pair(one), text_of(one, "WelcomeCode")
    ),
    "change_external_chat/create": lambda base, one: GroupCreated(*base, text_of(one, "ChatId")),
    "change_external_chat/dismiss": lambda base, one: GroupDismissed(*base, text_of(one, "ChatId")),
    "change_external_chat/update": _group_changed,
    "change_external_tag": _tag_changed,
    "change_contact/create_user": lambda base, one: StaffChanged(*base, text_of(one, "UserID"), ""),
    "change_contact/update_user": lambda base, one: StaffChanged(
        *base, text_of(one, "UserID"), text_of(one, "NewUserID")
    ),
    "change_contact/delete_user": lambda base, one: StaffChanged(*base, text_of(one, "UserID"), ""),
    "customer_acquisition": _acquisition,
}
