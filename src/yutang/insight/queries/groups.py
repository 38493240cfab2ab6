"""What the groups of a breakdown are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from yutang.foundation import queries as foundation
from yutang.foundation.access import Actor
from yutang.kit.text import N_, Sentence

Grouping = Literal["all", "store", "region", "channel", "staff", "product"]
GROUPINGS: tuple[Grouping, ...] = ("all", "store", "region", "channel", "staff", "product")

_NONE: dict[str, str] = {
    "all": N_("Everything"),
    "store": N_("No store (online)"),
    "region": N_("No region"),
    "channel": N_("No channel"),
    "staff": N_("No member of staff"),
    "product": N_("No product named"),
}
#: Platforms by the code that the shops have.
PLATFORM_TITLES: dict[str, str] = {
    "own": N_("Own channel"),
    "taobao": N_("Taobao"),
    "tmall": N_("Tmall"),
    "jd": N_("JD"),
    "pdd": N_("Pinduoduo"),
    "douyin": N_("Douyin"),
    "youzan": N_("Youzan"),
    "wechat_shop": N_("WeChat shop"),
    "alibaba_1688": N_("1688"),
    "shopify": N_("Shopify"),
    "woocommerce": N_("WooCommerce"),
    "tiktok_shop": N_("TikTok Shop"),
}
_WITHIN = N_("%(platform)s · %(channel)s")


def group_names(by: str, keys: Iterable[str | None], *, access: Actor) -> dict[str | None, Sentence | str]:
    """Return what the groups of a breakdown are called, by key; a key of None is what belongs to no group.

    Args:
        by: one of `GROUPINGS`.
        keys: as the lake has them: keys of stores, regions and staff as text, ``platform/channel``, names of products.
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


def channel_name(key: str) -> Sentence | str:
    """Return what a channel is called, for ``platform/channel``."""
    platform, _, channel = key.partition("/")
    title = Sentence(PLATFORM_TITLES[platform]) if platform in PLATFORM_TITLES else platform
    if not channel:
        return title
    named = title.as_json() if isinstance(title, Sentence) else title
    return Sentence(_WITHIN, {"platform": named, "channel": channel})


def _known(by: str, access: Actor) -> dict[str, str]:
    if by == "store":
        return {str(store.id): store.name for store in foundation.stores(access=access)}
    if by == "region":
        return {str(region.id): region.name for region in foundation.regions()}
    if by == "staff":
        return {str(one.id): one.display_name for one in foundation.staff_members()}
    return {}
