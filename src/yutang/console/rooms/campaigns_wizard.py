"""The way of a campaign from whom it is for to letting it go: each step is kept, so that it can be left and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.channels import actions, queries
from yutang.channels.queries import CHANNEL_TITLES, REASON_TITLES, CampaignView, PreviewView
from yutang.channels.said_words import IntentIsAnother
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.content_choices import contents_first_in
from yutang.console.rooms import campaigns_words as words
from yutang.console.rooms import content_parts
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.campaigns import bars, content_title
from yutang.console.rooms.campaigns_confirmations import confirmations_shown
from yutang.console.rooms.campaigns_costs import costs_shown
from yutang.console.rooms.campaigns_newcomers import newcomers_shown, refresh_figures
from yutang.console.sentences import spoken
from yutang.content import queries as contents
from yutang.content.queries import ContentFilters
from yutang.content.views import ContentView
from yutang.content.word_checks import WordsMayNotGoOut
from yutang.foundation import queries as ground
from yutang.kit.errors import DomainError
from yutang.segments import queries as segments
from yutang.wecom.group_book import group_choices

#: Contents and groups that are offered at once.
_CONTENTS, _GROUPS = 60, 300
_HOURS = (4, 12, 24, 48, 72)
_USUAL_HOURS, _SHARES = 24, (0, 5, 10, 20, 30, 50)
#: Steps that ask for more than is there lead to the one that asks for it.
_PLACE_OF = {
    "name": "campaigns-audience",
    "audience": "campaigns-audience",
    "channel": "campaigns-content",
    "intent": "campaigns-content",
    "words": "campaigns-content",
    "fallback": "campaigns-content",
    "fallback hours": "campaigns-content",
    "something useful instead": "campaigns-content",
    "held out share": "campaigns-check",
}

View = Callable[..., HttpResponse]


def _step(view: View) -> View:
    """Show a step of a campaign that was not started; one that was leads to how it moves, what is lacking to where it is chosen."""

    @wraps(view)
    def guarded(request: StaffRequest, campaign_id: int) -> HttpResponse:
        campaign = queries.campaign(access=request.actor, campaign_id=campaign_id)
        if campaign.state not in {"draft", "ready"}:
            return redirect("campaigns-one", campaign_id)
        try:
            return view(request, campaign)
        except actions.CampaignIsIncomplete as refusal:
            what = str(refusal.data["what"])
            messages.error(request, words.lacks(what))
            return redirect(_PLACE_OF.get(what, "campaigns-audience"), campaign_id)
        except (actions.CampaignIsElsewhere, actions.CampaignReachesFurther) as refusal:
            messages.error(request, spoken(refusal.sentence))
            return redirect("campaigns-one", campaign_id)
        except (IntentIsAnother, WordsMayNotGoOut, actions.NoticeConcernsOne) as refusal:
            messages.error(request, spoken(refusal.sentence))
            return redirect("campaigns-content", campaign_id)

    return guarded


@room("channels.send")
def new(request: StaffRequest) -> HttpResponse:
    """Begin a campaign of which only the name is known; who comes by the address alone is led to the list."""
    if request.method != "POST":
        return redirect("campaigns")
    try:
        key = actions.sketch_campaign(actor=request.actor, name=request.POST.get("name", ""), now=request.now)
    except actions.CampaignIsIncomplete:
        messages.error(request, words.lacks("name"))
        return redirect("campaigns")
    return redirect("campaigns-audience", key)


@room("channels.send")
@_step
def audience(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Choose for whom the campaign is."""
    if request.method == "POST":
        told = _audience_told(request, campaign)
        if not told:
            raise actions.CampaignIsIncomplete(what="audience")
        parts: dict[str, Any] = {"audience": told, "name": request.POST.get("name", campaign.name)}
        _choose(request, campaign, parts)
        return redirect("campaigns-content", campaign.id)
    chosen = _kind_of(campaign.audience)
    context = _frame(request, campaign, 1) | {
        "kind": chosen,
        "segments": segments.segments(access=request.actor),
        "segment": words.segment_of(campaign.audience),
        "own_words": words.audience_words(request.actor, campaign.audience) if chosen == "own" else "",
        "groups": group_choices(access=request.actor, most=_GROUPS),
        "chosen_groups": set(campaign.audience.get("groups", ())),
        "count": _count(request, campaign.audience),
    }
    return render(request, "console/campaigns/audience.html", context)


