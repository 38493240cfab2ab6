"""What the things are called that the audit log names, of the kinds that a page holds and the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from yutang.api import queries as api
from yutang.channels import queries as channels
from yutang.codes import queries as codes
from yutang.communities import queries as communities
from yutang.console.words import role_label
from yutang.content import queries as content
from yutang.coupons import queries as coupons
from yutang.customers import queries as customers
from yutang.experiments import queries as experiments
from yutang.foundation import queries as foundation
from yutang.foundation.access import Actor
from yutang.groupbuy import queries as groupbuy
from yutang.journeys import queries as journeys
from yutang.referral import queries as referral
from yutang.segments import queries as segments
from yutang.webhooks import queries as webhooks

#: Names by key as the trail writes it, of all or at least of those asked for.
Named = Mapping[str, str]
_Ask = Callable[[Actor, Collection[int], Collection[str], datetime], Mapping[int, str] | Mapping[str, str]]

#: By kind of thing: the permission that its room asks for (empty: none beside that of the audit log), and how its names are asked.
_ASKED: Mapping[str, tuple[str, _Ask]] = {
    "campaign": ("channels.view", lambda who, _n, keys, _now: channels.campaign_names(access=who, keys=keys)),
    "channel_code": ("codes.view", lambda who, ids, _k, _now: codes.code_names(access=who, code_ids=ids)),
    "community": (
        "communities.view",
        lambda who, ids, _k, _now: communities.group_names(access=who, community_ids=ids),
    ),
    "content": (
        "content.view",
        lambda who, ids, _k, now: {
            key: one.version.written.title
            for key, one in content.contents(access=who, content_ids=ids, now=now).items()
        },
    ),
    "coupon_kind": ("coupons.view", lambda who, _n, _k, _now: {one.id: one.name for one in coupons.kinds(access=who)}),
    "experiment": ("experiments.view", lambda who, _n, keys, _now: experiments.titles(access=who, keys=keys)),
    "group_campaign": (
        "groupbuy.view",
        lambda who, ids, _k, _now: groupbuy.campaign_names(access=who, campaign_ids=ids),
    ),
    "playbook": ("journeys.view", lambda who, _n, _k, _now: journeys.playbook_names(access=who)),
    "referral": ("referral.view", lambda who, _n, _k, _now: referral.programme_names(access=who)),
    "region": ("", lambda _who, _n, _k, _now: {one.id: one.name for one in foundation.regions()}),
    "segment": ("segments.view", lambda who, _n, _k, _now: segments.segment_names(access=who)),
    "store": ("", lambda who, _n, _k, _now: {one.id: one.name for one in foundation.stores(access=who)}),
    "tag": ("", lambda _who, _n, _k, _now: {one.id: f"{one.group} · {one.name}" for one in customers.tag_choices()}),
    "token": ("staff.manage", lambda who, _n, _k, now: {one.id: one.name for one in api.tokens(access=who, now=now)}),
    "webhook": (
        "webhooks.manage",
        lambda who, _n, _k, _now: {one.id: one.name for one in webhooks.endpoints(access=who)},
    ),
}
#: Facts whose values are keys of things, by the kind of thing.
_IN_FACTS = {"tag_id": "tag", "store_ids": "store", "stores": "store"}


def things_named(access: Actor, entries: Collection[foundation.AuditView], now: datetime) -> dict[str, Named]:
    """Return names by kind and key: one question for each kind that stands on the page and that the reader may see.

    Args:
        access: who reads.
        entries: of the page.
        now: aware UTC.
    """
    keys: dict[str, set[str]] = {}
    for entry in entries:
        keys.setdefault(entry.subject_type, set()).add(entry.subject_id)
        for fact in entry.detail:
            if fact in _IN_FACTS:
                keys.setdefault(_IN_FACTS[fact], set())
    found: dict[str, Named] = {"role": _roles()} if "role" in keys else {}
    for kind, wanted in keys.items():
        permission, ask = _ASKED.get(kind, ("", None))
        if ask is None or (permission and not access.can(permission)):
            continue
        ids = {int(key) for key in wanted if key.isascii() and key.isdigit()}
        found[kind] = {str(key): name for key, name in ask(access, ids, wanted, now).items() if name}
    return found


def _roles() -> Named:
    """Return own roles by number: the trail knows them by it, people by ``own-`` and the number."""
    return {one.key.removeprefix("own-"): role_label(one.key, one.name) for one in foundation.roles()}
