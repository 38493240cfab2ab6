"""The room of campaigns: which there are, how one moves, and what it brought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.channels import actions, queries
from yutang.channels.queries import (
    CHANNEL_TITLES,
    REASON_TITLES,
    CampaignFilters,
    CampaignResults,
    CampaignView,
    Progress,
    Tally,
)
from yutang.console.access import StaffRequest, room
from yutang.console.formats import day as day_shown
from yutang.console.rooms import campaigns_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.asked_when import asked_when_shown
from yutang.console.rooms.experiments_words import headline, worth_words
from yutang.console.rooms.messages_faults import fault_words
from yutang.console.rooms.sandbox_links import played_at
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.content import queries as contents
from yutang.experiments import queries as experiments
from yutang.foundation.access import Actor
from yutang.kit.text import N_
from yutang.wecom.group_book import sender_names
from yutang.wecom.queries import sandbox_page

_PAGE = 20
_MOST_IN_A_SHEET = 2_000
#: Of what waits for its time so many days are shown.
_DAYS_SHOWN = 14
_SWITCHES = {
    "pause": (actions.pause_campaign, N_("The campaign rests: what is planned waits.")),
    "resume": (actions.resume_campaign, N_("The campaign goes on.")),
    "stop": (actions.stop_campaign, N_("The campaign has ended. What nobody confirmed is taken back.")),
}


@room("channels.view")
def campaigns(request: StaffRequest) -> HttpResponseBase:
    """Show the campaigns, the latest first."""
    filters = _filters(request)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request.actor, filters))
    before = number_asked(request.GET.get("before", ""))
    keys = queries.campaign_keys(access=request.actor, filters=filters, before_id=before, limit=_PAGE + 1)
    counts = queries.state_counts(access=request.actor)
    context = {
        "rows": _rows(request.actor, keys[:_PAGE]),
        "next": keys[_PAGE - 1] if len(keys) > _PAGE else None,
        "filters": filters,
        "states": [{"code": c, "label": _(t), "count": counts.get(c, 0)} for c, (t, _tone) in words.STATES.items()],
        "channels": [(code, _(CHANNEL_TITLES[code])) for code in words.CHANNELS],
        "total": sum(counts.values()),
        "is_filtered": filters != CampaignFilters(),
        "of_part": request.actor.store_ids is not None,
    }
    return render(request, "console/campaigns/rows.html" if request.htmx else "console/campaigns/list.html", context)


@room("channels.view")
def one(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Show how a campaign moves and what it brought; a draft is shown as far as it has come."""
    view = queries.campaign(access=request.actor, campaign_id=campaign_id)
    context: dict[str, Any] = {
        **words.shown(view),
        **words.said_itself(request.actor, view),
        "audience": words.audience_seen(request.actor, view),
        "of_groups": view.channel == "group",
        "of_part": not queries.reaches_whole(request.actor, view.stores),
        "content_title": content_title(request, view.content),
        "instead_title": content_title(request, view.instead),
    }
    if view.state == "draft":
        return render(request, "console/campaigns/draft.html", context)
    context |= _moving(request, view)
    if request.htmx:
        return render(request, "console/campaigns/progress.html", context)
    asked = asked_when_shown(
        request, url=reverse("campaigns-asked", args=[view.id]), page=request.path, campaign=view.key
    )
    context |= {"effect": _effect(request.actor, view), "asked_when": asked}
    return render(request, "console/campaigns/one.html", context)


