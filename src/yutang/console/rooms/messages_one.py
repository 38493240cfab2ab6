"""One message in full, what passed between the shop and one person, and the posts to groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import messages_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.messages_faults import fault_words
from yutang.console.rooms.messages_named import Names, names_for
from yutang.console.rooms.messages_said import excerpts
from yutang.console.rooms.messages_timeline import campaigns_in, conversation_events
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.kit.text import N_
from yutang.wecom import queries as wecom

_PAGE = 50
#: What "lately" means of groups.
_MONTH = timedelta(days=30)
_OUTCOMES = {
    "now": (N_("Let out"), "accent"),
    "at": (N_("Later"), "info"),
    "replace": (N_("Something useful instead"), "warn"),
    "refuse": (N_("Refused"), "down"),
}
_STAGES = {"plan": N_("when it was planned"), "claim": N_("when it was to go out")}


@room("channels.view")
def one(request: StaffRequest, message_id: int) -> HttpResponse:
    """Show one message: to whom, what it says, its way, what the policy said, and who followed its links."""
    story = queries.message_story(access=request.actor, message_id=message_id)
    message = story.message
    names = _names(request, [message])
    context = {
        "tab": "centre",
        "story": story,
        "message": message,
        "receiver": names.receiver(message.customer_id, message.group_key),
        "title": names.title(message.content, message.campaign),
        "content": names.content(message.content),
        "campaign": names.campaign(message.campaign) if message.campaign else None,
        "channel": words.channel_title(message.channel),
        "intent": words.intent_title(message.intent),
        "state": words.state_shown(message.state),
        "why": _why(story),
        "sender": names.sender(message.sender) if message.sender else "",
        "says": _says(request, message),
        "steps": _steps(message, decided_at=_decided_at(story)),
        "rulings": [_ruling(one, names) for one in story.rulings],
        "visits": _visit_words(story.visits),
    }
    return render(request, "console/messages/one.html", context)


@room("channels.view", "customers.view")
def person(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what passed between the shop and one person, newest first."""
    story = queries.person_story(access=request.actor, customer_id=customer_id)
    if story.customer_id != customer_id:
        return redirect("messages-person", story.customer_id)
    names = names_for(
        request,
        customer_ids=[customer_id],
        references={one.content for one in story.messages},
        campaigns=campaigns_in(story),
    )
    counts = {"sent": 0, "planned": 0, "refused": len(story.refusals)}
    for message in story.messages:
        side = "planned" if message.state == "planned" else "refused" if message.state == "refused" else "sent"
        counts[side] += 1
    context = {
        "tab": "centre",
        "customer_id": customer_id,
        "receiver": names.receiver(customer_id, ""),
        "events": conversation_events(request, story, names),
        "counts": counts,
        "replies": len(story.replies),
        "is_cut": len(story.messages) >= 200,
    }
    return render(request, "console/messages/person.html", context)


@room("channels.view")
def groups(request: StaffRequest) -> HttpResponseBase:
    """Show the living groups: how they stand, and what was posted to them of late."""
    if sheet_asked(request):
        found = wecom.groups(access=request.actor, now=request.now)
        return sheet_answer(request, _group_sheet(_group_rows(request, found)))
    after = number_asked(request.GET.get("after", "")) or 0
    found = wecom.groups(access=request.actor, after_id=after, limit=_PAGE + 1, now=request.now)
    context = {
        "tab": "groups",
        "rows": _group_rows(request, found[:_PAGE]),
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "later": after > 0,
    }
    return render(request, "console/messages/groups.html", context)


@room("channels.view")
def group(request: StaffRequest, customer_group_id: int) -> HttpResponse:
    """Show the posts to one group, what the policy held back, and how the group stands."""
    view = wecom.group(access=request.actor, group_id=customer_group_id, now=request.now)
    if view is None:
        raise Http404
    story = queries.group_story(access=request.actor, group_key=view.chat_id)
    names = _names(request, story.messages)
    said = excerpts(request, story.messages)
    refusals = [_ruling(one, names) for one in story.refusals]
    context = {
        "tab": "groups",
        "view": view,
        "story": story,
        "standing": words.standing_shown(story.standing),
        "is_resting": story.rests_until is not None and story.rests_until > request.now,
        "rows": [_post(one, story, names, said) for one in story.messages],
        "refusals": refusals,
    }
    return render(request, "console/messages/group.html", context)


def _names(request: StaffRequest, messages: Sequence[queries.MessageView]) -> Names:
    return names_for(
        request,
        customer_ids=(one.customer_id for one in messages),
        group_keys=(one.group_key for one in messages),
        references={one.content for one in messages},
        campaigns={one.campaign for one in messages if one.campaign},
    )


