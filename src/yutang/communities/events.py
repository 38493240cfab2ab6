"""What the room of groups tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LifeChanged:
    """A group was found in another state than the night before.

    Attributes:
        community_id: the group, as this room knows it.
        group_key: the same, as the contact policy knows it.
        before: forming, alive, quiet, dying or dead.
        life: how it is now.
    """

    community_id: int
    group_key: str
    before: str
    life: str


@dataclass(frozen=True)
class NewcomerCame:
    """Somebody who was given a place in a group came.

    Attributes:
        community_id: the group, as this room knows it.
        customer_id: who came.
        inviter_id: the member who brought them; 0 where nobody did.
        source: what led them, such as ``code:7``; empty where nobody said.
    """

    community_id: int
    customer_id: int
    inviter_id: int
    source: str


@dataclass(frozen=True)
class GroupIsWanted:
    """A group is full, and the next one is to be made.

    Attributes:
        opening_id: the wish.
        community_id: the full group.
    """

    opening_id: int
    community_id: int
