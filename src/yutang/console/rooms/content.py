"""The room of contents: the library with its filters, one content with previews, versions and use, and the steps of approval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.queries import Clicks, clicks_on
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import content_parts as parts
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.content import actions, queries
from yutang.content.queries import ContentFilters
from yutang.content.views import ContentView, Usage
from yutang.customers import queries as people
from yutang.customers.search import CustomerFilters
from yutang.orders import queries as orders

_PAGE = 24
_MOST_IN_A_SHEET = 200
#: People whom a preview offers.
_OFFERED = 8
#: People who bought lately, among whom those with a name are offered first.
_LOOKED_AT = 60
_LONGEST_QUERY = 120
#: People who are named as those who may decide.
_NAMED = 4


@room("content.view")
def library(request: StaffRequest) -> HttpResponseBase:
    """Show the library as the filters narrow it."""
    filters, state = _filters(request), _one_of(request, "state", queries.STATES)
    narrowed = replace(filters, state=state)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, narrowed))
    page = queries.library(
        access=request.actor,
        filters=narrowed,
        first=get_language() or "",
        after_key=number_asked(request.GET.get("after", "")),
        limit=_PAGE,
        now=request.now,
    )
    counts = queries.state_counts(access=request.actor, filters=filters, now=request.now)
    usage = queries.usage(access=request.actor, content_ids=[row.id for row in page.rows], now=request.now)
    context = {
        **parts.choices(),
        "filters": filters,
        "state": state,
        "states": [
            {"code": code, "label": _(label), "count": counts[code]} for code, (label, _tone) in parts.STATES.items()
        ],
        "total": sum(counts.values()),
        "categories": queries.categories(access=request.actor),
        "rows": [_card(request, row, usage[row.id]) for row in page.rows],
        "next": page.next_key,
        "is_filtered": filters != ContentFilters() or bool(state),
        "is_empty": not sum(counts.values()) and filters == ContentFilters(),
    }
    return render(request, "console/content/cards.html" if request.htmx else "console/content/library.html", context)


@room("content.view")
def one(request: StaffRequest, content_id: int) -> HttpResponse:
    """Show a content: as its receiver sees it, what the check finds, its versions, what became of it."""
    view = queries.content(access=request.actor, content_id=content_id, now=request.now)
    versions = queries.versions_of(access=request.actor, content_id=content_id, now=request.now)
    asked = number_asked(request.GET.get("version", ""))
    chosen = next((one for one in versions if one.number == asked), view.version)
    person = number_asked(request.GET.get("person", ""))
    shown = queries.preview(access=request.actor, written=chosen.written, customer_id=person, now=request.now)
    check = queries.check(access=request.actor, written=chosen.written)
    usage = queries.usage(access=request.actor, content_ids=[content_id], now=request.now)[content_id]
    latest = versions[0]
    waits = latest.state == "asked"
    others = queries.waits_for_others(access=request.actor, content_id=content_id) if waits else ()
    context = {
        "content": view,
        "chosen": parts.version_words(chosen),
        "versions": [parts.version_words(each) for each in versions],
        "latest": latest,
        "frames": parts.frames(request, chosen.written, shown),
        "findings": parts.finding_rows(check.findings, chosen.written),
        "stops": check.stops,
        "person": person,
        **_people(request, person, is_for_groups=set(chosen.written.channels) == {GROUP_CHANNEL}),
        "fates": _fates(usage),
        "usage": usage,
        "clicks": _clicks(request, [each.reference for each in versions]),
        "may_approve": waits and request.actor.can("content.approve") and not others,
        "may_refuse": waits and request.actor.can("content.approve"),
        "others": _names(others) if request.actor.can("content.approve") else "",
        "is_held": any(each.state == "approved" for each in versions),
    }
    return render(request, "console/content/one.html", context)


@room("content.edit")
@require_POST
def ask(request: StaffRequest, content_id: int) -> HttpResponse:
    """Let a draft wait for approval."""
    actions.ask_for_approval(actor=request.actor, content_id=content_id, now=request.now)
    messages.success(request, _("The content waits for approval."))
    return redirect("content-one", content_id)


@room("content.edit")
@require_POST
def take_back(request: StaffRequest, content_id: int) -> HttpResponse:
    """Make a draft again of what waits."""
    actions.take_back(actor=request.actor, content_id=content_id, now=request.now)
    messages.success(request, _("The content is a draft again."))
    return redirect("content-one", content_id)


@room("content.approve")
@require_POST
def approve(request: StaffRequest, content_id: int) -> HttpResponse:
    """Approve what waits."""
    number = actions.approve(actor=request.actor, content_id=content_id, now=request.now)
    messages.success(request, _("Version %(number)s was approved and can be sent.") % {"number": number})
    return redirect("content-one", content_id)


@room("content.approve")
@require_POST
def refuse(request: StaffRequest, content_id: int) -> HttpResponse:
    """Refuse what waits, with a reason."""
    reason = request.POST.get("reason", "")
    actions.refuse(actor=request.actor, content_id=content_id, reason=reason, now=request.now)
    messages.success(request, _("The content was refused. The writer sees why."))
    return redirect("content-one", content_id)


@room("content.edit")
@require_POST
def end(request: StaffRequest, content_id: int) -> HttpResponse:
    """Let no version be sent any more."""
    actions.end_content(actor=request.actor, content_id=content_id, now=request.now)
    messages.success(request, _("The content is not sent any more."))
    return redirect("content-one", content_id)


def _names(others: tuple[str, ...]) -> str:
    """Return some of the people who may decide."""
    some = formats.listed(others[:_NAMED])
    return f"{some}…" if len(others) > _NAMED else some


def _filters(request: StaffRequest) -> ContentFilters:
    given = request.GET
    chosen = parts.choices()
    known = {name: [code for code, _label in chosen[f"{name}s"]] for name in ("kind", "intent", "language", "channel")}
    return ContentFilters(
        text=given.get("q", "").strip()[:_LONGEST_QUERY],
        category=given.get("category", "")[:40],
        **{name: _one_of(request, name, codes) for name, codes in known.items()},
    )


def _one_of(request: StaffRequest, name: str, known: Any) -> str:
    value = request.GET.get(name, "")
    return value if value in known else ""


def _card(request: StaffRequest, row: ContentView, usage: Usage) -> dict[str, Any]:
    """Return a content of the library with its first preview; a version is valid, so that samples always fill it."""
    written = row.version.written
    shown = queries.preview(access=request.actor, written=written, now=request.now)[:1]
    frame = next(iter(parts.frames(request, written, shown)), None)
    return {"content": row, "frame": frame, "messages": usage.messages, **parts.version_words(row.version)}


def _people(request: StaffRequest, chosen: int | None, *, is_for_groups: bool) -> dict[str, Any]:
    """Return people with whose values a preview can be looked at: some, and who was searched for; nobody for a post to groups.

    What is searched for travels in the body of the request, so that no address holds a name or a number.
    """
    if is_for_groups or not request.actor.can("customers.view"):
        return {}
    offered = _offered(request)
    if chosen is not None and chosen not in offered:
        known = people.customer_rows(access=request.actor, ids=[chosen])
        offered |= {key: spoken_name(row.name) for key, row in known.items()}
    sought = request.POST.get("q", "").strip()[:_LONGEST_QUERY]
    filters = CustomerFilters(text=sought)
    found = people.customer_page(access=request.actor, filters=filters, limit=_OFFERED).rows if sought else ()
    return {
        "people": list(offered.items()),
        "sought": sought,
        "found": [(row.id, spoken_name(row.name)) for row in found],
    }


def _offered(request: StaffRequest) -> dict[int, str]:
    """Return people of whom there is something to read: who bought lately and has a name, then others who bought, then who came last."""
    buyers = orders.recent_buyers(access=request.actor, limit=_LOOKED_AT)
    known = people.customer_rows(access=request.actor, ids=buyers)
    rows = sorted((known[key] for key in buyers if key in known), key=lambda row: not isinstance(row.name, str))
    if len(rows) < _OFFERED:
        rows += people.customer_page(access=request.actor, limit=_OFFERED).rows
    return dict(list({row.id: spoken_name(row.name) for row in rows}.items())[:_OFFERED])


def _clicks(request: StaffRequest, references: list[str]) -> Clicks | None:
    """Return how the links of a content were followed; None for who may not see messages."""
    if not request.actor.can("channels.view"):
        return None
    since = request.now - timedelta(days=queries.USAGE_DAYS)
    return clicks_on(access=request.actor, contents=references, since=since)


def _fates(usage: Usage) -> list[tuple[str, int]]:
    known = [(state, usage.states.get(state, 0)) for state in ("planned", "sent", "failed", "refused")]
    further = [(state, count) for state, count in usage.states.items() if state not in dict(known)]
    return [(_(parts.FATES.get(state, state)), count) for state, count in (*known, *further)]


def _sheet(request: StaffRequest, filters: ContentFilters) -> Sheet:
    titles = [_("Number"), _("Title"), _("Kind"), _("Intent"), _("Category"), _("Language"), _("Channels"), _("State")]
    titles += [_("Words"), _("Messages")]
    return Sheet(_("Contents"), titles, _lines(request, filters))


def _lines(request: StaffRequest, filters: ContentFilters) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.library(
            access=request.actor,
            filters=filters,
            first=get_language() or "",
            after_key=after,
            limit=_MOST_IN_A_SHEET,
            now=request.now,
        )
        usage = queries.usage(access=request.actor, content_ids=[row.id for row in page.rows], now=request.now)
        for row in page.rows:
            told, written = parts.version_words(row.version), row.version.written
            channels = " ".join(told["channels"])
            yield [
                row.id, written.title, told["kind"], told["intent"], written.category, told["language"], channels,
                told["state"], written.body, usage[row.id].messages,
            ]  # fmt: skip
        after = page.next_key
        if after is None:
            return
