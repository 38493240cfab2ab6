"""The part of today's page for somebody with a phone in the hand: what to confirm, whom to call, whom to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import messages_words as words
from yutang.console.rooms.messages_named import Names, names_for
from yutang.console.rooms.sandbox_links import played_at
from yutang.content import queries as contents
from yutang.content.situations import SITUATIONS
from yutang.wecom import queries as wecom

#: In which situation somebody is who does a task of a kind; others choose.
SITUATION_OF: Mapping[str, str] = {
    "unhappy_refunds": "complaint",
    "first_order_thanks": "after_order",
    "repurchase_due": "silent",
    "valuable_silent": "silent",
    "value_jumped": "after_order",
    "birthday": "first_contact",
    "playbook_task": "first_contact",
}
_WORDS_LENGTH = 220
_CONTENT = "content:"
#: Members of staff who are named; the others are counted.
_MOST_STAFF = 12


@room("content.view")
def scripts_at_hand(request: StaffRequest) -> HttpResponse:
    """Show the scripts of a situation, as the drawer beside a task takes them."""
    asked = request.GET.get("situation", "")
    situation = asked if asked in SITUATIONS else next(iter(SITUATIONS))
    language = "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh-hans"
    found = contents.scripts(access=request.actor, situation=situation, language=language)
    context = {
        "scripts": found,
        "situation": situation,
        "situation_title": _(SITUATIONS[situation]),
        "situations": [(code, _(title)) for code, title in SITUATIONS.items()],
    }
    return render(request, "console/content/at_hand.html", context)


def staff_part(request: StaffRequest, *, calls: int) -> dict[str, Any]:
    """Return what waits for the reader: nothing for who may not see messages.

    Args:
        request: who looks.
        calls: tasks of today's list that are theirs. Count.
    """
    if not request.actor.can("channels.view"):
        return {"may_see_messages": False}
    tasks = queries.tasks_to_confirm(access=request.actor, now=request.now)
    unconfirmed = queries.unconfirmed_staff(access=request.actor)
    may_see_people = request.actor.can("customers.view")
    replies = queries.replies_to_answer(access=request.actor, now=request.now) if may_see_people else ()
    names = names_for(
        request,
        customer_ids=(one.customer_id for one in replies),
        references={one.content for one in tasks},
        campaigns={one.campaign for one in tasks if one.campaign},
    )
    texts = _templates(request, tasks)
    sandbox = wecom.sandbox_page() if tasks or unconfirmed else ""
    return {
        "may_see_messages": True,
        "to_confirm": [_task(request, one, names, texts, sandbox) for one in tasks],
        "to_call": calls,
        "to_answer": [_reply(one, names) for one in replies],
        "unconfirmed": [_unconfirmed(one, sandbox) for one in unconfirmed[:_MOST_STAFF]],
        "unconfirmed_more": max(len(unconfirmed) - _MOST_STAFF, 0),
        "is_sandbox": bool(sandbox),
        "may_read_scripts": request.actor.can("content.view"),
    }


def _task(
    request: StaffRequest, one: queries.WaitingTask, names: Names, texts: Mapping[str, str], sandbox: str
) -> dict[str, Any]:
    title = names.title(one.content, one.campaign)
    campaign = names.campaign(one.campaign).name if one.campaign else ""
    left = (one.until - request.now).total_seconds()
    return {
        "id": one.id,
        "title": title,
        "campaign": campaign if campaign != title else "",
        "words": formats.shortened(one.words or texts.get(one.content, ""), _WORDS_LENGTH),
        "is_group": one.channel == "group",
        "size": one.size,
        "since": one.handed_at,
        "until": one.until,
        "is_urgent": left < 4 * 3_600,
        "reminders": one.reminders,
        "sandbox_url": played_at(sandbox, one.sender, of_groups=one.channel == "group"),
    }


def _templates(request: StaffRequest, tasks: Sequence[queries.WaitingTask]) -> Mapping[str, str]:
    """Return what contents say, nobody's values in them, by reference: the member of staff sees the same in WeCom."""
    if not request.actor.can("content.view"):
        return {}
    references = [one.content.removeprefix(_CONTENT) for one in tasks if one.content.startswith(_CONTENT)]
    found = contents.templates_named(access=request.actor, references=references)
    return {f"{_CONTENT}{reference}": text for reference, text in found.items()}


def _reply(one: queries.Passed, names: Names) -> dict[str, Any]:
    return {
        "id": one.id,
        "receiver": names.receiver(one.customer_id, ""),
        "customer_id": one.customer_id,
        "words": one.words,
        "channel": words.channel_title(one.channel),
        "at": one.at,
    }


def _unconfirmed(one: queries.Unconfirmed, sandbox: str) -> dict[str, Any]:
    return {"one": one, "sandbox_url": played_at(sandbox, one.account.userid, of_groups=one.of_groups == one.tasks)}
