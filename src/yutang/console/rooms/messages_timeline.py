"""What passed between the shop and one person as events of a timeline: messages, clicks, refusals, replies, greetings."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms import messages_words as words
from yutang.console.rooms.messages_faults import fault_words
from yutang.console.rooms.messages_named import Names, names_for
from yutang.console.rooms.messages_said import excerpt, excerpts
from yutang.console.sentences import spoken
from yutang.wecom import queries as wecom
from yutang.wecom.views import FriendView

#: So much of what somebody wrote is shown among other events. Characters.
_WORDS_LENGTH = 160
#: Steps that say nothing that the state does not.
_UNTOLD = {"claimed", "handing"}


def conversation_events(request: StaffRequest, story: queries.PersonStory, names: Names) -> list[dict[str, Any]]:
    """Return everything that passed between the shop and a person, newest first."""
    said = excerpts(request, story.messages)
    events = [_message(one, story, names, said.get(one.id, "")) for one in story.messages]
    for one in story.messages:
        visits = story.visits.get(one.id)
        if visits is not None and visits.last_at is not None:
            events.append(_click(one, visits, names))
    events += [_refusal(one, names) for one in story.refusals]
    events += [_reply(one) for one in story.replies]
    events += _greetings(request, story.customer_id)
    return sorted(events, key=lambda event: event["at"], reverse=True)


def message_events(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    """Return the same for the page of a customer; nothing for who may not see messages."""
    if not request.actor.can("channels.view"):
        return []
    story = queries.person_story(access=request.actor, customer_id=customer_id)
    names = names_for(
        request,
        references={one.content for one in story.messages},
        campaigns=campaigns_in(story),
    )
    return conversation_events(request, story, names)


def campaigns_in(story: queries.PersonStory) -> set[str]:
    """Return the keys of the campaigns and playbooks that a story speaks of."""
    return ({one.campaign for one in story.messages} | {one.campaign for one in story.refusals}) - {""}


def _message(one: queries.MessageView, story: queries.PersonStory, names: Names, said: str) -> dict[str, Any]:
    state, called = words.state_shown(one.state), names.title(one.content, one.campaign)
    campaign = names.campaign(one.campaign).name if one.campaign else ""
    title = _("%(channel)s: %(state)s") % {"channel": words.channel_title(one.channel), "state": state["title"]}
    reason, decided_at = story.reasons.get(one.key, (None, one.at))
    steps = [step for step in one.steps if step.state not in _UNTOLD]
    way = " → ".join(f"{words.step_title(step.state)} {formats.moment(step.at)}" for step in steps[-3:])
    parts = [
        called,
        f"“{said}”" if said else "",
        campaign if campaign != called else "",
        words.intent_title(one.intent),
        spoken(reason) if reason else fault_words(one.fault),
        way if len(steps) > 1 else "",
    ]
    return {
        # A refusal stands where it was decided: what it refused was often meant for later.
        "at": decided_at,
        "icon": words.ICONS.get(one.channel, "chat"),
        "tone": state["tone"],
        "title": title,
        "text": " · ".join(part for part in parts if part),
        "url": reverse("messages-one", args=[one.id]),
    }


def _click(one: queries.MessageView, visits: queries.Visits, names: Names) -> dict[str, Any]:
    text = _("%(n)s times, first at %(at)s") % {
        "n": formats.number(visits.people),
        "at": formats.moment(visits.first_at),
    }
    return {
        "at": visits.last_at,
        "icon": "globe",
        "tone": "accent",
        "title": _("Followed a link"),
        "text": " · ".join(part for part in (names.title(one.content, one.campaign), text) if part),
        "url": reverse("messages-one", args=[one.id]),
    }


def _refusal(one: queries.Ruling, names: Names) -> dict[str, Any]:
    campaign = names.campaign(one.campaign).name if one.campaign else ""
    parts = (spoken(one.words), campaign, words.intent_title(one.intent))
    return {
        "at": one.decided_at,
        "icon": "shield",
        "tone": "warn",
        "title": _("%(channel)s: not planned, the policy refused") % {"channel": words.channel_title(one.channel)},
        "text": " · ".join(part for part in parts if part),
    }


def _reply(one: queries.Passed) -> dict[str, Any]:
    state = words.state_shown(one.state)
    by = _("answered by %(who)s") % {"who": one.answered_by} if one.answered_by else state["title"]
    said = formats.shortened(one.words, _WORDS_LENGTH)
    return {
        "at": one.at,
        "icon": "chat",
        "tone": state["tone"],
        "title": _("Wrote back by %(channel)s") % {"channel": words.channel_title(one.channel)},
        "text": " · ".join(part for part in (f"“{said}”" if said else "", by) if part),
    }


def _greeted_with(one: FriendView) -> str:
    if one.welcome_words:
        return f"“{excerpt(one.welcome_words)}”"
    return _("with a content without words") if one.welcome_content else ""


def _greetings(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    if not request.actor.can("customers.view"):
        return []
    found = wecom.friendships_of(access=request.actor, customer_id=customer_id)
    return [
        {
            "at": one.welcomed_at,
            "icon": "people",
            "tone": "info",
            "title": _("Greeted in WeCom"),
            "text": " · ".join(part for part in (one.staff, one.way, _greeted_with(one)) if part),
        }
        for one in found
        if one.welcomed_at is not None
    ]
