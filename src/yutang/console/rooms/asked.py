"""What the address of a business page asks about: days, store, and what to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.sentences import spoken
from yutang.console.words import every_store
from yutang.foundation.access import Actor
from yutang.foundation.queries import StoreView
from yutang.foundation.queries import stores as stores_within_reach
from yutang.insight import queries
from yutang.kit.text import N_

#: Lengths of a period that are offered, and the longest that can be asked for. Days.
LENGTHS = (7, 30, 90, 365)
LONGEST = 1_096
_USUAL = 30
#: No shop's files are older, and no plan reaches further.
_EARLIEST, _AHEAD = date(1990, 1, 1), timedelta(days=366)
#: Keys of the store are of 63 bits.
_DIGITS = 18
#: What an address names days by, and pages of lists, which other days begin anew.
_OF_DAYS = frozenset({"days", "until", "from", "to", "against", "against_from", "against_to", "after", "as"})
AGAINST = {"previous": N_("the days before"), "year": N_("a year earlier")}


@dataclass(frozen=True)
class Asked:
    """Days and stores of a business page.

    Attributes:
        days: length of the period; 1 to `LONGEST`.
        until: last day; None: the last one with a sale that is over.
        store_id: only this store; None: all within reach, or those of the region.
        region_id: only the stores of this region within reach; None: of all.
        channel: only what was sold through it, ``platform/channel``; None: through all.
        against: code of `AGAINST`; ``days`` where the days to compare with are named.
        other: these days; None where they follow from `against`.
        rest: what the address names beside days, which a choice of days keeps.
        last_day: the last day of the period, `until` or the last one with a sale that is over; None without a sale.
        known_until: last day with a sale, which may be the running one; None without a sale.
        stores: within reach.
        store_name: what the choice of stores is called.
        is_whole_chain: whether no single store means the chain, with what belongs to no store.
        today: the present business day.
    """

    days: int
    until: date | None
    store_id: int | None
    against: str
    stores: tuple[StoreView, ...]
    store_name: str
    is_whole_chain: bool
    today: date
    region_id: int | None = None
    channel: str | None = None
    channels: tuple[queries.ChannelChoice, ...] = ()
    other: queries.Period | None = None
    rest: tuple[tuple[str, str], ...] = ()
    last_day: date | None = None
    known_until: date | None = None

    @property
    def store_ids(self) -> list[int] | None:
        """Stores for queries; None: all within reach."""
        if self.store_id is not None:
            return [self.store_id]
        if self.region_id is None:
            return None
        return [one.id for one in self.stores if one.region and one.region.id == self.region_id]

    @property
    def place(self) -> str:
        """The choice of stores and channel in words."""
        named = next((spoken(one.name) for one in self.channels if one.key == self.channel), "")
        return " · ".join(filter(None, (self.store_name, named)))

    @property
    def regions(self) -> dict[int, str]:
        """Regions that can be chosen."""
        return regions_of(self.stores)

    def keep(self, **more: object) -> str:
        """Return the choice as the query of an address, with more in it."""
        chosen: dict[str, object] = {
            "days": self.days,
            "until": self.until,
            "region": self.region_id,
            "store": self.store_id,
            "channel": self.channel,
        }
        if self.other is not None:
            chosen |= {"against_from": self.other.start, "against_to": self.other.last_day}
        elif self.against != "previous":
            chosen["against"] = self.against
        return "?" + urlencode({name: str(each) for name, each in {**chosen, **more}.items() if each is not None})

    @property
    def running_note(self) -> str:
        """That the running day is left out, or is looked at though it is not over; empty where neither is so."""
        if self.last_day is None or self.known_until is None:
            return ""
        if self.last_day >= self.today:
            return _("Today is not over: what was sold so far stands against a whole day.")
        if self.until is None and self.known_until >= self.today:
            return _("Up to yesterday: today is not over, and a part of a day is not compared with whole days.")
        return ""

    def context(self) -> dict[str, Any]:
        """Return what the pickers of a business page show."""
        return {
            "periods": [{"days": one, "label": length_label(one), "current": one == self.days} for one in LENGTHS],
            "stores": self.stores,
            "store_id": self.store_id,
            "regions": self.regions,
            "region_id": self.region_id,
            "place_key": f"r{self.region_id}" if self.region_id and self.store_id is None else self.store_id,
            "channels": [(one.key, spoken(one.name)) for one in self.channels],
            "channel": self.channel,
            "until_param": self.until.isoformat() if self.until else "",
            "days_param": self.days,
            "is_own_period": self.days not in LENGTHS,
            "kept_fields": self.rest,
            "other": self.other,
            "from_day": self.last_day - timedelta(days=self.days - 1) if self.last_day else None,
            "to_day": self.last_day,
            "keep": self.keep(),
            "running_note": self.running_note,
            "with_today": self.today.isoformat() if self.last_day and self.last_day < self.today else "",
        }


def asked_by(request: StaffRequest) -> Asked:
    """Return what the address asks about; what cannot be read is as if it were not there."""
    given: Mapping[str, str] = request.GET
    today = timezone.localdate(request.now)
    days, until = _days_asked(given, today)
    against = given.get("against", "")
    other = None if against in AGAINST else span_asked(given, "against_from", "against_to", today)
    stores = stores_within_reach(access=request.actor)
    store_id, region_id = places_asked(given, stores)
    known = queries.orders_known(access=request.actor, today=today)
    offered = queries.channels(access=request.actor, today=today)
    channel = given.get("channel", "")
    return Asked(
        days=days,
        until=until,
        store_id=store_id,
        against="days" if other else against if against in AGAINST else "previous",
        other=other,
        last_day=until or known.until_over,
        known_until=known.until,
        rest=tuple((name, given[name]) for name in given if name not in _OF_DAYS),
        stores=stores,
        store_name=_region_name(stores, region_id)
        if region_id is not None and store_id is None
        else store_chosen(request.actor, stores, store_id),
        is_whole_chain=request.actor.store_ids is None,
        today=today,
        region_id=region_id,
        channel=channel if any(one.key == channel for one in offered) else None,
        channels=offered,
    )


def _days_asked(given: Mapping[str, str], today: date) -> tuple[int, date | None]:
    """Return length and last day of the period: of the first and the last day that are named, else as they are counted."""
    named = span_asked(given, "from", "to", today)
    if named is not None:
        return min((named.end - named.start).days, LONGEST), named.last_day
    days = number_asked(given.get("days", ""))
    return days if days is not None and 1 <= days <= LONGEST else _USUAL, day_asked(given.get("until", ""), today)


def span_asked(given: Mapping[str, str], first: str, last: str, today: date) -> queries.Period | None:
    """Return the days between two that an address names; None where it names none, or they are in the wrong order."""
    begins, ends = (day_asked(given.get(name, ""), today) for name in (first, last))
    if begins is None or ends is None or begins > ends:
        return None
    return queries.Period(begins, ends + timedelta(days=1))


def regions_of(stores: Sequence[StoreView]) -> dict[int, str]:
    """Return the regions of which more than one store is within reach, ``{key: name}``."""
    held = Counter(one.region for one in stores if one.region)
    return {region.id: region.name for region, many in held.items() if many > 1}


def places_asked(given: Mapping[str, str], stores: Sequence[StoreView]) -> tuple[int | None, int | None]:
    """Return the store and the region that an address asks about; the picker of both writes regions as ``r7``."""
    written, region = given.get("store", ""), given.get("region", "")
    if written.startswith("r"):
        written, region = "", written[1:]
    region_id = number_asked(region)
    held = {one.region.id for one in stores if one.region}
    return number_asked(written), region_id if region_id in held else None


def within(actor: Actor, stores: Sequence[StoreView], region_id: int | None) -> Actor:
    """Return the actor with sight of the stores of a region only; as they are where none is asked about."""
    if region_id is None:
        return actor
    return replace(actor, store_ids=frozenset(one.id for one in stores if one.region and one.region.id == region_id))


def _region_name(stores: Sequence[StoreView], region_id: int) -> str:
    return next(one.region.name for one in stores if one.region and one.region.id == region_id)


def store_chosen(actor: Actor, stores: Sequence[StoreView], store_id: int | None) -> str:
    """Return what the choice of a store among those within reach is called."""
    chosen = next((store.name for store in stores if store.id == store_id), "")
    only = stores[0].name if len(stores) == 1 and actor.store_ids is not None else ""
    return chosen or only or every_store(actor)


def back_to(request: StaffRequest, name: str, *args: object, keep: Sequence[str]) -> HttpResponseRedirect:
    """Lead to a list as it was asked for when something on it was pressed.

    Args:
        request: its address carries the query of the list.
        name: the list's; the address itself is never taken from the request.
        args: of the list's address.
        keep: parameters of the query that the list knows.
    """
    chosen = urlencode({one: request.GET[one] for one in keep if request.GET.get(one)})
    return HttpResponseRedirect(reverse(name, args=args) + (f"?{chosen}" if chosen else ""))


def number_asked(text: str) -> int | None:
    """Return the key that an address holds; None where it is none, or larger than any key of the store."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def day_asked(text: str, today: date) -> date | None:
    """Return the day; None where it is none, or so far away that there is no calendar around it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= today + _AHEAD else None


def compared(request: StaffRequest, asked: Asked) -> tuple[queries.Period, queries.Period]:
    """Return the days asked about, and those to compare with."""
    shown = _shown(request, asked)
    if asked.other is not None:
        return shown.period, asked.other
    if asked.against == "year":
        return shown.period, queries.period_a_year_before(shown.period)
    return shown.period, shown.before


def known_since(request: StaffRequest, asked: Asked) -> date | None:
    """Return the first day with a sale; None without one."""
    return _shown(request, asked).known_since


def _shown(request: StaffRequest, asked: Asked) -> queries.Dashboard:
    end = asked.until + timedelta(days=1) if asked.until else None
    return queries.dashboard(
        access=request.actor,
        today=asked.today,
        period_end=end,
        days=asked.days,
        store_ids=asked.store_ids,
        channel=asked.channel,
    )


def half_known(before: queries.Period, known_since: date | None) -> str:
    """Return that the days to compare with are not known from their first on; empty where they are."""
    if known_since is None or known_since <= before.start:
        return ""
    return _(
        "Orders are known from %(since)s on: the days to compare with, %(start)s to %(end)s, are not known whole."
    ) % {
        "since": formats.day(known_since),
        "start": formats.day(before.start),
        "end": formats.day(before.last_day),
    }


def orders_fresh(request: StaffRequest, asked: Asked) -> str:
    """Return how far orders are known, and when the figures were brought up to date; empty before the first time."""
    known = queries.orders_known(access=request.actor, today=asked.today)
    if known.written_at is None:
        return ""
    return _("Orders known from %(since)s to %(until)s; figures as of %(at)s.") % {
        "since": formats.day(known.since),
        "until": formats.day(known.until),
        "at": formats.moment(known.written_at),
    }


def known_before(as_of: date | None) -> str:
    """Return up to which day the figures know what happened; empty where nothing was reckoned.

    Args:
        as_of: first day that is not known.
    """
    if as_of is None:
        return ""
    return _("As of the end of %(day)s.") % {"day": formats.day_before(as_of)}


def length_label(days: int) -> str:
    """Return what a length of a period is called."""
    return _("1 year") if days == 365 else _("%(n)d days") % {"n": days}
