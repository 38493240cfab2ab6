"""What the screen calls the things that the domains name by code."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext, ngettext

from yutang.foundation.access import PERMISSIONS, ROLE_TITLES, Actor
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
#: What the permissions are called, in groups as the editor of roles shows them.
PERMISSION_GROUPS = (
    (
        N_("Customers"),
        (
            ("customers.view", N_("See customers, masked")),
            ("customers.unmask", N_("See one customer's data in the clear, with a reason")),
            ("customers.tag", N_("Give tags and record consents")),
            ("customers.merge", N_("Merge people and undo merges")),
            ("review.decide", N_("Decide who is the same person")),
            ("privacy.view", N_("See what people ask about their data")),
            ("privacy.answer", N_("Answer what people ask about their data")),
            ("privacy.erase", N_("Erase people for good")),
        ),
    ),
    (
        N_("Segments"),
        (
            ("segments.view", N_("See segments")),
            ("segments.edit", N_("Build and change segments")),
            ("segments.export", N_("Export segments")),
        ),
    ),
    (
        N_("Reaching customers"),
        (
            ("channels.view", N_("See the contact policy and what was decided by it")),
            ("channels.send", N_("Plan messages and send them")),
            ("journeys.view", N_("See playbooks and who is in them")),
            ("journeys.change", N_("Write and change playbooks")),
            ("journeys.run", N_("Start, pause and stop playbooks")),
            ("content.view", N_("See the content library and scripts")),
            ("content.edit", N_("Write contents and scripts")),
            ("content.approve", N_("Approve contents")),
            ("experiments.view", N_("See experiments: what is held out, and what the others brought more")),
            ("coupons.view", N_("See kinds of coupons and what became of them")),
            ("coupons.change", N_("Make and change kinds of coupons")),
            ("coupons.give", N_("Give coupons, show their codes and take them back")),
            ("coupons.redeem", N_("Redeem coupons at the till")),
        ),
    ),
    (
        N_("Growing"),
        (
            ("codes.view", N_("See channel codes and who came by them")),
            ("codes.change", N_("Make and change channel codes, their staff, places and costs")),
            ("guard.view", N_("See what the guard stopped, and why")),
            ("guard.appeal", N_("Ask for another look at what the guard stopped")),
            ("guard.decide", N_("Decide about what the guard stopped, and about appeals")),
            ("guard.change", N_("Change rules and lists of the guard")),
            ("guard.ask", N_("Let other programs ask the guard")),
            ("communities.view", N_("See customer groups and how alive they are")),
            ("communities.change", N_("Say what groups are for, probe them, and do something about them")),
            ("referral.view", N_("See referral programmes and who came")),
            ("referral.invite", N_("Make a customer's links of a referral programme")),
            ("referral.change", N_("Make, open and close referral programmes")),
            ("economics.view", N_("See what newcomers cost and are worth")),
            ("economics.change", N_("State economics and let paused programmes go on")),
            ("groupbuy.view", N_("See group-buying and what became of the groups")),
            ("groupbuy.join", N_("Start and join groups for customers")),
            ("groupbuy.change", N_("Make, open and pause group-buying offers")),
        ),
    ),
    (
        N_("Visits, balances and payments"),
        (
            ("visits.view", N_("See booked visits and who came")),
            ("visits.book", N_("Book visits, check customers in, offer an upgrade")),
            ("visits.change", N_("Change when stores take bookings")),
            ("membership.view", N_("See prepaid balances")),
            ("membership.take", N_("Top balances up and take payments from them")),
            ("membership.refund", N_("Pay balances out")),
            ("membership.change", N_("Change what may be topped up")),
            ("payments.view", N_("See payments, refunds and their accounts")),
            ("payments.take", N_("Ask customers for payments")),
            ("payments.refund", N_("Give money back")),
        ),
    ),
    (
        N_("Work and figures"),
        (
            ("worklist.view", N_("See today's list")),
            ("worklist.work", N_("Do the tasks of today's list")),
            ("insight.view", N_("See the figures of the business")),
        ),
    ),
    (
        N_("Imports"),
        (
            ("imports.view", N_("See imports")),
            ("imports.run", N_("Import files")),
            ("imports.undo", N_("Undo imports")),
            ("events.record", N_("Send events of other systems")),
        ),
    ),
    (
        N_("Organisation"),
        (
            ("staff.manage", N_("Manage staff and roles")),
            ("stores.manage", N_("Manage stores and regions")),
            ("settings.manage", N_("Change the settings of the organisation")),
            ("jobs.manage", N_("Manage background jobs")),
            ("webhooks.manage", N_("Manage webhooks: what other systems are told")),
            ("keys.rotate", N_("Rotate the keys that seal personal data")),
            ("backups.make", N_("Make backups")),
            ("audit.view", N_("See the audit log")),
            ("audit.export", N_("Export the audit log")),
        ),
    ),
)


def role_label(key: str, own_name: str = "") -> str:
    """Return what the screen calls a role: a named one in the reader's language, an own one by its name."""
    return gettext(ROLE_TITLES[key]) if key in ROLE_TITLES else own_name or key


def permission_label(code: str) -> str:
    """Return what the screen calls a permission; its code where it has no words."""
    known = {one: label for _group, rows in PERMISSION_GROUPS for one, label in rows}
    return gettext(known[code]) if code in known else code


def permission_rows(held: Collection[str]) -> list[dict[str, Any]]:
    """Return every permission in its group, with whether it is held; one that no group names stands under its code."""
    named = {code for _group, rows in PERMISSION_GROUPS for code, _label in rows}
    others = tuple((code, code) for code in sorted(PERMISSIONS - named))
    groups = (*PERMISSION_GROUPS, *(((N_("Others"), others),) if others else ()))
    return [
        {
            "title": gettext(title),
            "rows": [{"code": code, "label": gettext(label), "held": code in held} for code, label in rows],
            "held": sum(code in held for code, _label in rows),
        }
        for title, rows in groups
    ]


def reach_words(actor: Actor) -> str:
    """Return how far an actor sees, in a few words."""
    if actor.store_ids is None:
        return gettext("the whole chain")
    n = len(actor.store_ids)
    return ngettext("%(n)s store", "%(n)s stores", n) % {"n": n}


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
    "keeping": N_("Keeping what was typed"),
}
CHANNELS = {
    "any": N_("Any channel"),
    "phone": N_("Phone call"),
    "sms": N_("SMS"),
    "wecom": N_("WeCom"),
    "email": N_("E-mail"),
}
#: Versions of wordings that the product itself presents; what staff or files wrote stands as it is.
WORDINGS = {
    "complaint-1": N_("complaint about spam, version 1"),
    "demo": N_("made up for the demo shop"),
    "mail-reply-1": N_("answer to an e-mail, version 1"),
    "own-page-1": N_("the customer's own page, version 1"),
    "referral-1": N_("page of the referral, version 1"),
    "referral-2": N_("page of the referral, version 2"),
    "sms-reply-1": N_("answer to a short message, version 1"),
    "stop-page-1": N_("page on which messages are ended, version 1"),
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
