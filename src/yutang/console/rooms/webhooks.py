"""The room of webhooks: which systems are told what happens, whether they take it, telling it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed_rooms
from yutang.console.rooms.asked import back_to
from yutang.console.rooms.programs import store_choices
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.webhooks import actions, queries

_PAGE = 30
#: Messages of a table that leaves, newest first.
_MOST_IN_A_SHEET = 10_000
_HEALTH = {
    "new": (N_("Nothing sent yet"), "plain"),
    "well": (N_("Works"), "accent"),
    "failing": (N_("Fails"), "warn"),
    "off": (N_("Off"), "down"),
}
OFF_TITLES = {
    "person": N_("Switched off by hand."),
    "failing": N_("Switched off by itself: it took nothing for three days."),
    "gone": N_("Switched off by itself: the other side answered that it is gone (410)."),
}
#: What an address says of the list of messages.
_CHOICES = ("status", "before")
_STATUSES = {
    "waiting": (N_("Waiting"), "info"),
    "taken": (N_("Taken"), "accent"),
    "dead": (N_("Given up"), "down"),
}
_FAULTS = {
    "answer": N_("the answer was %(status)s"),
    "timeout": N_("no answer within 15 seconds"),
    "no_name": N_("the name of the server is not known"),
    "no_connection": N_("no connection"),
    "certificate": N_("the certificate does not hold"),
    "broken_answer": N_("the answer could not be read"),
    "address_is_refused": N_("the address leads into a private network"),
}


@room("webhooks.manage")
def webhooks(request: StaffRequest) -> HttpResponseBase:
    """Show all webhooks and how each does."""
    titles = _titles(request)
    found = queries.endpoints(access=request.actor)
    rows = [{**_shown(one), "told": [titles.get(kind, kind) for kind in one.events]} for one in found]
    if sheet_asked(request):
        return sheet_answer(request, listed_rooms.of_webhooks(rows))
    return render(request, "console/programs/hooks.html", {"rows": rows})


@never_cache
@room("webhooks.manage")
def new(request: StaffRequest) -> HttpResponse:
    """Register a webhook; its secret is shown this once."""
    if request.method != "POST":
        return _form(request, {})
    try:
        made = actions.create_endpoint(actor=request.actor, **_asked(request), now=request.now)
    except DomainError as refusal:
        return _form(request, _asked(request), error=spoken(refusal.sentence), status=refusal.http_status)
    return render(request, "console/programs/hook_secret.html", {"made": made, "is_new": True})


@room("webhooks.manage")
def one(request: StaffRequest, endpoint_id: int) -> HttpResponseBase:
    """Show a webhook: how it does, what it is told, its latest messages."""
    view = queries.endpoint(access=request.actor, endpoint_id=endpoint_id)
    status = request.GET.get("status", "")
    status = status if status in _STATUSES else ""
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, view, status))
    before = request.GET.get("before", "")
    found = queries.deliveries(
        access=request.actor,
        endpoint_id=endpoint_id,
        status=status,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=_PAGE + 1,
    )
    titles = _titles(request)
    counts = {"waiting": view.waiting, "taken": view.taken, "dead": view.dead}
    context = {
        **_shown(view),
        "told": [titles.get(kind, kind) for kind in view.events],
        "why_off": _(OFF_TITLES[view.off_because]) if view.off_because else "",
        "rows": [_delivery(each, titles) for each in found[:_PAGE]],
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "status": status,
        "statuses": [
            {"code": code, "label": _(label), "n": counts[code]} for code, (label, _tone) in _STATUSES.items()
        ],
        "total": sum(counts.values()),
        # Somebody who has just sent a test wants to see what becomes of it.
        "moving": view.waiting > 0 and not before and view.health != "off",
    }
    part = request.htmx and request.htmx.target == "deliveries"
    return render(request, "console/programs/deliveries.html" if part else "console/programs/hook.html", context)


@room("webhooks.manage")
def edit(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Let a webhook have another name or address, or be told something else."""
    view = queries.endpoint(access=request.actor, endpoint_id=endpoint_id)
    if request.method != "POST":
        known = {"name": view.name, "url": view.url, "events": view.events, "with_people": view.with_people}
        return _form(request, {**known, "store_codes": view.store_codes or ()}, view=view)
    try:
        actions.change_endpoint(actor=request.actor, endpoint_id=endpoint_id, **_asked(request), now=request.now)
    except DomainError as refusal:
        asked = _asked(request)
        return _form(request, asked, view=view, error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("The webhook was changed."))
    return redirect("programs-hook", endpoint_id)


