"""What the screen calls the things that the domains name by code."""

from __future__ import annotations

from django.utils.translation import gettext

from yutang.foundation.access import Actor
from yutang.kit.text import N_

#: Stages of life, from the first meeting to the last.
STAGES = {
    "prospect": N_("Prospect"),
    "new": N_("New customer"),
    "growing": N_("Growing"),
    "loyal": N_("Loyal"),
    "at_risk": N_("At risk"),
    "asleep": N_("Asleep"),
    "lost": N_("Lost"),
}
ROLES = {
    "owner": N_("Owner"),
    "region_manager": N_("Area manager"),
    "store_manager": N_("Store manager"),
    "operator": N_("Operator"),
    "analyst": N_("Analyst"),
    "compliance": N_("Compliance"),
    "auditor": N_("Auditor"),
}


def stage_label(code: str) -> str:
    """Return what the screen calls a stage."""
    return gettext(STAGES[code]) if code in STAGES else code


def every_store(actor: Actor) -> str:
    """Return what the screen calls all stores within the actor's reach."""
    return gettext("All stores") if actor.store_ids is None else gettext("All your stores")


IDENTIFIERS = {
    "phone": (N_("Phone"), "phone"),
    "wecom": (N_("WeCom"), "people"),
    "unionid": (N_("WeChat unionid"), "people"),
    "openid": (N_("WeChat openid"), "people"),
    "nickname": (N_("Shop nickname"), "cart"),
    "email": (N_("E-mail"), "info"),
    "member_no": (N_("Member number"), "star"),
    "device": (N_("Device"), "gear"),
}
PURPOSES = {
    "service": N_("Service"),
    "promotion": N_("Promotion"),
    "research": N_("Research"),
    "profiling": N_("Profiling"),
}
CHANNELS = {
    "any": N_("Any channel"),
    "phone": N_("Phone call"),
    "sms": N_("SMS"),
    "wecom": N_("WeCom"),
    "email": N_("E-mail"),
}
TAG_ORIGINS = {"manual": N_("By hand"), "rule": N_("By rule"), "import": N_("By import")}
#: Of imports and of background jobs.
STATUSES = {
    "draft": N_("Being prepared"),
    "waiting": N_("Waiting"),
    "running": N_("Running"),
    "done": N_("Done"),
    "failed": N_("Failed"),
    "dead": N_("Failed"),
    "cancelled": N_("Cancelled"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
}
PLATFORMS = {
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


def identifier_label(kind: str) -> str:
    """Return what the screen calls a kind of identifier."""
    return gettext(IDENTIFIERS[kind][0]) if kind in IDENTIFIERS else kind


def scope_label(scope: str) -> str:
    """Return what the screen calls the issuer, app or shop of an identifier."""
    platform, _, shop = scope.partition(":")
    name = gettext(PLATFORMS[platform]) if platform in PLATFORMS else platform
    return f"{name} · {shop}" if shop else name
