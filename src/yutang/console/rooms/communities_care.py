"""What is done about groups in the console: describe, probe, act, put off, open again, and one post to many."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.communities import actions, queries
from yutang.communities.actions.posting import MOST_GROUPS
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import day_asked, number_asked
from yutang.console.rooms.communities_words import filters_asked, name_of
from yutang.kit.text import N_

_LONGEST_NOTE = 200
_WRITTEN = N_("Written down. What comes of it is compared with similar groups in two weeks.")
#: What a deed brings about here.
_DONE = {
    "rest": N_(
        "It rests: planned posts are held back for two weeks. What comes of it is compared with similar groups."
    ),
    "merge": N_("Its people are being asked over, and nobody new is led into it. Who came stands below."),
    "split": N_("The owner is asked to make the second group; then its people are asked over."),
    "open": N_("The owner is asked to make the next group, on today's list."),
    "close": N_(
        "Closed: nobody is led into it, and it gets no posts. Dismiss it in WeCom when you have said good-bye."
    ),
}


@room("communities.change", "communities.view")
@require_POST
def describe(request: StaffRequest, community_id: int) -> HttpResponse:
    """Write down what a group is for."""
    form = request.POST
    seed = form.get("seed", "").strip()
    description = actions.Description(
        purpose=form.get("purpose", ""),
        capacity=_number(form.get("capacity", "")),
        tag_ids=[key for tag in form.getlist("tag") if (key := number_asked(tag)) is not None],
        seed_customer_id=None if not seed else number_asked(seed.lstrip("#")) or 0,
        store_id=number_asked(form.get("store", "")),
        playbook_id=number_asked(form.get("playbook", "")),
    )
    actions.describe_community(actor=request.actor, community_id=community_id, description=description, now=request.now)
    messages.success(request, _("Written down. Newcomers are led by it from now on."))
    return redirect("groups-one", community_id)


@room("communities.change", "communities.view")
@require_POST
def probe(request: StaffRequest, community_id: int) -> HttpResponse:
    """Write down what came of a probe; the form's own key lets a second click do nothing."""
    form = request.POST
    left = form.get("left", "")
    probed = actions.Probed(
        kind=form.get("kind", ""),
        at=_instant(form.get("at", ""), request.now),
        minutes=number_asked(form.get("minutes", "")) or 0,
        packets=number_asked(form.get("packets", "")),
        takers=number_asked(form.get("takers", "")),
        were_all_taken={"none": True, "some": False}.get(left),
    )
    key = f"console:{community_id}:{form.get('key', '')[:32] or secrets.token_hex(8)}"
    actions.note_probe(actor=request.actor, community_id=community_id, key=key, probed=probed, now=request.now)
    messages.success(request, _("Noted. It counts from the next night on."))
    return redirect("groups-one", community_id)


@room("communities.change", "communities.view")
@require_POST
def do(request: StaffRequest, community_id: int) -> HttpResponse:
    """Write down what is done about a group."""
    form = request.POST
    deed, other = form.get("deed", ""), number_asked(form.get("with", ""))
    detail: dict[str, object] = {} if other is None else {"with": other}
    tag = number_asked(form.get("tag", ""))
    if deed == "split" and tag is not None:
        detail["tag"] = tag
    if deed == "revive" and form.get("content"):
        detail["content"] = form["content"][:80]
    actions.do_about(
        actor=request.actor,
        community_id=community_id,
        deed=deed,
        detail=detail,
        note=form.get("note", "").strip()[:_LONGEST_NOTE],
        now=request.now,
    )
    messages.success(request, _(_DONE.get(deed, _WRITTEN)))
    return redirect("groups-one", community_id)


@room("channels.send", "communities.view")
@require_POST
def revive(request: StaffRequest, community_id: int) -> HttpResponse:
    """Begin a post to one group, as a campaign under the contact policy, with what woke similar groups best."""
    view = queries.community(access=request.actor, community_id=community_id)
    name = _("Revive: %(group)s") % {"group": name_of(view)}
    campaign_id = actions.plan_post(
        actor=request.actor,
        name=name[:80],
        community_ids=[community_id],
        content=str(view.advice_detail.get("content") or ""),
        now=request.now,
    )
    messages.success(request, _("Choose what it says. Once it went out it counts as a try to revive the group."))
    return redirect("campaigns-content", campaign_id)


@room("communities.change", "communities.view")
@require_POST
def later(request: StaffRequest, community_id: int) -> HttpResponse:
    """Ask for nothing about a group before a day."""
    today = timezone.localdate(request.now)
    until = day_asked(request.POST.get("until", ""), today) or today
    actions.put_off(actor=request.actor, community_id=community_id, until=until, now=request.now)
    messages.success(request, _("Put off. It is not asked for before that day."))
    return redirect("groups-one", community_id)


@room("communities.change", "communities.view")
@require_POST
def open_again(request: StaffRequest, community_id: int) -> HttpResponse:
    """Open a closed group again."""
    actions.open_again(actor=request.actor, community_id=community_id, now=request.now)
    messages.success(request, _("Open again: newcomers are led into it, and it is looked at each night."))
    return redirect("groups-one", community_id)


@room("channels.send", "communities.view")
@require_POST
def post(request: StaffRequest) -> HttpResponse:
    """Begin one post to all groups that fit the filters, as a campaign under the contact policy."""
    filters = filters_asked(request)
    ids = queries.ids_matching(access=request.actor, filters=filters, limit=MOST_GROUPS)
    name = request.POST.get("name", "").strip()[:80]
    campaign_id = actions.plan_post(actor=request.actor, name=name, community_ids=ids, now=request.now)
    messages.success(request, _("Choose what it says. Who gets none, and why, is shown before it goes out."))
    return redirect("campaigns-content", campaign_id)


def _number(text: str) -> int | None:
    """Return a number that may be left out; what is none is refused as 0."""
    return None if not text.strip() else number_asked(text.strip()) or 0


def _instant(text: str, now: datetime) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return now
    return timezone.make_aware(told) if told.tzinfo is None else told
