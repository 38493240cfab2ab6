"""What delivery must know of WeCom: who talks with whom, who owns a group, and the client; the room `wecom` knows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from yutang.connectors.wecom.client import WeCom
from yutang.wecom import queries as wecom


class WecomBook(Protocol):
    """Friendships and groups as WeCom knows them."""

    def friends_of(self, customer_ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Return external_userid and userid of the member of staff who writes to each person; who is no friend is left out."""

    def everybody_befriended(self) -> frozenset[int]:
        """Return everybody to whom a member of staff can write: whom `friends_of` would not leave out."""

    def befriended_of(self, customer_ids: Collection[int]) -> frozenset[int]:
        """Return those of some people to whom a member of staff can write."""

    def senders_of(self, customer_ids: Collection[int]) -> Mapping[int, str]:
        """Return the userid of who writes to each person, as `friends_of` has it; who is no friend is left out."""

    def owners_of(self, group_keys: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Return chat_id and userid of the owner of each group; one that is gone is left out."""

    def client(self) -> WeCom | None:
        """Return the client of the app that may send; None where none is set up."""


class _BookOfTheRoom:
    """The book that the room `wecom` keeps."""

    def friends_of(self, customer_ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
        found = wecom.friends_of(customer_ids=customer_ids)
        return {key: (friend.external_userid, friend.userid) for key, friend in found.items()}

    def everybody_befriended(self) -> frozenset[int]:
        return wecom.everybody_befriended()

    def befriended_of(self, customer_ids: Collection[int]) -> frozenset[int]:
        return wecom.befriended_of(customer_ids=customer_ids)

    def senders_of(self, customer_ids: Collection[int]) -> Mapping[int, str]:
        return wecom.senders_of(customer_ids=customer_ids)

    def owners_of(self, group_keys: Collection[str]) -> Mapping[str, tuple[str, str]]:
        return wecom.owners_of(chat_ids=group_keys)

    def client(self) -> WeCom | None:
        return wecom.connection()


_BOOKS: list[WecomBook] = []


def plug_in(book: WecomBook) -> None:
    """Let deliveries use this book instead of that of the room; the last one that was plugged in counts."""
    _BOOKS[:] = [book]


def wecom_book() -> WecomBook | None:
    """Return the book that is plugged in, else that of the room where WeCom is connected."""
    if _BOOKS:
        return _BOOKS[0]
    return _BookOfTheRoom() if wecom.has_connection() else None