@room("webhooks.manage")
@require_POST
def test(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Have a test message sent."""
    actions.send_test(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
    messages.success(request, _("A test is on its way. What becomes of it stands below in a moment."))
    return redirect("programs-hook", endpoint_id)


@room("webhooks.manage")
@require_POST
def replay(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Send all that was given up again."""
    n = actions.replay_dead(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
    messages.success(request, ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", n) % {"n": n})
    return back_to(request, "programs-hook", endpoint_id, keep=_CHOICES)


@room("webhooks.manage")
@require_POST
def replay_one(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Send one message again."""
    endpoint_id = actions.replay_delivery(actor=request.actor, delivery_id=delivery_id, now=request.now)
    messages.success(request, _("The message is sent again, under the same id."))
    return back_to(request, "programs-hook", endpoint_id, keep=_CHOICES)


@room("webhooks.manage")
@require_POST
def switch(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Switch a webhook on or off."""
    if request.POST.get("on") == "yes":
        actions.switch_endpoint_on(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        messages.success(request, _("The webhook is on again. What waited for it is sent."))
    else:
        actions.switch_endpoint_off(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        messages.success(request, _("The webhook is off. What happens meanwhile waits for it."))
    return back_to(request, "programs-hook", endpoint_id, keep=_CHOICES)


@never_cache
@room("webhooks.manage")
@require_POST
def secret(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Give a webhook a new secret, shown this once."""
    made = actions.renew_secret(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
    return render(request, "console/programs/hook_secret.html", {"made": made, "is_new": False})


@room("webhooks.manage")
@require_POST
def delete(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Forget a webhook."""
    actions.delete_endpoint(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
    messages.success(request, _("The webhook was deleted."))
    return redirect("programs-hooks")


def _asked(request: StaffRequest) -> dict[str, Any]:
    given = request.POST
    return {
        "name": given.get("name", ""),
        "url": given.get("url", ""),
        "events": given.getlist("events"),
        "store_codes": given.getlist("stores"),
        "with_people": given.get("with_people") == "yes",
    }


def _titles(request: StaffRequest) -> dict[str, str]:
    choices = {one.kind: _(one.title) for one in queries.event_choices(access=request.actor)}
    return {**choices, queries.TEST: _("A test")}


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    view: queries.EndpointView | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    chosen = values.get("events", ())
    context = {
        "values": values,
        "view": view,
        "error": error,
        "events": [
            {"kind": one.kind, "title": _(one.title), "on": one.kind in chosen}
            for one in queries.event_choices(access=request.actor)
        ],
        "stores": store_choices(request, values.get("store_codes", ())),
    }
    return render(request, "console/programs/hook_form.html", context, status=status)


def _sheet(request: StaffRequest, view: queries.EndpointView, status: str) -> Sheet:
    titles = _titles(request)
    found = queries.deliveries(access=request.actor, endpoint_id=view.id, status=status, limit=_MOST_IN_A_SHEET)
    return listed_rooms.of_deliveries(view.name, [_delivery(each, titles) for each in found])


def _shown(view: queries.EndpointView) -> dict[str, Any]:
    label, tone = _HEALTH[view.health]
    return {"view": view, "health": _(label), "tone": tone}


def _delivery(one: queries.DeliveryView, titles: Mapping[str, str]) -> dict[str, Any]:
    label, tone = _STATUSES[one.status]
    fault = _(_FAULTS[one.fault]) % {"status": one.answer_status} if one.fault in _FAULTS else one.fault
    return {"one": one, "title": titles.get(one.event, one.event), "status": _(label), "tone": tone, "fault": fault}
