"""Which group a newcomer is led into: the oldest that fits and has places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from yutang.channels.queries import standing_of_every_group
from yutang.codes.models import Code, Group
from yutang.wecom.facts import known_groups
from yutang.wecom.views import KnownGroup

_NO_TIME = datetime.max.replace(tzinfo=UTC)
_DEAD = "dead"


def groups_for(code: Code, *, store_id: int | None, all_groups: Sequence[KnownGroup]) -> list[KnownGroup]:
    """Return the living groups that fit a place of a code and have room, the oldest first.

    Args:
        code: says which groups.
        store_id: of the place; None: of no store, so that no group of a store fits.
        all_groups: as `living_groups` returned them.
    """
    fitting = fitting_groups(code, store_id=store_id, all_groups=all_groups)
    with_room = [one for one in fitting if one.members < code.group_places]
    return sorted(with_room, key=lambda one: (one.made_at or _NO_TIME, one.chat_id))


def fitting_groups(code: Code, *, store_id: int | None, all_groups: Sequence[KnownGroup]) -> list[KnownGroup]:
    """Return the living groups that fit a place of a code, full ones included; arguments as for `groups_for`."""
    return [one for one in all_groups if _fits(code, one, store_id)]


def living_groups() -> list[KnownGroup]:
    """Return the groups that nobody found dead."""
    standings = standing_of_every_group()
    return [one for one in known_groups() if standings.get(one.chat_id) != _DEAD]


def _fits(code: Code, group: KnownGroup, store_id: int | None) -> bool:
    if code.group == Group.NAMED:
        return group.name.startswith(code.group_prefix)
    return code.group == Group.STORE and any(key == store_id for key, _code in group.stores)
