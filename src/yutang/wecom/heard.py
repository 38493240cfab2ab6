"""What a batch of callbacks says, sorted by what must be looked at: pairs, groups, tags, staff. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from yutang.connectors.wecom.callbacks.events import (
    CustomerAdded,
    CustomerDeletedByStaff,
    CustomerEvent,
    CustomerHalfAdded,
    Event,
    GroupChanged,
    GroupDismissed,
    GroupEvent,
    Newcomer,
    StaffChanged,
    StaffDeletedByCustomer,
    TagChanged,
    TransferFailed,
)
from yutang.wecom.standing import later

#: Ids of WeCom are shorter; what is longer cannot be one.
LONGEST_ID = 64


class Welcome(NamedTuple):
    """When a newcomer was greeted from here, and the key of the words; None where they were not kept."""

    at: datetime
    words_id: int | None


@dataclass
class HeardPair:
    """What was told of one member of staff and one customer; the latest of each.

    Attributes:
        state_text: what the code brought back.
        refused_at: when a hand-over to the member of staff failed.
        welcomed: when the newcomer was greeted from here, and with what.
    """

    half_at: datetime | None = None
    added_at: datetime | None = None
    left_at: datetime | None = None
    deleted_at: datetime | None = None
    handed_at: datetime | None = None
    refused_at: datetime | None = None
    welcomed: Welcome | None = None
    state_text: str = ""


@dataclass
class HeardGroup:
    """What was told of one group.

    Attributes:
        dismissed_at: when it was dismissed.
        left_at: when members went, by id.
    """

    dismissed_at: datetime | None = None
    left_at: dict[str, datetime] = field(default_factory=dict)


Pair = tuple[str, str]


@dataclass
class Heard:
    """What a batch says.

    Attributes:
        pairs: by (userid, external_userid).
        groups: by chat_id.
        tags_changed: whether the tags must be read anew.
        staff_changed: whether the list of who serves must be read anew.
        renamed: new userid by old one.
        left: when staff left the corp, by userid.
    """

    pairs: dict[Pair, HeardPair] = field(default_factory=dict)
    groups: dict[str, HeardGroup] = field(default_factory=dict)
    tags_changed: bool = False
    staff_changed: bool = False
    renamed: dict[str, str] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)


def heard_of(events: Iterable[tuple[Event, Welcome | None]]) -> Heard:
    """Return what events say, whatever their order.

    Args:
        events: each with how its newcomer was greeted from here; None where nobody was.
    """
    heard = Heard()
    for event, welcomed in events:
        if isinstance(event, CustomerEvent):
            _hear_customer(heard, event, welcomed)
        elif isinstance(event, GroupEvent):
            _hear_group(heard, event)
        elif isinstance(event, TagChanged):
            heard.tags_changed = True
        elif isinstance(event, StaffChanged):
            _hear_staff(heard, event)
    return heard


def is_id(text: str) -> bool:
    """Return whether a text can be an id of WeCom."""
    return 0 < len(text) <= LONGEST_ID


def _hear_customer(heard: Heard, event: CustomerEvent, welcomed: Welcome | None) -> None:
    if not (is_id(event.userid) and is_id(event.external_userid)):
        return
    pair = heard.pairs.setdefault((event.userid, event.external_userid), HeardPair())
    at = event.created_at
    if isinstance(event, Newcomer) and event.state:
        pair.state_text = event.state[:LONGEST_ID]
    if isinstance(event, CustomerHalfAdded):
        pair.half_at = later(pair.half_at, at)
    elif isinstance(event, CustomerAdded):
        pair.added_at = later(pair.added_at, at)
    elif isinstance(event, StaffDeletedByCustomer):
        pair.left_at = later(pair.left_at, at)
    elif isinstance(event, CustomerDeletedByStaff) and event.by_transfer:
        pair.handed_at = later(pair.handed_at, at)
    elif isinstance(event, CustomerDeletedByStaff):
        pair.deleted_at = later(pair.deleted_at, at)
    elif isinstance(event, TransferFailed):
        pair.refused_at = later(pair.refused_at, at)
    if welcomed is not None:
        pair.welcomed = max(pair.welcomed or welcomed, welcomed, key=lambda one: (one.at, one.words_id or 0))


def _hear_group(heard: Heard, event: GroupEvent) -> None:
    if not is_id(event.chat_id):
        return
    group = heard.groups.setdefault(event.chat_id, HeardGroup())
    if isinstance(event, GroupDismissed):
        group.dismissed_at = later(group.dismissed_at, event.created_at)
    elif isinstance(event, GroupChanged) and event.detail == "del_member":
        for member in event.members:
            group.left_at[member] = max(event.created_at, group.left_at.get(member, event.created_at))


def _hear_staff(heard: Heard, event: StaffChanged) -> None:
    if not is_id(event.userid):
        return
    heard.staff_changed = True
    if is_id(event.new_userid):
        heard.renamed[event.userid] = event.new_userid
    elif event.kind.endswith("/delete_user"):
        heard.left[event.userid] = event.created_at
