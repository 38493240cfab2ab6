"""What the room shows of itself to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.kit.text import Sentence


@dataclass(frozen=True)
class Friend:
    """With whom one writes to a customer.

    Attributes:
        external_userid: of the customer.
        userid: of the member of staff who writes.
        since: since when they have each other.
    """

    friendship_id: int
    external_userid: str
    userid: str
    since: datetime | None


@dataclass(frozen=True)
class Seat:
    """A place in a group.

    Attributes:
        chat_id: of the group, as WeCom knows it.
        owner: userid of whoever owns the group; empty where it is not known.
    """

    group_id: int
    chat_id: str
    name: str
    owner: str
    joined_at: datetime


@dataclass(frozen=True)
class KnownGroup:
    """A living group, as rooms that decide about groups see it.

    Attributes:
        members: customers who are in it. Count.
        staff_id: the owner among the staff; None where nobody said who that is.
        stores: key and code of each of the owner's stores.
    """

    chat_id: str
    name: str
    members: int
    made_at: datetime | None
    staff_id: int | None
    stores: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Fact:
    """What is told of one friendship or one membership of a group, for whoever waits for such ones.

    Attributes:
        customer_id: whose it is.
        facts: by name; see docs/playbooks.md.
    """

    customer_id: int
    facts: Mapping[str, object]


@dataclass(frozen=True)
class LaneView:
    """How a lane of callbacks does. Counts.

    Attributes:
        waiting: to be looked at.
        oldest_at: since when the oldest of them waits.
    """

    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class SyncView:
    """A full look at WeCom.

    Attributes:
        status: of its job.
        phase: what is looked at, or was last.
        done: phases done, of `steps`.
        counts: how much of each was seen.
    """

    id: int
    job_id: int | None
    status: str
    phase: str
    done: int
    steps: int
    counts: dict[str, int]
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class ConnectionView:
    """How WeCom is connected.

    Attributes:
        kind: sandbox or real; empty where nothing is connected.
        is_fixed: whether the environment says which app it is.
        fault: code of the refusal that somebody must do something about; empty while all is well.
        last_callback_at: when something was told last.
        welcome: who waits to be greeted.
        other: everything else.
        given_up: callbacks that could not be settled. Count.
        friends: friendships of staff within reach that last. Count.
        greetings: newcomers of the last 30 days by what became of their welcome.
    """

    kind: str
    corp_id: str
    agent_id: int | None
    page_url: str
    is_fixed: bool
    fault: str
    fault_at: datetime | None
    last_callback_at: datetime | None
    welcome: LaneView
    other: LaneView
    given_up: int
    friends: int
    greetings: dict[str, int]
    sync: SyncView | None


@dataclass(frozen=True)
class AccountView:
    """A member of the corp.

    Attributes:
        staff_id: who that is here; None where nobody said.
        name: of that one; the userid where nobody said.
        friends: customers who are friends now. Count.
        lost: friends lost within 30 days, by the customer. Count.
        deleted: friends that they deleted within 30 days. Count.
        groups: groups that they own. Count.
    """

    id: int
    userid: str
    staff_id: int | None
    name: str
    is_serving: bool
    friends: int
    lost: int
    deleted: int
    groups: int


@dataclass(frozen=True)
class StaffAccount:
    """A member of the corp: the userid, who that is here (None where nobody said), and what they are called."""

    userid: str
    staff_id: int | None
    name: str


@dataclass(frozen=True)
class ApiCalls:
    """How often one API was called, against what is allowed.

    Attributes:
        api: its path.
        by_minute: calls of the last 60 minutes, oldest first. Shape (60,).
        minute: calls within the last 60 seconds. Count.
        hour: calls within the last 3,600 seconds. Count.
        minute_most: calls that are allowed within 60 seconds.
        hour_most: calls that are allowed within 3,600 seconds.
        closed_until: until when nobody calls because the limit was met; None where it is open.
    """

    api: str
    by_minute: tuple[int, ...]
    minute: int
    hour: int
    minute_most: int
    hour_most: int
    closed_until: datetime | None


@dataclass(frozen=True)
class GroupView:
    """A customer group.

    Attributes:
        chat_id: of the group, as WeCom knows it.
        owner: what the owner is called here.
        members: customers in it now. Count.
        joined: customers who came within 30 days. Count.
        left: customers who went within 30 days. Count.
    """

    id: int
    chat_id: str
    name: str
    owner: str
    members: int
    joined: int
    left: int
    status: int
    made_at: datetime | None


@dataclass(frozen=True)
class WayView:
    """A channel code.

    Attributes:
        staff: what those who are added are called here.
        friends: customers who came through it and are friends. Count.
        came: customers who came through it. Count.
    """

    id: int
    name: str
    state: str
    error: str
    staff: tuple[str, ...]
    welcome_words: str
    welcome_content: str
    config_id: str
    qr_code: str
    came: int
    friends: int
    asked_at: datetime


@dataclass(frozen=True)
class LostView:
    """A friendship that ended.

    Attributes:
        customer_id: whose it was; None where nobody is known.
        staff: what the member of staff is called here.
        how: left (by the customer), deleted (by staff), handed, gone.
        kept_days: how long it had lasted. Days; None where it is not known.
        last_touch_at: when the last message went out from here.
    """

    id: int
    customer_id: int | None
    customer: Sentence | str
    staff: str
    how: str
    added_at: datetime | None
    ended_at: datetime
    kept_days: int | None
    last_touch_at: datetime | None


@dataclass(frozen=True)
class FriendView:
    """A friendship on the page of its customer.

    Attributes:
        staff: what the member of staff is called here.
        standing: see `models.Standing`.
        way: name of the code through which they came; empty where it was another way.
        add_way: fixed origin by WeCom's numbers.
        welcome_words: what they were greeted with; empty where nobody greeted, or it was not kept.
        welcome_content: the content of the library that greeted, such as ``content:17:3``; empty for plain words.
        changes: what happened, the latest first: (kind, when).
    """

    id: int
    staff: str
    standing: str
    way: str
    add_way: int
    since: datetime | None
    ended_at: datetime | None
    kept_days: int | None
    welcomed_at: datetime | None
    welcome_words: str
    welcome_content: str
    last_touch_at: datetime | None
    changes: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class AlarmView:
    """A member of staff deleted many customers within a short time, or many customers deleted them.

    Attributes:
        by: who deleted, an `EndedBy`.
    """

    id: int
    staff: str
    by: str
    deleted: int
    first_at: datetime
    last_at: datetime
