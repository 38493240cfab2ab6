"""What programmes are called, such as ``groupbuy:12``: by their own names where the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yutang.codes import queries as codes
from yutang.console.rooms.asked import number_asked
from yutang.foundation.access import Actor
from yutang.groupbuy import queries as groupbuy
from yutang.referral import queries as referral


def programme_names(access: Actor, keys: Iterable[str]) -> dict[str, str]:
    """Return what to call each programme, by its key: at most one query a kind; an empty key has no name."""
    told = {one: one.partition(":") for one in set(keys)}
    titles = {"groupbuy": _("Group-buying"), "code": _("Channel code"), "referral": _("Referral")}
    numbers: dict[str, set[int]] = {}
    for kind, _colon, written in told.values():
        if number := number_asked(written):
            numbers.setdefault(kind, set()).add(number)
    names = {kind: _names(access, kind, asked) for kind, asked in numbers.items()}
    return {
        one: names.get(kind, {}).get(number_asked(written) or 0)
        or (f"{titles[kind]} {number_asked(written) or ''}".strip() if kind in titles else one)
        for one, (kind, _colon, written) in told.items()
    }


def _names(access: Actor, kind: str, asked: set[int]) -> dict[int, str]:
    if kind == "groupbuy" and access.can("groupbuy.view"):
        return dict(groupbuy.campaign_names(access=access, campaign_ids=asked))
    if kind == "code" and access.can("codes.view"):
        return dict(codes.code_names(access=access, code_ids=asked))
    if kind == "referral" and access.can("referral.view"):
        return dict(referral.programme_names(access=access))
    return {}
