"""Who stands where in a playbook: people or groups, as a page by key and as a table that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms import playbooks_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.journeys import queries

_PAGE = 50


@room("journeys.view", "customers.view")
def members(request: StaffRequest, playbook_id: int) -> HttpResponseBase:
    """Show who is in a playbook now, at one step or at all."""
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    step, after = request.GET.get("step", "")[:40], number_asked(request.GET.get("after", "")) or 0
    is_about_groups = queries.definition_read(view.definition or view.draft).is_about_groups
    if sheet_asked(request):
        return sheet_answer(
            request, _of_groups(request, view, step) if is_about_groups else _of_people(request, view, step)
        )
    titles = _titles(view)
    rows, following = _groups(request, view, step, after) if is_about_groups else _people(request, view, step, after)
    context = {
        "view": view,
        "rows": [{**row, "step": titles.get(row["one"].step, row["one"].step)} for row in rows],
        "step": titles.get(step, step),
        "code": step,
        "next": following,
        "is_about_groups": is_about_groups,
        "may_take": bool(rows) and (is_about_groups or may_take_people(request)),
    }
    return render(request, "console/playbooks/people.html", context)


def _people(
    request: StaffRequest, view: queries.PlaybookView, step: str, after: int, *, most: int = _PAGE
) -> tuple[list[dict[str, Any]], int | None]:
    found = queries.people_at(access=request.actor, playbook_id=view.id, step=step, after=after, limit=most + 1)
    known = people.customer_rows(access=request.actor, ids=[each.customer_id for each in found[:most]])
    rows = [
        {"person": known[one.customer_id], "name": spoken_name(known[one.customer_id].name), "one": one}
        for one in found[:most]
        if one.customer_id in known
    ]
    return rows, found[most - 1].enrolment_id if len(found) > most else None


def _groups(
    request: StaffRequest, view: queries.PlaybookView, step: str, after: int, *, most: int = _PAGE
) -> tuple[list[dict[str, Any]], int | None]:
    """Return groups; to who may not see groups, none."""
    if not request.actor.can("channels.view"):
        return [], None
    found = queries.groups_at(access=request.actor, playbook_id=view.id, step=step, after=after, limit=most + 1)
    rows = [{"group": name or one.group_key, "one": one} for one, name in found[:most]]
    return rows, found[most - 1][0].enrolment_id if len(found) > most else None


def _of_people(request: StaffRequest, view: queries.PlaybookView, step: str) -> Sheet:
    titles = [_("Number"), _("Name"), _("Store"), _("Step"), _("Came in"), _("Goes on")]
    return Sheet(view.name, titles, _people_lines(request, view, step), of_people=True)


def _people_lines(request: StaffRequest, view: queries.PlaybookView, step: str) -> Iterator[list[Any]]:
    titles, after = _titles(view), 0
    for _batch in range(listed.MOST_PEOPLE // listed.AT_ONCE):
        rows, following = _people(request, view, step, after, most=listed.AT_ONCE)
        for row in rows:
            one = row["one"]
            at = titles.get(one.step, one.step)
            yield [row["person"].id, row["name"], row["person"].store_name, at, one.entered_at, one.due_at]
        if following is None:
            return
        after = following


def _of_groups(request: StaffRequest, view: queries.PlaybookView, step: str) -> Sheet:
    titles, named = [_("Customer group"), _("Step"), _("Came in"), _("Goes on")], _titles(view)
    rows, _following = _groups(request, view, step, 0, most=listed.MOST_PEOPLE)
    lines = (
        [row["group"], named.get(row["one"].step, row["one"].step), row["one"].entered_at, row["one"].due_at]
        for row in rows
    )
    return Sheet(view.name, titles, lines)


def _titles(view: queries.PlaybookView) -> dict[str, str]:
    definition = queries.definition_read(view.definition or view.draft)
    return {step.id: words.step_title(step) for step in definition.steps}
