"""What platforms and channels are called."""

from __future__ import annotations

from yutang.kit.text import N_, Sentence

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


def channel_name(key: str) -> Sentence | str:
    """Return what a channel is called, for ``platform/channel``."""
    platform, _, channel = key.partition("/")
    title = Sentence(PLATFORM_TITLES[platform]) if platform in PLATFORM_TITLES else platform
    if not channel:
        return title
    named = title.as_json() if isinstance(title, Sentence) else title
    return Sentence(_WITHIN, {"platform": named, "channel": channel})
