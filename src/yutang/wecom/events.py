"""What the room of WeCom tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FriendsAdded:
    """Customers and members of staff have each other now, of one batch of callbacks or of a full look.

    Attributes:
        friendship_ids: the friendships.
        customer_ids: whose they are, aligned by position.
    """

    friendship_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class FriendsLost:
    """Friendships ended, by the customer or by staff; not those that went to somebody else of the corp.

    Attributes:
        friendship_ids: the friendships.
        customer_ids: whose they were, aligned by position.
    """

    friendship_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class GroupsFound:
    """Groups became known, by a callback or a full look.

    Attributes:
        group_ids: the groups.
    """

    group_ids: tuple[int, ...]


@dataclass(frozen=True)
class GroupsJoined:
    """Customers came into groups.

    Attributes:
        group_ids: the groups.
        customer_ids: who came, aligned by position.
    """

    group_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class WordsWritten:
    """Customers wrote something that WeCom told of; the words stay sealed with the callbacks.

    Attributes:
        callback_ids: the callbacks.
        customer_ids: who wrote, aligned by position.
    """

    callback_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class ManyCustomersDeleted:
    """A member of staff deleted many customers within a short time, or many customers deleted them.

    Attributes:
        alarm_id: the alarm.
        account_id: the member of staff, as WeCom knows them.
        deleted: how many until now. Count.
        by: who deleted, an `EndedBy`.
    """

    alarm_id: int
    account_id: int
    deleted: int
    by: str = "staff"