def _why(story: queries.MessageStory) -> str:
    if story.message.state == "refused":
        held = [one for one in story.rulings if one.outcome in {"refuse", "replace"}]
        return spoken(held[-1].words) if held else ""
    return fault_words(story.message.fault)


def _says(request: StaffRequest, message: queries.MessageView) -> dict[str, str]:
    """Return what the receiver reads, personal values masked; that it cannot be shown where it cannot."""
    asked = (message.content, message.customer_id)
    text = queries.words_shown(access=request.actor, asked=[asked], now=request.now).get(asked, "")
    return {"text": text} if text else {"missing": _("The words are not kept here.")}


def _decided_at(story: queries.MessageStory) -> datetime:
    """Return when a message was refused; when it is or was to go out where it was not."""
    held = [one.decided_at for one in story.rulings if one.outcome in {"refuse", "replace"}]
    return held[-1] if held and story.message.state == "refused" else story.message.at


def _steps(message: queries.MessageView, *, decided_at: datetime) -> list[dict[str, Any]]:
    """Return the way of a message, the latest step first."""
    shown = [
        {
            "at": step.at,
            "icon": words.ICONS.get(message.channel, "chat"),
            "tone": words.state_shown(step.state)["tone"],
            "title": words.step_title(step.state),
            "text": fault_words(step.fault),
        }
        for step in message.steps
    ]
    if not shown:
        state = words.state_shown(message.state)
        shown.append({"at": decided_at, "icon": "clock", "tone": state["tone"], "title": state["title"], "text": ""})
    return shown[::-1]


def _ruling(one: queries.Ruling, names: Names) -> dict[str, Any]:
    title, tone = _OUTCOMES[one.outcome]
    return {
        "one": one,
        "outcome": _(title),
        "tone": tone,
        "stage": _(_STAGES[one.stage]) if one.stage in _STAGES else one.stage,
        "words": spoken(one.words),
        "channel": words.channel_title(one.channel),
        "intent": words.intent_title(one.intent),
        "campaign": names.campaign(one.campaign) if one.campaign else None,
    }


def _visit_words(visits: queries.Visits | None) -> str:
    if visits is None:
        return ""
    if not visits.people:
        return _("Nobody has followed its links yet; programs that only looked are not counted.")
    text = ngettext("Followed %(n)s time, last at %(at)s.", "Followed %(n)s times, last at %(at)s.", visits.people)
    return text % {"n": formats.number(visits.people), "at": formats.moment(visits.last_at)}


def _post(one: queries.MessageView, story: queries.GroupStory, names: Names, said: Mapping[int, str]) -> dict[str, Any]:
    reason, _at = story.reasons.get(one.key, (None, one.at))
    return {
        "one": one,
        "url": reverse("messages-one", args=[one.id]),
        "title": names.title(one.content, one.campaign),
        "said": said.get(one.id, ""),
        "campaign": names.campaign(one.campaign) if one.campaign else None,
        "intent": words.intent_title(one.intent),
        "state": words.state_shown(one.state),
        "why": spoken(reason) if reason else fault_words(one.fault),
        "sender": names.sender(one.sender) if one.sender else "",
    }


def _group_rows(request: StaffRequest, found: Sequence[Any]) -> list[dict[str, Any]]:
    keys = [one.chat_id for one in found]
    standings = queries.group_standings(access=request.actor, group_keys=keys)
    posts = queries.posts_of_groups(access=request.actor, group_keys=keys, since=request.now - _MONTH)
    rows = []
    for view in found:
        standing, rests_until = standings.get(view.chat_id, ("", None))
        count, last = posts.get(view.chat_id, (0, None))
        resting = rests_until if rests_until is not None and rests_until > request.now else None
        rows.append(
            {
                "view": view,
                "standing": words.standing_shown(standing),
                "rests_until": resting,
                "posts": count,
                "last": last,
            }
        )
    return rows


def _group_sheet(rows: Sequence[dict[str, Any]]) -> Sheet:
    titles = [
        _("Customer group"),
        pgettext("of a customer group", "Owner"),
        _("Customers"),
        _("How it stands"),
        _("Rests until"),
        _("Posts in 30 days"),
    ]
    lines = (
        [
            row["view"].name,
            row["view"].owner,
            row["view"].members,
            row["standing"]["title"],
            row["rests_until"],
            row["posts"],
            row["last"],
        ]
        for row in rows
    )
    return Sheet(_("Posts to groups"), [*titles, _("Last post")], lines)
