"""The room of the day's work: what needs whom today, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.customer_changes import called
from yutang.console.rooms.today_staff import SITUATION_OF, staff_part
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import actions as people
from yutang.customers import queries as customers
from yutang.customers.views import CustomerRow
from yutang.foundation.queries import StoreView
from yutang.foundation.queries import stores as stores_within_reach
from yutang.kit.text import N_
from yutang.orders.queries import has_orders
from yutang.worklist import actions, queries
from yutang.worklist.kinds import KINDS

#: Tasks of a kind on the board, and of the one kind of which further ones were asked for: the board grows by that one alone.
_PAGE, _MOST = 8, 30
#: Of a wide screen; a narrower one makes fewer of them by its style.
_LANES = 3
#: Tasks of a kind in a table that leaves.
_MOST_IN_A_SHEET = 2_000
#: Days that no snooze may take; what is asked for beyond is refused by the list itself.
_FAR = 10_000
#: What leads to where the work of a proposal about nobody in particular is done, by room.
_USUAL_PLACE = N_("Open the review queue")
_PLACES = {
    "economics": N_("Open the programme"),
    "communities": N_("Open the group"),
    "wecom": N_("See who was lost"),
}
#: Addresses of what a proposal is about, by room.
_ADDRESSES = {"economics": "economics-one", "imports": "imports-rows", "communities": "groups-one"}
_SNOOZES = ((1, N_("Tomorrow")), (3, N_("In 3 days")), (7, N_("In a week")), (30, N_("In 30 days")))


@room("worklist.view")
def today(request: StaffRequest) -> HttpResponseBase:
    """Show the board: a column for each kind of task, most at stake first."""
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request))
    board = _board(request)
    calls = queries.today_counts(access=request.actor, now=request.now, owner_id=request.actor.staff_id).open
    return render(request, "console/today/page.html", board | staff_part(request, calls=calls))


@room("worklist.work")
@require_POST
def done(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Close a task as done, with what came of it."""
    actions.complete(actor=request.actor, proposal_id=proposal_id, now=request.now, **_told(request))
    return _back(request, _("Done. What came of it is kept."), undo=proposal_id)