@room("channels.send")
@require_POST
def switch(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Pause a campaign, let it go on, or end it."""
    action, done = _SWITCHES.get(request.POST.get("to", ""), _SWITCHES["pause"])
    try:
        action(actor=request.actor, campaign_id=campaign_id, now=request.now)
        messages.success(request, _(done))
    except actions.CampaignIsElsewhere:
        messages.error(request, _("The campaign has gone on meanwhile: look at its state first."))
    return redirect("campaigns-one", campaign_id)


@room("channels.send")
@require_POST
def remind(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Let WeCom ask a member of staff once more."""
    task_id = number_asked(request.POST.get("task", "")) or 0
    try:
        actions.remind_staff(actor=request.actor, campaign_id=campaign_id, task_id=task_id, now=request.now)
        messages.success(request, _("WeCom asks once more."))
    except (actions.NotToBeReminded, actions.WecomDidNotRemind) as refusal:
        messages.error(request, spoken(refusal.sentence))
    return redirect("campaigns-one", campaign_id)


def content_title(request: StaffRequest, reference: str) -> str:
    """Return what a content is called; its reference to who may not see contents."""
    kind, _colon, rest = reference.partition(":")
    number = number_asked(rest.partition(":")[0])
    if kind != "content" or number is None or not request.actor.can("content.view"):
        return reference
    known = contents.contents(access=request.actor, content_ids=[number], now=request.now)
    return known[number].version.written.title if number in known else reference


def bars(
    counts: Mapping[str, int], titles: Mapping[str, str], address: str, asked: str, **more: str
) -> list[dict[str, Any]]:
    """Return counts as bars, the largest first, each with the address of who stands behind it."""
    most = max(counts.values(), default=1)
    return [
        {
            "title": _(titles[code]) if titles.get(code) else code,
            "n": n,
            "most": most,
            "url": f"{address}?{urlencode({**more, asked: code})}",
        }
        for code, n in sorted(counts.items(), key=lambda one: -one[1])
    ]


# Helpers.


def _filters(request: StaffRequest) -> CampaignFilters:
    state, channel = request.GET.get("state", ""), request.GET.get("channel", "")
    return CampaignFilters(
        text=request.GET.get("q", "").strip()[:80],
        state=state if state in words.STATES else "",
        channel=channel if channel in words.CHANNELS else "",
    )


def _rows(access: Actor, keys: tuple[int, ...]) -> list[dict[str, Any]]:
    views = queries.campaigns_of(access=access, campaign_ids=keys)
    counts = queries.tallies(access=access, campaign_ids=keys)
    return [{**words.shown(views[key]), "tally": counts.get(key, Tally())} for key in keys if key in views]


def _moving(request: StaffRequest, view: CampaignView) -> dict[str, Any]:
    """Return what changes while somebody looks."""
    told = queries.campaign_progress(access=request.actor, campaign_id=view.id, now=request.now)
    results = queries.campaign_results(access=request.actor, campaign_id=view.id)
    address = reverse("campaigns-behind", args=[view.id])
    most = max(told.way.values(), default=0) or 1
    senders = {one.sender for one in told.waiting}
    names = sender_names(access=request.actor, userids=senders) if senders else {}
    sandbox = sandbox_page() if senders else ""
    return {
        "told": told,
        "funnel": [
            {"title": _(words.STATIONS[name]), "n": n, "most": most, "url": f"{address}?count={name}" if n else ""}
            for name, n in told.way.items()
        ],
        "to_come": _to_come(view, told.to_come),
        "by_other_way": words.by_other_way(view, told.at_once),
        "back": _came_back(request, told, results, address),
        "faults": _faults(results.faults, address),
        "ends": bars(told.ends, words.ENDS, address, "state"),
        "reasons": bars(results.refusals, REASON_TITLES, address, "why"),
        "waiting": [
            {
                "one": one,
                "name": names.get(one.sender, one.sender),
                "sandbox_url": played_at(sandbox, one.sender, of_groups=one.channel == "group"),
            }
            for one in told.waiting
        ],
    }


def _to_come(view: CampaignView, by_day: Mapping[date, int]) -> list[dict[str, Any]]:
    """Return how many wait for each of the next days, each with the address of the messages, which tell why."""
    address, most = reverse("messages"), max(by_day.values(), default=1)
    asked = {"campaign": view.key, "state": "planned"}
    return [
        {
            "title": day_shown(day),
            "n": n,
            "most": most,
            "url": f"{address}?{urlencode({**asked, 'since': str(day), 'until': str(day)})}",
        }
        for day, n in islice(by_day.items(), _DAYS_SHOWN)
    ]


def _came_back(request: StaffRequest, told: Progress, results: CampaignResults, address: str) -> list[dict[str, Any]]:
    """Return what came back, each count with the address of who stands behind it."""
    counts = {
        "clicked": results.readers + results.anonymous_visits,
        "replied": told.replies,
        "said_no": told.opt_outs,
        "bought": told.bought,
        **({"useful": told.useful} if told.useful else {}),
        "held": told.held,
    }
    may_see = request.actor.can("customers.view")
    # Who followed a link that everybody got is not known.
    known = {**counts, "clicked": results.readers}
    return [
        {"title": _(words.CAME_BACK[name]), "n": n, "url": f"{address}?count={name}" if known[name] and may_see else ""}
        for name, n in counts.items()
    ]


def _faults(counts: Mapping[str, int], address: str) -> list[dict[str, Any]]:
    """Return why messages failed as bars, the largest first."""
    titles = {code: fault_words(code) or _("Nobody knows why.") for code in counts}
    return bars(counts, titles, address, "fault")


def _effect(access: Actor, view: CampaignView) -> dict[str, Any]:
    """Return what the campaign brought against who was held out, or in `untold` why nobody tells it here."""
    untold = _untold(access, view)
    if untold:
        return {"untold": _(untold)}
    key = queries.experiment_key(view.key)
    try:
        known = experiments.experiment_view(access=access, key=key)
    except experiments.NoSuchExperiment:
        return {"untold": _(_DRAWN_LATER if view.planned_at is None else _NOBODY_TO_DRAW)}
    result = experiments.latest_result(access=access, key=key)
    first = next(iter(result.measures), None) if result else None
    told: dict[str, Any] = {"key": key, "drawn": known.drawn, "days": known.within_days, "changed": bool(known.changes)}
    if result is None or first is None or first.effect is None:
        return {**told, "missing": result.missing.least if result else None}
    worth = [worth_words(one, result.currency) for one in result.worth]
    return {**told, "headline": headline(first.effect), "worth": " ".join(worth)}


_NOBODY_HELD = N_("Nobody was held out, so nobody can say what it brought.")
_DRAWN_LATER = N_("Who is held out is drawn when the campaign is planned.")
_NOBODY_TO_DRAW = N_("The policy lets nothing out to anybody here, so there was nobody to hold out.")
_OF_ALL_STORES = N_(
    "What it brought is told to whoever sees all stores: the receivers of single stores are too few to compare."
)
_NOT_THEIRS = N_("What it brought is told to whoever may see experiments.")


def _untold(access: Actor, view: CampaignView) -> str:
    """Return why nobody can say, or may know, what a campaign brought; empty where they may look."""
    if not view.held_out_percent:
        return _NOBODY_HELD
    if not access.can("experiments.view"):
        return _NOT_THEIRS
    return "" if access.store_ids is None else _OF_ALL_STORES


def _sheet(access: Actor, filters: CampaignFilters) -> Sheet:
    titles = [_("Number"), _("Name"), _("State"), _("Channel"), _("Intent"), _("When")]
    titles += [_("Planned"), _("Sent"), _("Delivered"), _("Clicked"), _("Bought")]
    return Sheet(_("Campaigns"), titles, _lines(access, filters))


def _lines(access: Actor, filters: CampaignFilters) -> Iterator[list[Any]]:
    keys = queries.campaign_keys(access=access, filters=filters, limit=_MOST_IN_A_SHEET)
    for row in _rows(access, keys):
        view, tally = row["view"], row["tally"]
        when = row["when"].isoformat(timespec="minutes") if row["when"] else None
        head = [view.id, view.name, row["state"], row["channel"], row["intent"], when]
        yield [*head, tally.planned, tally.sent, tally.delivered, tally.clicked, tally.bought]
