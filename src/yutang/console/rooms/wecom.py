"""The room of WeCom: how it is connected, what waits, who serves customers, groups, codes, and customers who were lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation import actions as foundation
from yutang.foundation import queries as staff_queries
from yutang.kit.text import N_
from yutang.wecom import actions, queries, views

_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Rows of a table that leaves.
_MOST_IN_A_SHEET = 100_000
PHASES = {
    "staff": N_("Who has customers"),
    "tags": N_("Tags"),
    "customers": N_("Customers"),
    "missing": N_("Customers who were not shown"),
    "groups": N_("Groups"),
    "done": N_("Everything was read"),
}
FAULTS = {
    "wecom_secret_refused": N_("WeCom refuses corp id or secret. Look at both in WeCom, then save them here again."),
    "wecom_address_not_trusted": N_(
        "WeCom does not know the address of this server. Enter it as a trusted IP of the app; it takes about a minute to apply."
    ),
    "wecom_not_permitted": N_(
        "The app may not do what is needed. Allow it under customer contact in WeCom, and let it see the staff concerned."
    ),
}
GREETINGS = {
    "sent": (N_("Welcomed"), "accent"),
    "already": (N_("Welcomed already"), "info"),
    "silent": (N_("No words to say"), "plain"),
    "late": (N_("Too late, not sent"), "warn"),
    "failed": (N_("Not sent"), "down"),
}
#: How a friendship ended, or stands.
STANDINGS = {
    "friends": (N_("Friends"), "accent"),
    "half": (N_("Added, not yet accepted"), "info"),
    "left": (N_("Deleted by the customer"), "warn"),
    "deleted": (N_("Deleted by staff"), "down"),
    "handed": (N_("Handed over"), "plain"),
    "gone": (N_("No longer there"), "plain"),
}
_ALIVE = ("waiting", "running")


@room("channels.view")
def wecom(request: StaffRequest) -> HttpResponse:
    """Show the connection: what it is, what waits, what was read last, and alarms."""
    view = queries.connection_view(access=request.actor, now=request.now)
    may_set = request.actor.can("settings.manage")
    context = {
        "tab": "state",
        "view": view,
        "fault": _(FAULTS.get(view.fault, N_("WeCom refuses what is asked of it."))) if view.fault else "",
        "tiles": _tiles(view),
        "greetings": _greetings(view.greetings),
        "sync": _sync(view.sync),
        "counts": _counts(view.sync),
        "moving": view.sync is not None and view.sync.status in _ALIVE,
        "alarms": queries.open_alarms(access=request.actor) if may_set else (),
        "may_set": may_set,
        "may_sync": request.actor.can("channels.send"),
    }
    part = request.htmx and request.htmx.target == "wecom-state"
    return render(request, "console/wecom/state.html" if part else "console/wecom/page.html", context)


@room("channels.send")
@require_POST
def sync(request: StaffRequest) -> HttpResponse:
    """Ask for a full look at everything that WeCom shows."""
    actions.ask_for_sync(actor=request.actor, now=request.now)
    messages.success(request, _("Everything that WeCom shows is being read."))
    return redirect("wecom")


@room("channels.send", "jobs.manage")
@require_POST
def cancel_sync(request: StaffRequest) -> HttpResponse:
    """Stop the full look that is on its way; the next one goes on where it stood."""
    view = queries.connection_view(access=request.actor, now=request.now)
    if view.sync is not None and view.sync.job_id is not None and view.sync.status in _ALIVE:
        foundation.cancel_job(actor=request.actor, job_id=view.sync.job_id, now=request.now)
        messages.success(request, _("The job is being cancelled."))
    return redirect("wecom")


@room("settings.manage")
@require_POST
def note_alarm(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """Note that somebody looked into many deletions."""
    actions.note_alarm(actor=request.actor, alarm_id=alarm_id, now=request.now)
    messages.success(request, _("Noted. The alarm is gone; the deletions stay in the list of lost customers."))
    return redirect("wecom")


@room("channels.view")
def staff(request: StaffRequest) -> HttpResponseBase:
    """Show the members of the corp who have customers, and who each is here."""
    found = queries.accounts(access=request.actor, now=request.now)
    if sheet_asked(request):
        return sheet_answer(request, _staff_sheet(found))
    may_link = request.actor.can("staff.manage")
    taken = {one.staff_id for one in found}
    cards = staff_queries.staff_cards(access=request.actor, now=request.now) if may_link else ()
    people = [
        (card.person.id, card.person.display_name)
        for card in cards
        if card.person.is_active and card.person.id not in taken
    ]
    context = {"tab": "staff", "rows": found, "may_link": may_link, "people": people}
    return render(request, "console/wecom/staff.html", context)


@room("staff.manage", "channels.view")
@require_POST
def link(request: StaffRequest, account_id: int) -> HttpResponse:
    """Say who a member of the corp is here."""
    staff_id = number_asked(request.POST.get("staff", ""))
    actions.link_account(actor=request.actor, account_id=account_id, staff_id=staff_id, now=request.now)
    messages.success(request, _("It is noted who that is."))
    return redirect("wecom-staff")


@room("channels.view")
def groups(request: StaffRequest) -> HttpResponseBase:
    """Show the living customer groups."""
    if sheet_asked(request):
        return sheet_answer(request, _group_sheet(queries.groups(access=request.actor, now=request.now)))
    after = number_asked(request.GET.get("after", "")) or 0
    found = queries.groups(access=request.actor, after_id=after, limit=_PAGE + 1, now=request.now)
    context = {"tab": "groups", "rows": found[:_PAGE], "next": found[_PAGE - 1].id if len(found) > _PAGE else None}
    return render(request, "console/wecom/groups.html", context)


@room("channels.view", "customers.view")
def lost(request: StaffRequest) -> HttpResponseBase:
    """Show customers who are friends no more: by whom, after how long, and what they were last sent."""
    how = request.GET.get("how", "")
    how = how if how in {"left", "deleted", "gone"} else ""
    alarm_id = number_asked(request.GET.get("alarm", ""))
    if sheet_asked(request):
        rows = queries.lost_friends(access=request.actor, how=how, alarm_id=alarm_id, limit=_MOST_IN_A_SHEET)
        return sheet_answer(request, _lost_sheet(rows))
    before = _before(request.GET.get("before", ""))
    found = queries.lost_friends(access=request.actor, how=how, alarm_id=alarm_id, before=before, limit=_PAGE + 1)
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    context = {
        "tab": "lost",
        "rows": [_lost(one) for one in found[:_PAGE]],
        "how": how,
        "alarm": queries.alarm(access=request.actor, alarm_id=alarm_id) if alarm_id else None,
        "hows": [(code, _(STANDINGS[code][0])) for code in ("left", "deleted", "gone")],
        "next": f"{(last.ended_at - _EPOCH) // timedelta(microseconds=1)}-{last.id}" if last else None,
    }
    return render(request, "console/wecom/lost.html", context)


def _tiles(view: views.ConnectionView) -> list[dict[str, Any]]:
    # Whom somebody else welcomed is none of ours.
    total = sum(n for code, n in view.greetings.items() if code != "already")
    return [
        {
            "metric": "wecom_welcomed",
            "value": formats.number(view.greetings.get("sent", 0)),
            "note": ngettext("of %(n)s newcomer", "of %(n)s newcomers", total) % {"n": formats.number(total)},
            "lead": True,
        },
        {"metric": "wecom_friends", "value": formats.number(view.friends), "note": _("friendships of staff")},
        {
            "metric": "wecom_waiting",
            "value": formats.number(view.welcome.waiting + view.other.waiting),
            "note": _waits(view),
        },
        {"metric": "wecom_given_up", "value": formats.number(view.given_up), "note": _("not settled in any try")},
    ]


def _waits(view: views.ConnectionView) -> str:
    oldest = min((lane.oldest_at for lane in (view.welcome, view.other) if lane.oldest_at is not None), default=None)
    return _("nothing waits for long") if oldest is None else _("oldest since %(at)s") % {"at": formats.moment(oldest)}


def _greetings(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": _(label), "tone": tone, "n": counts[code]}
        for code, (label, tone) in GREETINGS.items()
        if counts.get(code)
    ]


def _sync(view: views.SyncView | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return {
        "view": view,
        "phase": _(PHASES[view.phase]),
        "moves": view.status in _ALIVE,
        "failed": view.status == "dead",
        "stands": view.ended_at is None and view.status not in _ALIVE,
    }


def _counts(view: views.SyncView | None) -> list[tuple[str, int]]:
    if view is None:
        return []
    names = ("staff", "tags", "customers", "groups")
    return [(_(PHASES[name]), view.counts.get(name, 0)) for name in names if name in view.counts]


def _lost(one: views.LostView) -> dict[str, Any]:
    label, tone = STANDINGS[one.how]
    name = one.customer if isinstance(one.customer, str) else spoken(one.customer)
    return {"one": one, "name": name, "how": _(label), "tone": tone}


def _before(written: str) -> tuple[datetime, int] | None:
    """Return the last row of the page before, as the address of the next page names it."""
    at, _dash, key = written.partition("-")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and key.isascii() and key.isdigit() and len(key) <= 18):
        return None
    return _EPOCH + timedelta(microseconds=int(at)), int(key)


def _staff_sheet(rows: Sequence[views.AccountView]) -> Sheet:
    titles = (_("Member of staff"), "userid", _("Friends"), _("Lost in 30 days"), _("Deleted in 30 days"), _("Groups"))
    lines = ((one.name, one.userid, one.friends, one.lost, one.deleted, one.groups) for one in rows)
    return Sheet("wecom-staff", titles, lines)


def _group_sheet(rows: Sequence[views.GroupView]) -> Sheet:
    titles = (
        _("Customer group"),
        pgettext("of a customer group", "Owner"),
        _("Customers"),
        _("Came in 30 days"),
        _("Went in 30 days"),
    )
    lines = ((one.name, one.owner, one.members, one.joined, one.left) for one in rows)
    return Sheet("wecom-groups", titles, lines)


def _lost_sheet(rows: Sequence[views.LostView]) -> Sheet:
    titles = (
        _("Customer"), _("Name"), _("Member of staff"), _("How"), _("Friends since"), _("Ended at"), _("Kept for days"),
        _("Last message"),
    )  # fmt: skip
    shown = (_lost(one) for one in rows)
    lines = (
        (
            row["one"].customer_id,
            row["name"],
            row["one"].staff,
            row["how"],
            row["one"].added_at,
            row["one"].ended_at,
            row["one"].kept_days,
            row["one"].last_touch_at,
        )
        for row in shown
    )
    return Sheet("wecom-lost", titles, lines, of_people=True)