@room("worklist.work")
@require_POST
def not_useful(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Close a task as not useful, with the reason."""
    actions.dismiss(actor=request.actor, proposal_id=proposal_id, now=request.now, **_told(request))
    return _back(request, _("Noted as not useful."), undo=proposal_id)


@room("worklist.work")
@require_POST
def snooze(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Put a task aside for some days."""
    days = number_asked(request.POST.get("days", ""))
    until = timezone.localdate(request.now) + timedelta(days=1 if days is None else min(days, _FAR))
    actions.snooze(actor=request.actor, proposal_id=proposal_id, until=until, now=request.now)
    return _back(request, _("It comes back on %(day)s.") % {"day": formats.day(until)}, undo=proposal_id)


@room("worklist.work")
@require_POST
def undo(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Take back what the person just did with a task."""
    actions.undo(actor=request.actor, proposal_id=proposal_id, now=request.now)
    return _back(request, _("Taken back: it is on the list again."))


@never_cache
@room("customers.unmask")
@require_POST
def call(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Show the number of whom an open task asks to call, for this one answer; the look is in the audit log with the task as its reason."""
    customer_id = queries.customer_to_call(access=request.actor, proposal_id=proposal_id, now=request.now)
    task = queries.proposal(access=request.actor, proposal_id=proposal_id, now=request.now)
    why = _("task of today's list %(number)s, %(title)s") % {"number": proposal_id, "title": _(task.kind.title)}
    clear = people.unmask_customer(actor=request.actor, customer_id=customer_id, reason=f"call: {why}", now=request.now)
    context = {"person": {"id": customer_id}, "identifiers": called(clear.phones), "unmasked": True}
    return render(request, "console/today/number.html" if request.htmx else "console/customers/clear.html", context)


def _told(request: StaffRequest) -> dict[str, str]:
    return {"outcome": request.POST.get("outcome", ""), "note": request.POST.get("note", "").strip()}


def _back(request: StaffRequest, text: str, *, undo: int | None = None) -> HttpResponse:
    if request.htmx:
        told = {"toast": text, "undo": reverse("today-undo", args=[undo]) if undo else ""}
        return render(request, "console/today/board.html", {**_board(request), **told})
    messages.success(request, text)
    address = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(address if ours else reverse("today"))


def _board(request: StaffRequest) -> dict[str, Any]:
    asked = request.GET
    stores = stores_within_reach(access=request.actor)
    store_id = number_asked(asked.get("store", ""))
    mine = asked.get("mine") == "1"
    longest = asked.get("column", "") if asked.get("all") == "1" else None
    found = queries.today_for(
        access=request.actor,
        now=request.now,
        owner_id=request.actor.staff_id if mine else None,
        store_ids=None if store_id is None else [store_id],
        limit=_PAGE,
        longest=longest,
        longest_limit=_MOST,
    )
    ids = [item.customer_id for group in found.groups for item in group.items if item.customer_id is not None]
    rows = _rows(request, ids)
    may_call = request.actor.can("customers.unmask")
    numbers = {one: row.phone for one, row in rows.items()} if may_call else {}
    names = {one: spoken_name(row.name) for one, row in rows.items()}
    known, may_open = {one.id: one for one in stores}, request.actor.can("customers.view")
    columns = [_column(group, names, numbers, known, found.day, may_open=may_open) for group in found.groups]
    codes = [column["code"] for column in columns]
    counts = found.counts
    closed = counts.done_today + counts.not_useful_today
    return {
        "columns": columns,
        "lanes": _lanes(columns),
        "column": asked.get("column") if asked.get("column") in codes else next(iter(codes), ""),
        "total": counts.open + closed,
        "closed": closed,
        "subtitle": _subtitle(counts),
        "stores": stores,
        "store_id": store_id,
        "mine": mine,
        "most": _MOST,
        "may_work": request.actor.can("worklist.work"),
        "may_read_scripts": request.actor.can("content.view"),
        "may_take": may_take_people(request),
        "snoozes": [(days, _(label)) for days, label in _SNOOZES],
        "has_customers": bool(counts.open or closed or counts.snoozed) or has_orders(),
    }


def _sheet(request: StaffRequest) -> Sheet:
    """Return the open tasks that the filters find, each with its customer as the screen shows them."""
    asked = request.GET
    store_id = number_asked(asked.get("store", ""))
    found = queries.today_for(
        access=request.actor,
        now=request.now,
        owner_id=request.actor.staff_id if asked.get("mine") == "1" else None,
        store_ids=None if store_id is None else [store_id],
        limit=_MOST_IN_A_SHEET,
    )
    items = [item for group in found.groups for item in group.items]
    rows = _rows(request, [item.customer_id for item in items if item.customer_id is not None])
    names = {one: spoken_name(row.name) for one, row in rows.items()}
    stores = {one.id: one for one in stores_within_reach(access=request.actor)}
    titles = [_("Task for staff"), _("Customer"), _("Why"), _("Store"), _("Whose"), _("Due")]
    lines = [
        [
            _(item.kind.title),
            names.get(item.customer_id, "") if item.customer_id is not None else "",
            spoken(item.reason),
            stores[item.store_id].name if item.store_id in stores else "",
            item.owner_name,
            timezone.localtime(item.due_at - timedelta(seconds=1)).date(),
        ]
        for item in items
    ]
    return Sheet(_("Today"), titles, lines, of_people=True)


def _rows(request: StaffRequest, ids: list[int]) -> Mapping[int, CustomerRow]:
    """Return the customers of tasks, masked; nobody for who may not see customers."""
    return customers.customer_rows(access=request.actor, ids=ids) if request.actor.can("customers.view") else {}


def _subtitle(counts: queries.TodayCounts) -> str:
    parts = [_("%(n)d to do") % {"n": counts.open}]
    if counts.overdue:
        parts.append(_("%(n)d overdue") % {"n": counts.overdue})
    parts.append(_("%(n)d dealt with today") % {"n": counts.done_today + counts.not_useful_today})
    if counts.snoozed:
        parts.append(_("%(n)d put off") % {"n": counts.snoozed})
    return " · ".join(parts)


def _column(
    group: queries.TodayGroup,
    names: dict[int, str],
    numbers: dict[int, str],
    stores: dict[int, StoreView],
    day: date,
    *,
    may_open: bool,
) -> dict[str, Any]:
    kind = KINDS[group.kind.code]
    return {
        "code": kind.code,
        "title": _(kind.title),
        "advice": _(kind.advice),
        "situation": SITUATION_OF.get(kind.code, ""),
        "count": group.total,
        "more": group.total > len(group.items),
        "is_longest": len(group.items) > _PAGE,
        "outcomes": [(one.code, _(one.title)) for one in kind.outcomes],
        "dismissals": [(one.code, _(one.title)) for one in kind.dismissals],
        "tasks": [
            {**_task(item, names, stores, day, may_open=may_open), "number": _number(item, numbers)}
            for item in group.items
        ],
    }


def _lanes(columns: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the columns in lanes, each under the lane that is the shortest by then; none is empty."""
    lanes: list[list[dict[str, Any]]] = [[] for _lane in range(min(_LANES, len(columns)))]
    heights = [0] * len(lanes)
    for column in columns:
        at = heights.index(min(heights))
        lanes[at].append(column)
        # A head is about as high as half a task.
        heights[at] += 1 + 2 * len(column["tasks"])
    return lanes


def _when(item: queries.ProposalView, today: date) -> str:
    due = timezone.localtime(item.due_at - timedelta(seconds=1)).date()
    if item.is_overdue:
        return _("overdue since %(day)s") % {"day": formats.day(due)}
    near = {today: _("due today"), today + timedelta(days=1): _("due tomorrow")}
    return near.get(due) or _("due %(day)s") % {"day": formats.day(due)}


def _task(
    item: queries.ProposalView, names: dict[int, str], stores: dict[int, StoreView], today: date, *, may_open: bool
) -> dict[str, Any]:
    name = names.get(item.customer_id, "") if item.customer_id is not None else ""
    store = stores.get(item.store_id) if item.store_id is not None else None
    return {
        "id": item.id,
        "kind": item.kind.code,
        "reason": spoken(item.reason),
        "name": name,
        "place": str(item.reason.values.get("file_name", ""))
        or _(_PLACES.get(item.subject.get("room", ""), _USUAL_PLACE)),
        "customer_id": item.customer_id,
        "url": _place(item) if may_open or item.customer_id is None else "",
        "store": store.name if store else "",
        "owner": item.owner_name,
        "when": _when(item, today),
        "late": item.is_overdue,
        "gain": _gain(item),
        # What a swipe stands for: the outcome that stands first in the dialog.
        "usual": item.kind.outcomes[0].code,
    }


def _number(item: queries.ProposalView, numbers: dict[int, str]) -> str:
    """Return the masked number that a task asks to call; empty where it asks for no call, or there is none to be shown."""
    return numbers.get(item.customer_id, "") if item.kind.is_called and item.customer_id is not None else ""


def _gain(item: queries.ProposalView) -> dict[str, str] | None:
    """Return what a touch is expected to bring, and how that is reckoned; None of what is not about a customer."""
    if not item.kind.is_capped or item.rank <= 0:
        return None
    currency = str(item.reason.values.get("currency", "CNY"))
    text = _("About %(stake)s are at stake, and a touch helps in about %(chance)s of cases.")
    return {
        "value": formats.compact_money(item.rank, currency),
        "help": text % {"stake": formats.money(item.stake_minor, currency), "chance": formats.percent(item.chance, 0)},
    }


def _place(item: queries.ProposalView) -> str:
    if item.customer_id is not None:
        return reverse("customers-one", args=[item.customer_id])
    place, key = item.subject.get("room", ""), item.subject.get("id")
    if place == "review":
        return reverse("review")
    if place == "wecom":
        return f"{reverse('wecom-lost')}?alarm={key}"
    return reverse(_ADDRESSES[place], args=[key]) if key and place in _ADDRESSES else ""
