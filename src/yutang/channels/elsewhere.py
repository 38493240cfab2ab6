"""Keys of what sends messages and is kept by higher rooms, which plug in here how they know their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Senders:
    """A kind of senders that a higher room keeps.

    Attributes:
        prefix: what stands before the colon of their keys.
        is_known: whether there is one with the whole key.
    """

    prefix: str
    is_known: Callable[[str], bool]


SENDERS: Registry[Senders] = Registry(what="kinds of senders", name_of=lambda one: one.prefix)


def is_sender(key: str) -> bool:
    """Return whether a higher room keeps a sender with this key."""
    prefix, colon, _rest = key.partition(":")
    return bool(colon) and prefix in SENDERS and SENDERS[prefix].is_known(key)
