"""From the low-price offer to the prepaid balance: how far people went, by programme and store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.programmes_named import programme_names
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation.queries import stores
from yutang.foundation.replica import reads_reports
from yutang.kit.money import from_minor
from yutang.kit.text import N_
from yutang.membership.queries import HookFunnel, hook_funnel

_LENGTHS, _USUAL = (30, 90, 180), 90
#: Steps of the way, and of which step each is a share.
STEPS = (
    ("hooked", N_("Took the offer up"), ""),
    ("paid", N_("Paid"), "hooked"),
    ("booked", N_("Booked a visit"), "paid"),
    ("came", N_("Came to the store"), "booked"),
    ("upgraded", N_("Bought more"), "came"),
    ("topped_up", N_("Topped up"), "came"),
)
_SUMS = tuple(one.name for one in fields(HookFunnel) if one.type in {"int", int} and one.name != "store_id")


@room("visits.view")
@reads_reports
def funnel(request: StaffRequest) -> HttpResponseBase:
    """Show how far people went, all together, by programme, and by store."""
    asked = number_asked(request.GET.get("days", ""))
    days = asked if asked in _LENGTHS else _USUAL
    until = timezone.localtime(request.now).date() + timedelta(days=1)
    store_id = number_asked(request.GET.get("store", ""))
    own = stores(access=request.actor)
    rows = hook_funnel(
        access=request.actor,
        since=until - timedelta(days=days),
        until=until,
        store_ids=None if store_id is None else [store_id],
    )
    names = {one.id: one.name for one in own}
    if sheet_asked(request):
        return sheet_answer(request, _sheet(rows, names))
    whole, sources = summed(rows), programme_names(request.actor, (one.source for one in rows))
    context = {
        "days": days,
        "lengths": _LENGTHS,
        "stores": own,
        "store_id": store_id,
        "whole": whole,
        "steps": steps_of(whole),
        "upgrades": formats.compact_money(whole["upgrade_minor"]),
        "top_ups": formats.compact_money(whole["top_up_minor"]),
        "by_source": _grouped(rows, lambda one: sources[one.source]),
        "by_store": _grouped(rows, lambda one: names.get(one.store_id or 0, _("No store"))),
    }
    return render(request, "console/visits/funnel.html", context)


def summed(rows: Sequence[HookFunnel]) -> dict[str, int]:
    """Return the counts and sums of rows together."""
    return {name: sum(getattr(one, name) for one in rows) for name in _SUMS}


def steps_of(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Return each step with its count, its share of the step before, and how long its bar is in percent of the first."""
    first = counts["hooked"]
    return [
        {
            "name": name,
            "title": _(title),
            "count": counts[name],
            "ratio": formats.percent(counts[name] / counts[of], 0) if of and counts[of] else "",
            "width": f"{100 * counts[name] / first:.2f}" if first else "0",
        }
        for name, title, of in STEPS
    ]


def _grouped(rows: Sequence[HookFunnel], name_of: Any) -> list[dict[str, Any]]:
    """Return rows by a name, the most people first."""
    found: dict[str, list[HookFunnel]] = defaultdict(list)
    for one in rows:
        found[name_of(one)].append(one)
    told = [(name, summed(some)) for name, some in found.items()]
    return [
        {
            "name": name,
            "steps": steps_of(counts),
            "upgrades": formats.compact_money(counts["upgrade_minor"]),
            "top_ups": formats.compact_money(counts["top_up_minor"]),
        }
        for name, counts in sorted(told, key=lambda each: (-each[1]["hooked"], each[0]))
    ]


def _sheet(rows: Sequence[HookFunnel], names: dict[int, str]) -> Sheet:
    titles = [_("Programme"), _("Store"), *(_(title) for _name, title, _of in STEPS)]
    titles += [_("Upgrade offered"), _("Paid for offers"), _("Upgrades"), _("Topped up after"), _("Currency")]
    return Sheet(_("From the offer to the balance"), titles, _lines(rows, names))


def _lines(rows: Sequence[HookFunnel], names: dict[int, str]) -> Iterator[list[Any]]:
    for one in rows:
        money = [
            from_minor(getattr(one, f"{name}_minor"), currency=one.currency) for name in ("paid", "upgrade", "top_up")
        ]
        counts = [getattr(one, name) for name, _title, _of in STEPS]
        yield [one.source, names.get(one.store_id or 0, ""), *counts, one.offered, *money, one.currency]
