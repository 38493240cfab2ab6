"""The first-run guide: what a new installation needs next, ticked by what there is, until all is done or nobody wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.customers import queries as people
from yutang.demo import actions as demo
from yutang.demo.queries import is_untouched
from yutang.foundation import actions
from yutang.foundation.organisation import FIRST_STEPS, ORGANISATION_NAME
from yutang.foundation.queries import organisation_setting
from yutang.foundation.queries import stores as stores_within_reach
from yutang.ingest import queries as ingest
from yutang.kit.text import N_
from yutang.worklist import queries as worklist

#: Whoever can take every step is guided.
_NEEDED = ("settings.manage", "stores.manage", "imports.run", "review.decide", "worklist.work")


@dataclass(frozen=True)
class Step:
    """One step of the guide.

    Attributes:
        code: stable name.
        title: what is to be done, marked with `N_`.
        why: what it is good for, marked with `N_`.
        room: URL name of the page where it is done.
        icon: name in the icon sprite.
    """

    code: str
    title: str
    why: str
    room: str
    icon: str


STEPS = (
    Step(
        "organisation",
        N_("Say what your organisation is called"),
        N_("Apps for log-in codes show it beside the log-in name."),
        "settings",
        "sliders",
    ),
    Step(
        "stores",
        N_("Set up your stores"),
        N_("Files name them by their codes; figures, staff and customers belong to them."),
        "stores",
        "store",
    ),
    Step(
        "import",
        N_("Import the first file"),
        N_("The order export of a marketplace or the till, or the customer list of your ERP."),
        "imports-new",
        "upload",
    ),
    Step(
        "review",
        N_("Decide who is the same person"),
        N_("Records that share a phone and contradict each other wait for you. With none waiting this is done."),
        "review",
        "merge",
    ),
    Step(
        "today",
        N_("Look at today's list, and deal with one task"),
        N_("Every morning it says what to do for whom. Mark one task as done, put it off, or call it not useful."),
        "today",
        "tasks",
    ),
)


def first_steps_for(request: StaffRequest) -> dict[str, Any] | None:
    """Return the guide as a page shows it; None for who cannot take the steps, when it was put away, and when all is done."""
    if not all(request.actor.can(permission) for permission in _NEEDED) or not organisation_setting(FIRST_STEPS):
        return None
    done = steps_done(request)
    if len(done) == len(STEPS):
        return None
    following = next(one.code for one in STEPS if one.code not in done)
    return {
        "steps": [
            {
                "title": _(one.title),
                "why": _(one.why),
                "url": reverse(one.room),
                "icon": one.icon,
                "is_done": one.code in done,
                "is_next": one.code == following,
            }
            for one in STEPS
        ],
        "done": len(done),
        "total": len(STEPS),
        "may_fill": is_untouched(),
    }


def steps_done(request: StaffRequest) -> set[str]:
    """Return the steps that have been taken, by what there is."""
    access = request.actor
    has_imported = bool(ingest.import_counts().get("done"))
    nothing_to_decide = has_imported and not people.review_count(access=access, at_most=1)
    truths = {
        "organisation": bool(organisation_setting(ORGANISATION_NAME)),
        "stores": bool(stores_within_reach(access=access)),
        "import": has_imported,
        "review": nothing_to_decide or people.has_decided_pairs(access=access),
        "today": worklist.has_dealt_with_tasks(access=access),
    }
    return {code for code, is_true in truths.items() if is_true}


@room("settings.manage", "imports.run")
@require_POST
def fill_demo(request: StaffRequest) -> HttpResponse:
    """Let a worker fill an installation in which there is nothing yet with the demo shop."""
    demo.ask_for_demo_shop(actor=request.actor, now=request.now)
    messages.success(request, _("The demo shop is being made and imported. In a few minutes the pond is full."))
    return redirect("jobs" if request.actor.can("jobs.manage") else "dashboard")


@room("settings.manage")
@require_POST
def dismiss(request: StaffRequest) -> HttpResponse:
    """Put the guide away for everybody; the page of settings brings it back."""
    actions.change_setting(actor=request.actor, key=FIRST_STEPS, value=False, now=request.now)
    return redirect("dashboard")
