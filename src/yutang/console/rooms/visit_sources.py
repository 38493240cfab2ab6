"""What led to visits, in words: the programmes' own names where the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yutang.console.rooms.asked import number_asked
from yutang.foundation.access import Actor
from yutang.groupbuy import queries as groupbuy


def source_names(access: Actor, sources: Iterable[str]) -> dict[str, str]:
    """Return what to call each source, such as ``groupbuy:12``: one query for all of them; unknown ones as they are."""
    told = {one: one.partition(":") for one in set(sources)}
    titles = {"groupbuy": _("Group-buying"), "code": _("Channel code"), "referral": _("Referral")}
    keys = {one: number_asked(number) or 0 for one, (kind, _colon, number) in told.items() if kind == "groupbuy"}
    names = groupbuy.campaign_names(access=access, campaign_ids=keys.values()) if access.can("groupbuy.view") else {}
    return {
        one: names.get(keys.get(one, 0)) or (f"{titles[kind]} {number}".strip() if kind in titles else one)
        for one, (kind, _colon, number) in told.items()
    }
