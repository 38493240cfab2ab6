"""The message centre: what went out and what came in, newest first, what is to go out, and the emergency stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.channels import actions, queries
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import messages_words as words
from yutang.console.rooms.asked import day_asked, number_asked
from yutang.console.rooms.messages_faults import fault_words
from yutang.console.rooms.messages_named import Names, names_for, playbooks_named
from yutang.console.rooms.messages_said import excerpts
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.customers.search import CustomerFilters
from yutang.foundation.queries import stores as stores_within_reach
from yutang.kit.text import N_
from yutang.wecom import queries as wecom

_PAGE = 50
#: Rows of a table that leaves, and of those that are read together.
_MOST_IN_A_SHEET, _AT_ONCE = 20_000, 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIRECTIONS = {"out": N_("Went out"), "in": N_("Came in")}
#: People among whom one chooses whom a name means.
_CHOICES = 8
_LONGEST = 80


@room("channels.view")
def centre(request: StaffRequest) -> HttpResponseBase:
    """Show what the address asks for, a page by key."""
    wanted, person, choices = _wanted(request)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, wanted))
    nobody = bool(request.GET.get("q", "").strip()) and not choices and wanted.customer_id is None
    page = queries.MessagesPage((), None, None)
    if not choices and not nobody:
        page = queries.messages_passed(
            access=request.actor, wanted=wanted, after=_place(request.GET.get("after", "")), limit=_PAGE
        )
    names = _names(request, page.rows)
    said = excerpts(request, (one for one in page.rows if not one.is_inbound))
    context = {
        "tab": "centre",
        "rows": [row_shown(one, names, said) for one in page.rows],
        "following": _written(page.following) if page.following else "",
        "later": bool(request.GET.get("after")),
        "looked_back_to": page.looked_back_to,
        "is_coming": wanted.coming_after is not None,
        # What only the future has does not lead back from it.
        "past_state": wanted.state if wanted.state != "planned" else None,
        "past_since": request.GET.get("since") if wanted.since and wanted.since <= request.now else None,
        "person": person,
        "choices": choices,
        "may_take": may_take_people(request),
        "postbox": queries.postbox_page(),
        "postbox_ways": queries.postbox_ways(),
        "may_answer": request.actor.can("worklist.work"),
        **_filters(request, wanted),
    }
    return render(request, "console/messages/page.html", context)


@room("channels.send")
def stop(request: StaffRequest) -> HttpResponse:
    """Stop everything, a channel or a campaign, or let it go on; who comes by the address alone is led to the list."""
    if request.method != "POST":
        return redirect("messages")
    channel, campaign = request.POST.get("stop_channel", ""), request.POST.get("stop_campaign", "").strip()
    if channel and campaign:
        # Without scripts the list of campaigns chooses nothing else: rather nothing stops than everything by mistake.
        messages.error(
            request, _("Nothing was stopped: a campaign or playbook was chosen beside a channel. Choose one of them.")
        )
        return back_to(request, reverse("messages"))
    goes_on = request.POST.get("go_on") == "yes"
    switch = actions.let_go_on if goes_on else actions.stop_sending
    done = (
        _("It goes on. What was planned meanwhile is decided about anew.")
        if goes_on
        else _("Stopped. What is planned waits; what staff have not confirmed is being taken back from WeCom.")
    )
    try:
        switch(actor=request.actor, channel=channel, campaign=campaign, now=request.now)
    except (actions.NothingNamed, actions.CampaignIsUnknown) as refusal:
        messages.error(request, spoken(refusal.sentence))
    else:
        messages.success(request, done)
    return back_to(request, reverse("messages"))


@room("worklist.work", "channels.view")
@require_POST
def answered(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Note that a reply was answered."""
    if actions.note_answered(actor=request.actor, reply_id=reply_id, now=request.now):
        messages.success(request, _("Noted as answered."))
    else:
        messages.info(request, _("A colleague had noted that before you."))
    return back_to(request, reverse("messages") + "?direction=in")


