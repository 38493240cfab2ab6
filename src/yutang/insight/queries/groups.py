"""What the groups of a breakdown are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from yutang.foundation import queries as foundation
from yutang.foundation.access import Actor
from yutang.insight.platforms import PLATFORM_TITLES, channel_name
from yutang.kit.text import N_, Sentence

Grouping = Literal["all", "store", "region", "channel", "staff", "product", "category"]
GROUPINGS: tuple[Grouping, ...] = ("all", "store", "region", "channel", "staff", "product", "category")

_NONE: dict[str, str] = {
    "all": N_("Everything"),
    "store": N_("online, without a store"),
    "region": N_("No region"),
    "channel": N_("No channel"),
    "staff": N_("No member of staff"),
    "product": N_("No product named"),
    "category": N_("No category named"),
}


def group_names(by: str, keys: Iterable[str | None], *, access: Actor) -> dict[str | None, Sentence | str]:
    """Return what the groups of a breakdown are called, by key; a key of None is what belongs to no group.

    Args:
        by: one of `GROUPINGS`.
        keys: as the lake has them: keys of stores, regions and staff as text, ``platform/channel``, names of products and of categories.
        access: who looks.
    """
    known = _known(by, access)
    names: dict[str | None, Sentence | str] = {}
    for key in keys:
        if key is None:
            names[key] = Sentence(_NONE[by])
        elif by == "channel":
            names[key] = channel_name(key)
        else:
            names[key] = known.get(key, key)
    return names


def model_group_name(key: str, *, access: Actor) -> Sentence | str:
    """Return what a group with models of its own is called, for a key of `value_models.Places`."""
    by, _, place = key.partition(":")
    if by == "platform":
        return Sentence(PLATFORM_TITLES[place]) if place in PLATFORM_TITLES else place
    return group_names(by, [place or None], access=access)[place or None]


def _known(by: str, access: Actor) -> dict[str, str]:
    if by == "store":
        return {str(store.id): store.name for store in foundation.stores(access=access)}
    if by == "region":
        return {str(region.id): region.name for region in foundation.regions()}
    if by == "staff":
        return {str(one.id): one.display_name for one in foundation.staff_members()}
    return {}