@room("channels.send")
def count(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Say how many people or groups an audience has that is being chosen."""
    campaign = queries.campaign(access=request.actor, campaign_id=campaign_id)
    told = _audience_told(request, campaign)
    return render(request, "console/campaigns/count.html", {"count": _count(request, told)})


@room("channels.send", "content.view")
@_step
def content(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Choose what is said, and by which way."""
    if not campaign.audience:
        raise actions.CampaignIsIncomplete(what="audience")
    of_groups = "groups" in campaign.audience
    is_refused = False
    if request.method == "POST":
        try:
            _choose(request, campaign, _content_told(request, campaign))
        except actions.CampaignIsIncomplete as refusal:
            what = str(refusal.data["what"])
            if _PLACE_OF.get(what) != "campaigns-content":
                raise
            # What was chosen stands there still, beside what is wrong with it.
            messages.error(request, words.lacks(what))
            campaign, is_refused = _as_chosen(request, campaign), True
        else:
            _ask(request, campaign.id)
            return redirect("campaigns-check", campaign.id)
    offered = _offered(request, of_groups=of_groups, text=request.GET.get("q", "").strip()[:80])
    form = request.POST if is_refused else request.GET
    asked = number_asked(form.get("content", "")) or _number_of(campaign.content)
    chosen = _content_of(request, asked)
    context = _frame(request, campaign, 2) | {
        "of_groups": of_groups,
        "rows": [_card(one) for one in offered],
        "q": request.GET.get("q", ""),
        "chosen": None if chosen is None else _chosen(request, campaign, chosen, of_groups=of_groups),
        "chosen_id": asked,
    }
    return render(request, "console/campaigns/content.html", context, status=422 if is_refused else 200)


@room("channels.send")
@_step
def check(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Show what the policy says before anything is sent; ask again, or hold out another share."""
    if request.method == "POST":
        share = request.POST.get("held_out", "")
        if share:
            percent = number_asked(share)
            _choose(request, campaign, {"held_out_percent": 100 if percent is None else percent})
        _ask(request, campaign.id)
        return redirect("campaigns-check", campaign.id)
    preview = queries.preview_view(access=request.actor, campaign_id=campaign.id, now=request.now)
    context = _frame(request, campaign, 3) | {"preview": preview, **_job(preview)}
    if preview is not None and preview.made_at is not None:
        context |= _foreseen(request, campaign, preview) | newcomers_shown(request, preview)
    if request.htmx:
        answer = render(request, "console/campaigns/asking.html", context)
        if not context["waits"]:
            answer["HX-Refresh"] = "true"
        return answer
    return render(request, "console/campaigns/check.html", context)


@room("channels.send")
@_step
def schedule(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Choose when it goes out, and until when it is of any use."""
    wrong = ""
    if request.method == "POST":
        told, wrong = _times_told(request)
        if not wrong and told != {"starts_at": campaign.starts_at, "latest": campaign.latest}:
            try:
                _choose(request, campaign, told)
            except actions.CampaignIsIncomplete as refusal:
                wrong = words.lacks(str(refusal.data["what"]))
            else:
                _ask(request, campaign.id)
        if not wrong:
            return redirect("campaigns-confirm", campaign.id)
    policy = queries.current_policy()
    context = _frame(request, campaign, 4) | {
        "wrong": wrong,
        "at": request.POST.get("at", _local(campaign.starts_at)),
        "until": request.POST.get("until", _local(campaign.latest)),
        "later": request.POST.get("when", "later" if campaign.starts_at else "now") == "later",
        "opens": f"{policy.opens}:00",
        "closes": f"{policy.closes}:00",
        "wait_days": policy.wait_days,
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "console/campaigns/schedule.html", context, status=422 if wrong else 200)


@room("channels.send")
@_step
def confirm(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Show once more how many get it, and let it go."""
    if request.method == "POST":
        return _launch(request, campaign)
    preview = queries.preview_view(access=request.actor, campaign_id=campaign.id, now=request.now)
    if preview is None or not preview.is_fresh:
        return redirect("campaigns-check", campaign.id)
    context = _frame(request, campaign, 5) | {
        **words.shown(campaign),
        "preview": preview,
        "audience": words.audience_words(request.actor, campaign.audience),
        "content_title": content_title(request, campaign.content),
        "instead_title": content_title(request, campaign.instead),
        "getting": words.receivers(preview.getting, of_groups=campaign.channel == "group"),
        "asks": confirmations_shown(request, preview, of_groups=campaign.channel == "group"),
        "ways": words.ways_shown(preview) if campaign.fallback else [],
        "must_type": preview.getting >= queries.confirm_from(),
    }
    return render(request, "console/campaigns/confirm.html", context)


# Helpers.


def _frame(request: StaffRequest, campaign: CampaignView, step: int) -> dict[str, Any]:
    """Return what stands around every step."""
    return {
        **words.said_itself(request.actor, campaign),
        "view": campaign,
        "step": step,
        "steps": [_(title) for _name, title in words.STEPS],
        "back": reverse(words.STEPS[step - 2][0], args=[campaign.id]) if step > 1 else reverse("campaigns"),
    }


def _choose(request: StaffRequest, campaign: CampaignView, parts: Mapping[str, Any]) -> None:
    actions.choose_parts(actor=request.actor, campaign_id=campaign.id, parts=parts, now=request.now)


def _ask(request: StaffRequest, campaign_id: int) -> None:
    """Ask the policy; what keeps it from answering is said on the page that shows the answer."""
    try:
        if request.POST.get("figures") == "yes":
            refresh_figures(request)
        actions.ask_for_preview(actor=request.actor, campaign_id=campaign_id, now=request.now)
    except segments.FiguresAreNotReady as refusal:
        messages.error(request, spoken(refusal.sentence))


def _launch(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    typed = number_asked(request.POST.get("people", "").replace(",", "").replace("，", "").strip())
    try:
        state = actions.launch_campaign(actor=request.actor, campaign_id=campaign.id, people=typed, now=request.now)
    except actions.CampaignWasNotLookedAt as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("campaigns-check", campaign.id)
    except actions.CampaignIsIncomplete:
        raise
    except DomainError as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("campaigns-confirm", campaign.id)
    done = _("The campaign waits for its time.") if state == "ready" else _("The campaign runs.")
    messages.success(request, done)
    return redirect("campaigns-one", campaign.id)


def _audience_told(request: StaffRequest, campaign: CampaignView) -> dict[str, Any]:
    """Return the audience that a form names; empty where it names none."""
    form = request.POST if request.method == "POST" else request.GET
    kind = form.get("kind", "")
    if kind == "everybody":
        return {"everybody": True}
    if kind == "groups":
        groups = list(dict.fromkeys(form.getlist("group")))
        return {"groups": groups} if groups else {}
    if kind == "own":
        return dict(campaign.audience)
    segment_id = number_asked(form.get("segment", ""))
    return words.of_segment(segment_id) if kind == "segment" and segment_id else {}


def _kind_of(audience: Mapping[str, Any]) -> str:
    if not audience or words.segment_of(audience) is not None:
        return "segment"
    return next((kind for kind in ("everybody", "groups") if kind in audience), "own")


def _count(request: StaffRequest, told: Mapping[str, Any]) -> dict[str, str]:
    """Return how many an audience has, or why that cannot be told."""
    if not told:
        return {"said": _("Nobody chosen yet.")}
    if "groups" in told:
        return {"n": formats.number(len(told["groups"])), "said": words.receivers(len(told["groups"]), of_groups=True)}
    try:
        n = len(queries.people_of_audience(access=request.actor, told=told, now=request.now))
    except DomainError as refusal:
        return {"wrong": spoken(refusal.sentence)}
    return {"n": formats.number(n), "said": words.receivers(n, of_groups=False)}


def _offered(request: StaffRequest, *, of_groups: bool, text: str) -> list[ContentView]:
    """Return approved contents that fit the audience, those in the reader's language first."""
    filters = ContentFilters(text=text, state="approved", channel="group" if of_groups else "")
    return [one for one in contents_first_in(request, filters, most=_CONTENTS) if _ways(one, of_groups=of_groups)]


def _ways(one: ContentView, *, of_groups: bool) -> list[str]:
    """Return the channels by which a content can go to an audience: a transaction notice by none."""
    told = one.version.written
    channels = () if told.intent == queries.TRANSACTIONAL else told.channels
    return [way for way in words.CHANNELS if way in channels and (way == "group") == of_groups]


def _card(one: ContentView) -> dict[str, Any]:
    told = content_parts.version_words(one.version)
    return {"id": one.id, "title": one.version.written.title, "body": one.version.written.body, **told}


def _number_of(reference: str) -> int | None:
    kind, _colon, rest = reference.partition(":")
    return number_asked(rest.partition(":")[0]) if kind == "content" else None


def _content_of(request: StaffRequest, number: int | None) -> ContentView | None:
    if number is None:
        return None
    return contents.contents(access=request.actor, content_ids=[number], now=request.now).get(number)


def _chosen(request: StaffRequest, campaign: CampaignView, one: ContentView, *, of_groups: bool) -> dict[str, Any]:
    """Return a content as its receiver sees it, with the ways by which it can go."""
    ways = _ways(one, of_groups=of_groups) if one.version.state == "approved" else []
    written = one.version.written
    shown = contents.preview(access=request.actor, written=written, now=request.now)
    is_promotion = written.intent == "promotion"
    return {
        "one": one,
        **content_parts.version_words(one.version),
        "frames": content_parts.frames(request, written, [each for each in shown if each.channel in ways]),
        "ways": [(way, _(CHANNEL_TITLES[way])) for way in ways],
        "way": campaign.channel if campaign.channel in ways else (ways[0] if ways else ""),
        "fallback": campaign.fallback if campaign.fallback in ways else "",
        "hours": sorted({*_HOURS, campaign.fallback_hours}),
        "useful": _useful(request, ways) if is_promotion else [],
        "instead": _number_of(campaign.instead),
        "is_promotion": is_promotion,
    }


def _useful(request: StaffRequest, ways: list[str]) -> list[tuple[int, str]]:
    """Return useful contents that can go by every way by which the promotion can."""
    filters = ContentFilters(state="approved", intent="value")
    found = contents_first_in(request, filters, most=_CONTENTS)
    fitting = [one for one in found if set(ways) <= set(one.version.written.channels)]
    return [(one.id, one.version.written.title) for one in fitting]


def _content_told(request: StaffRequest, campaign: CampaignView) -> dict[str, Any]:
    """Return the parts of a campaign that the form of the content names."""
    form, of_groups = request.POST, "groups" in campaign.audience
    chosen = _content_of(request, number_asked(form.get("content", "")))
    if chosen is None or chosen.version.state != "approved":
        raise actions.CampaignIsIncomplete(what="words")
    ways, way, fallback = _ways(chosen, of_groups=of_groups), form.get("channel", ""), form.get("fallback", "")
    if way not in ways:
        raise actions.CampaignIsIncomplete(what="channel")
    if fallback and (fallback not in ways or fallback == way):
        raise actions.CampaignIsIncomplete(what="fallback")
    return {
        "content": chosen.version.reference,
        "words": {},
        "intent": chosen.version.written.intent,
        "channel": way,
        "fallback": fallback,
        "fallback_hours": number_asked(form.get("hours", "")) or _USUAL_HOURS,
        "instead": _instead_told(request, [way, fallback], chosen.version.written.intent),
    }


def _as_chosen(request: StaffRequest, campaign: CampaignView) -> CampaignView:
    """Return a campaign with the ways, hours and useful content that a form names, as far as they can be shown."""
    form = request.POST
    instead = number_asked(form.get("instead", ""))
    channel, fallback = (form.get(name, "") for name in ("channel", "fallback"))
    hours = number_asked(form.get("hours", ""))
    return replace(
        campaign,
        channel=channel if channel in words.CHANNELS else campaign.channel,
        fallback=fallback if fallback in words.CHANNELS else "",
        fallback_hours=hours if hours in _HOURS else _USUAL_HOURS,
        instead="" if instead is None else f"content:{instead}:0",
    )


def _instead_told(request: StaffRequest, ways: list[str], intent: str) -> str:
    number = number_asked(request.POST.get("instead", ""))
    if number is None or intent != "promotion":
        return ""
    useful = _content_of(request, number)
    fits = useful is not None and useful.version.state == "approved" and useful.version.written.intent == "value"
    if useful is None or not fits or not {one for one in ways if one} <= set(useful.version.written.channels):
        raise actions.CampaignIsIncomplete(what="something useful instead")
    return useful.version.reference


def _job(preview: PreviewView | None) -> dict[str, Any]:
    """Return how far the job is that asks the policy; `waits` where the page looks again."""
    if preview is None or preview.made_at is not None or preview.job_id is None:
        return {"waits": False}
    try:
        job = ground.job(preview.job_id)
    except ground.NoSuchJob:
        return {"waits": False, "failed": _("The question was lost. Ask again.")}
    if job.status in {"waiting", "running"}:
        return {"waits": True, "done": job.progress_done, "total": job.progress_total}
    return {"waits": False, "failed": spoken(job.reason) if job.reason else _("The policy was not asked. Ask again.")}


def _foreseen(request: StaffRequest, campaign: CampaignView, preview: PreviewView) -> dict[str, Any]:
    """Return what was foreseen as numbers and bars, each with who stands behind it."""
    address, of_groups = reverse("campaigns-behind", args=[campaign.id]), campaign.channel == "group"
    titles = {code: title for code, (title, _tone) in words.FATES.items()}
    if not preview.has_instead:
        titles["replace"] = words.TOO_EARLY
    return {
        "of_groups": of_groups,
        "getting": words.receivers(preview.getting, of_groups=of_groups),
        "asked": words.receivers(preview.asked, of_groups=of_groups),
        "fates": [
            {
                "title": _(titles[code]),
                "tone": tone,
                "n": n,
                "most": preview.asked or 1,
                "url": f"{address}?fate={code}",
            }
            for code, (_title, tone) in words.FATES.items()
            if (n := preview.outcomes.get(code, 0)) or code in {"now", "refuse"}
        ],
        "refused": bars(preview.reasons.get("refuse", {}), REASON_TITLES, address, "reason", fate="refuse"),
        "too_early": bars(preview.reasons.get("replace", {}), REASON_TITLES, address, "reason", fate="replace"),
        "later": bars(preview.reasons.get("at", {}), REASON_TITLES, address, "reason", fate="at"),
        "days": _days(preview, address),
        "ways": words.ways_shown(preview, address) if campaign.fallback else [],
        "share": campaign.held_out_percent,
        "shares": sorted({*_SHARES, campaign.held_out_percent}),
        "costs": costs_shown(request, campaign, preview),
        "asks": confirmations_shown(request, preview, of_groups=of_groups),
    }


def _days(preview: PreviewView, address: str) -> list[dict[str, Any]]:
    most = max(preview.days.values(), default=1)
    return [
        {"title": formats.day(day), "n": n, "most": most, "url": f"{address}?fate=at&day={day.isoformat()}"}
        for day, n in preview.days.items()
    ]


def _times_told(request: StaffRequest) -> tuple[dict[str, Any], str]:
    """Return from when and until when a form lets it go, and what is wrong with it."""
    starts_at = _instant(request.POST.get("at", "")) if request.POST.get("when") == "later" else None
    until = request.POST.get("until", "").strip()
    latest = _instant(until) if until else None
    if request.POST.get("when") == "later" and (starts_at is None or starts_at <= request.now):
        return {}, _("Choose a day and an hour that are still to come.")
    if until and (latest is None or latest <= (starts_at or request.now)):
        return {}, _("It can be of use only until some time after it begins.")
    return {"starts_at": starts_at, "latest": latest}, ""


def _instant(written: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(written.strip())
        return timezone.make_aware(told).astimezone(UTC) if told.tzinfo is None else None
    except (ValueError, OverflowError):
        return None


def _local(instant: datetime | None) -> str:
    return "" if instant is None else timezone.localtime(instant).strftime("%Y-%m-%dT%H:%M")