def back_to(request: StaffRequest, usual: str) -> HttpResponse:
    """Lead back to the page of ours that a form names, else to the usual one."""
    address = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(address if is_ours and address else usual)


def row_shown(one: queries.Passed, names: Names, said: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return a row as templates show it, with the beginning of what messages say by their key."""
    title = one.words if one.is_inbound else names.title(one.content, one.campaign)
    campaign = names.campaign(one.campaign) if one.campaign else None
    return {
        "one": one,
        "receiver": names.receiver(one.customer_id, one.group_key),
        "url": "" if one.is_inbound else reverse("messages-one", args=[one.id]),
        "title": title,
        "said": "" if one.is_inbound else (said or {}).get(one.id, ""),
        "campaign": campaign,
        "is_titled_so": campaign is not None and campaign.name == title,
        "channel": words.channel_title(one.channel),
        "icon": words.ICONS.get(one.channel, "chat"),
        "intent": words.intent_title(one.intent) if one.intent else "",
        "state": words.state_shown(one.state),
        "why": spoken(one.reason) if one.reason else fault_words(one.fault),
        "sender": names.sender(one.sender) if one.sender else one.answered_by,
        "is_open": one.state == "unanswered",
    }


def _names(request: StaffRequest, rows: Sequence[queries.Passed]) -> Names:
    return names_for(
        request,
        customer_ids=(one.customer_id for one in rows),
        group_keys=(one.group_key for one in rows),
        references={one.content for one in rows},
        campaigns={one.campaign for one in rows if one.campaign},
    )


def _wanted(request: StaffRequest) -> tuple[queries.MessagesWanted, dict[str, Any] | None, list[dict[str, Any]]]:
    """Return what the address asks for, the person whom it names, and those among whom one has to choose."""
    asked = request.GET
    today = timezone.localdate(request.now)
    store_id = number_asked(asked.get("store", ""))
    staff_id = number_asked(asked.get("staff", ""))
    since, until = day_asked(asked.get("since", ""), today), day_asked(asked.get("until", ""), today)
    userids = {one.staff_id: one.userid for one in wecom.staff_accounts(access=request.actor)} if staff_id else {}
    state = _among(asked.get("state", ""), {**words.STATES, **words.REPLY_STATES})
    ends, coming_after = _when(request, state, begins := _begins(since))
    wanted = queries.MessagesWanted(
        direction=_among(asked.get("direction", ""), _DIRECTIONS),
        channel=_among(asked.get("channel", ""), queries.CHANNEL_TITLES),
        state=state,
        intent=_among(asked.get("intent", ""), queries.INTENT_TITLES),
        campaign=asked.get("campaign", "")[:_LONGEST],
        sender=userids.get(staff_id, ""),
        owner_id=staff_id,
        store_ids=None if store_id is None else [store_id],
        since=begins,
        until=min(filter(None, (_begins(until + timedelta(days=1)) if until else None, ends)), default=None),
        coming_after=coming_after,
    )
    person, choices = _person(request)
    return (replace(wanted, customer_id=person["id"]) if person else wanted), person, choices


def _when(request: StaffRequest, state: str, since: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return before when what the address asks for lies, and after when, where it asks for what is to come.

    What is planned is asked for by its state however late it is, and days to come by naming them.
    """
    if state == "planned":
        return None, _EPOCH
    if request.GET.get("when") == "coming" or (since is not None and since > request.now):
        return None, request.now
    return request.now + timedelta(microseconds=1), None


def _person(request: StaffRequest) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the one person whom the address names by key or words, else those whom the words may mean."""
    if not request.actor.can("customers.view"):
        return None, []
    text, key = request.GET.get("q", "").strip()[:_LONGEST], number_asked(request.GET.get("person", ""))
    if key is not None:
        found = people.customer_rows(access=request.actor, ids=[key])
        rows = [found[key]] if key in found else []
    elif text:
        filters = CustomerFilters(text=text)
        keys = people.customer_keys(access=request.actor, filters=filters, after_key=None, limit=_CHOICES)
        rows = list(people.found_rows(access=request.actor, filters=filters, ids=keys.ids))
    else:
        return None, []
    shown = [{"id": row.id, "name": spoken_name(row.name), "phone": row.phone} for row in rows]
    return (shown[0], []) if len(shown) == 1 else (None, shown)


def _among(asked: str, known: Any) -> str:
    return asked if asked in known else ""


def _begins(day: date | None) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, time.min))


def _filters(request: StaffRequest, wanted: queries.MessagesWanted) -> dict[str, Any]:
    """Return what the bar of filters shows."""
    asked = request.GET
    stores = stores_within_reach(access=request.actor)
    named = ("q", "person", "direction", "channel", "state", "intent", "campaign", "staff", "store", "since", "until")
    accounts = [one for one in wecom.staff_accounts(access=request.actor) if one.staff_id is not None]
    return {
        "q": asked.get("q", "").strip()[:_LONGEST],
        "wanted": wanted,
        "directions": [(code, _(title)) for code, title in _DIRECTIONS.items()],
        "channels": [(code, _(title)) for code, title in queries.CHANNEL_TITLES.items()],
        "intents": [(code, _(title)) for code, title in queries.INTENT_TITLES.items()],
        "states": [(code, _(title)) for code, (title, _tone) in words.STATES.items()],
        "reply_states": [(code, _(title)) for code, (title, _tone) in words.REPLY_STATES.items()],
        "campaigns": campaign_choices(request),
        "accounts": [(one.staff_id, one.name) for one in accounts],
        "staff_id": wanted.owner_id,
        "stores": stores,
        "store_id": number_asked(asked.get("store", "")),
        "since": asked.get("since", "") if wanted.since else "",
        "until": asked.get("until", "") if day_asked(asked.get("until", ""), timezone.localdate(request.now)) else "",
        "is_filtered": any(asked.get(name) for name in named),
    }


def campaign_choices(request: StaffRequest) -> list[tuple[str, str]]:
    """Return campaigns and playbooks by the key under which their messages are planned."""
    found = list(queries.campaign_names(access=request.actor).items())
    return [*found, *((f"playbook:{key}", name) for key, name in playbooks_named(request).items())]


def _place(written: str) -> queries.Place | None:
    """Return the place that the address of the next page names: microseconds, side and key."""
    at, side, key = (*written.split("-"), "", "", "")[:3]
    if side not in {"i", "o"} or not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in (at, key)):
        return None
    if len(at) > 16:
        return None
    return queries.Place(_EPOCH + timedelta(microseconds=int(at)), side == "i", int(key))


def _written(place: queries.Place) -> str:
    at = (place.at - _EPOCH) // timedelta(microseconds=1)
    return f"{at}-{'i' if place.is_inbound else 'o'}-{place.key}"


def _sheet(request: StaffRequest, wanted: queries.MessagesWanted) -> Sheet:
    titles = [_("When"), _("Direction"), _("To or from"), _("Number"), _("Channel"), _("What for"), _("Content")]
    titles += [_("Campaign or playbook"), _("State"), _("Why"), _("Member of staff")]
    return Sheet(_("Messages"), titles, _lines(request, wanted), of_people=True)


def _lines(request: StaffRequest, wanted: queries.MessagesWanted) -> Iterator[list[Any]]:
    after, told, width = None, 0, 11
    while told < _MOST_IN_A_SHEET:
        page = queries.messages_passed(access=request.actor, wanted=wanted, after=after, limit=_AT_ONCE)
        names = _names(request, page.rows)
        for one in page.rows:
            shown = row_shown(one, names)
            side = _DIRECTIONS["in" if one.is_inbound else "out"]
            yield [
                one.at, _(side), shown["receiver"].name, one.customer_id, shown["channel"], shown["intent"],
                shown["title"], shown["campaign"].name if shown["campaign"] else "", shown["state"]["title"], shown["why"],
                shown["sender"],
            ]  # fmt: skip
        told += len(page.rows)
        after = page.following
        if after is None:
            return
    note = _("Only the first %(n)s rows: narrow the list to take the rest.") % {"n": _MOST_IN_A_SHEET}
    yield [note, *[""] * (width - 1)]
