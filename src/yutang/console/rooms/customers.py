"""The room of customers: search, filters in the address, pages by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import number_asked, places_asked, regions_of, within
from yutang.console.sentences import spoken
from yutang.console.sheets import may_take_people, sheet_answer, sheet_asked
from yutang.console.words import STAGES, stage_label
from yutang.customers import queries as people
from yutang.customers import views
from yutang.foundation.access import Actor
from yutang.foundation.queries import StoreView
from yutang.foundation.queries import stores as stores_within_reach
from yutang.insight import queries as insight
from yutang.kit.text import N_, filled

_PAGE = 50
_SORTS = {"spend": N_("Most spent"), "last_order": N_("Bought last"), "newest": N_("Newest first")}


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    text: str
    stage: str
    tag_id: int | None
    store_id: int | None
    region_id: int | None
    sort: str
    after: str

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.stage or self.tag_id or self.store_id or self.region_id)


@room("customers.view")
def customers(request: StaffRequest) -> HttpResponseBase:
    """Show the people whom the address asks for."""
    stores = stores_within_reach(access=request.actor)
    asked = _asked(request, stores)
    access = within(request.actor, stores, asked.region_id)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_customers(access, _wanted(asked)))
    ids, rows, scores, following = _found(access, asked)
    context: dict[str, Any] = {
        "rows": [row_of(rows[one], scores.get(one)) for one in ids if one in rows],
        "next": following,
        "later": bool(asked.after),
        "filtered": asked.is_filtered,
        "may_take": may_take_people(request),
        "q": asked.text,
        "count_url": _count_url(request) if asked.is_filtered else "",
        "counted": _counted_words(insight.PeopleCounted(len(ids), is_all=True))
        if asked.is_filtered and following is None and not asked.after
        else "",
    }
    if request.htmx:
        return render(request, "console/customers/rows.html", context)
    context |= {
        "subtitle": filled(_("%(n)s people"), {"n": _counted(request)}),
        "stages": [(code, stage_label(code)) for code in STAGES],
        "stage": asked.stage,
        "sorts": [(code, _(label)) for code, label in _SORTS.items()],
        "sort": asked.sort,
        "can_sort": not asked.text and asked.tag_id is None,
        "tag_groups": tag_groups(),
        "tag_id": asked.tag_id,
        "stores": stores,
        "store_id": asked.store_id,
        "regions": regions_of(stores),
        "place_key": f"r{asked.region_id}" if asked.region_id and asked.store_id is None else asked.store_id,
    }
    return render(request, "console/customers/list.html", context)


@room("customers.view")
def count(request: StaffRequest) -> HttpResponse:
    """Say how many people the filters of the address find: asked for by the list once it stands, so that it never waits for it."""
    stores = stores_within_reach(access=request.actor)
    asked = _asked(request, stores)
    found = insight.people_count(access=within(request.actor, stores, asked.region_id), wanted=_wanted(asked))
    return render(request, "console/customers/count.html", {"counted": _counted_words(found)})


def tag_groups(*, by_hand: bool = False) -> list[tuple[str, list[views.TagChoice]]]:
    """Return the tags by group; only those without a rule when they are to be given by hand."""
    choices = [tag for tag in people.tag_choices() if not (by_hand and tag.rule)]
    return [(group, list(tags)) for group, tags in groupby(choices, key=lambda tag: tag.group)]


def row_of(row: views.CustomerRow, score: insight.Scorecard | None) -> dict[str, Any]:
    """Return one person as the list of customers shows people."""
    return {
        "id": row.id,
        "name": spoken(row.name) if not isinstance(row.name, str) else row.name,
        "contact": " · ".join(part for part in (row.phone, row.city) if part),
        "stage": score.stage if score else "",
        "stage_label": stage_label(score.stage) if score else "",
        "orders": score.orders if score else None,
        "spend_minor": score.spend_minor if score else None,
        "currency": score.currency if score else "CNY",
        "last_order_date": score.last_order_date if score else None,
        "store": row.store_name,
        "tags": [tag.name for tag in row.tags],
    }


def _asked(request: StaffRequest, stores: Sequence[StoreView]) -> _Asked:
    got = request.GET
    sort = got.get("sort", "spend")
    store_id, region_id = places_asked(got, stores)
    return _Asked(
        text=got.get("q", "").strip()[:120],
        stage=got.get("stage", "") if got.get("stage") in STAGES else "",
        tag_id=number_asked(got.get("tag", "")),
        store_id=store_id,
        region_id=region_id if store_id is None else None,
        sort=sort if sort in _SORTS else "spend",
        after=got.get("after", "")[:60],
    )


def _counted(request: StaffRequest) -> str:
    return formats.number(people.customer_count(access=request.actor))


def _count_url(request: StaffRequest) -> str:
    narrowing = {name: value for name, value in request.GET.items() if name not in {"after", "sort"} and value}
    return f"{reverse('customers-count')}?{urlencode(narrowing)}"


def _counted_words(found: insight.PeopleCounted) -> str:
    n = formats.number(found.people)
    if not found.is_all and not found.people:
        return _("So many people are asked about that nobody counts them at once.")
    if not found.is_all:
        return _("At least %(n)s people fit.") % {"n": n}
    return ngettext("%(n)s person fits.", "%(n)s people fit.", found.people) % {"n": n}


def _wanted(asked: _Asked) -> insight.PeopleWanted:
    return insight.PeopleWanted(
        text=asked.text, stage=asked.stage, tag_id=asked.tag_id, store_id=asked.store_id, sort=asked.sort
    )


def _found(
    access: Actor, asked: _Asked
) -> tuple[list[int], dict[int, views.CustomerRow], dict[int, insight.Scorecard], str | None]:
    """Return keys in their order, rows and scores by key, and the key of the next page."""
    found = insight.people_listed(access=access, wanted=_wanted(asked), after=asked.after, limit=_PAGE)
    return list(found.ids), dict(found.rows), dict(found.scores), found.next_key
