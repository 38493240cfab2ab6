"""Who stands behind a number of a campaign: foreseen, met, or what came back; as a page and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yutang.channels import queries
from yutang.channels.queries import REASON_TITLES, CampaignView
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import campaigns_words as words
from yutang.console.rooms import listed
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.messages_faults import fault_words
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.access import Actor
from yutang.wecom.group_book import group_choices

_PEOPLE_A_PAGE = 50
_MOST_GROUPS = 20_000


@room("channels.view", "customers.view")
def behind(request: StaffRequest, campaign_id: int) -> HttpResponseBase:
    """Show who stands behind a number of a campaign."""
    view = queries.campaign(access=request.actor, campaign_id=campaign_id)
    title, found = _found(request, view)
    of_groups = view.channel == "group"
    if sheet_asked(request):
        sheet = _of_groups if of_groups else _of_people
        return sheet_answer(request, sheet(request.actor, title, found))
    start = min(number_asked(request.GET.get("after", "")) or 0, len(found))
    chosen = found[start : start + _PEOPLE_A_PAGE]
    context: dict[str, Any] = {
        **words.shown(view),
        "title": title,
        "count": len(found),
        "next": start + _PEOPLE_A_PAGE if len(found) > start + _PEOPLE_A_PAGE else None,
        "may_take": bool(found) and may_take_people(request),
    }
    if of_groups:
        names = {g.chat_id: g for g in group_choices(access=request.actor, most=_MOST_GROUPS)}
        context["groups"] = [names[one] for one in chosen if one in names]
    else:
        known = people.customer_rows(access=request.actor, ids=[int(one) for one in chosen])
        context["people"] = [_person(known[int(one)]) for one in chosen if int(one) in known]
    return render(request, "console/campaigns/behind.html", context)


def _found(request: StaffRequest, view: CampaignView) -> tuple[str, list[int | str]]:
    given, access = request.GET, request.actor
    count, fault = given.get("count", ""), given.get("fault", "")
    if count in words.COUNTS:
        return _(words.COUNTS[count]), queries.receivers_counted(access=access, campaign_id=view.id, what=count)
    if fault:
        return fault_words(fault[:60]), queries.failed_with(access=access, campaign_id=view.id, fault=fault[:60])
    way = given.get("way", "")
    if way in words.CHANNELS:
        return words.got_by(way), queries.receivers_foreseen(access=access, campaign_id=view.id, way=way)
    fate, reason, day = given.get("fate", ""), given.get("reason", ""), _day(given.get("day", ""))
    if fate in words.FATES or reason in REASON_TITLES or day is not None:
        return _foreseen(access, view, fate if fate in words.FATES else "", reason, day)
    state, why = given.get("state", ""), given.get("why", "")
    if why in REASON_TITLES:
        return _(REASON_TITLES[why]), queries.receivers_met(access=access, campaign_id=view.id, reason=why)
    known = {**words.STATIONS, **words.ENDS}
    state = state if state in known else ""
    title = _(known[state]) if state else _("All receivers")
    return title, queries.receivers_met(access=access, campaign_id=view.id, state=state)


def _foreseen(
    access: Actor, view: CampaignView, fate: str, reason: str, day: date | None
) -> tuple[str, list[int | str]]:
    reason = reason if reason in REASON_TITLES else ""
    parts = [_(words.FATES[fate][0])] if fate else []
    parts += [_(REASON_TITLES[reason])] if reason else []
    parts += [formats.day(day)] if day is not None else []
    found = queries.receivers_foreseen(access=access, campaign_id=view.id, fate=fate, reason=reason, day=day)
    return " · ".join(parts), found


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _person(row: Any) -> dict[str, Any]:
    return {"id": row.id, "name": spoken_name(row.name), "store": row.store_name}


def _of_people(access: Actor, title: str, found: Sequence[int | str]) -> Sheet:
    titles = [_("Number"), _("Name"), _("Phone"), _("Store")]
    return Sheet(title, titles, _people_lines(access, found), of_people=True)


def _people_lines(access: Actor, found: Sequence[int | str]) -> Iterator[list[Any]]:
    for start in range(0, min(len(found), listed.MOST_PEOPLE), listed.AT_ONCE):
        batch = [int(one) for one in found[start : start + listed.AT_ONCE]]
        known = people.customer_rows(access=access, ids=batch)
        for row in (known[one] for one in batch if one in known):
            yield [row.id, spoken_name(row.name), row.phone, row.store_name]


def _of_groups(access: Actor, title: str, found: Sequence[int | str]) -> Sheet:
    titles = [_("Customer group"), pgettext("of a customer group", "Owner"), _("Members")]
    names = {one.chat_id: one for one in group_choices(access=access, most=_MOST_GROUPS)}
    chosen = [names[str(one)] for one in found if one in names]
    return Sheet(title, titles, ([one.name or one.chat_id, one.owner, one.members] for one in chosen))
