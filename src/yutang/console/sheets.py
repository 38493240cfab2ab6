"""Lists of the console as a table that leaves it: the address of the page with ``as=csv`` gives what its filters find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone

from yutang.console.access import StaffRequest
from yutang.console.exports import csv_answer
from yutang.foundation import actions
from yutang.foundation.replica import reports

#: What a role needs to take a list of people with it, masked as the screen shows them.
PEOPLE_PERMISSION = "segments.export"


@dataclass(frozen=True)
class Sheet:
    """A list as rows.

    Attributes:
        name: what the file is called, without ending.
        titles: of the columns.
        lines: a row each; read once. None is an empty cell.
        of_people: whether rows name customers, so that the role must be allowed to export people.
    """

    name: str
    titles: Sequence[str]
    lines: Iterable[Sequence[Any]]
    of_people: bool = False


def sheet_asked(request: StaffRequest) -> bool:
    """Return whether the address asks for the list as a table."""
    return request.GET.get("as") == "csv"


def may_take_people(request: StaffRequest) -> bool:
    """Return whether lists of people may leave with this person."""
    return request.actor.can(PEOPLE_PERMISSION)


def sheet_answer(request: StaffRequest, sheet: Sheet) -> HttpResponseBase:
    """Send a list as a CSV file; that it left is an entry of the audit trail.

    Raises:
        NotAllowed: it holds people, and the role may not export them.
    """
    if sheet.of_people:
        request.actor.require(PEOPLE_PERMISSION)
    match = request.resolver_match
    asked = {name: str(value)[:80] for name, value in request.GET.items() if name != "as" and value}
    actions.note_list_export(
        actor=request.actor, room=(match.url_name or "") if match else "", asked=asked, now=request.now
    )
    name = f"{sheet.name}-{timezone.localdate(request.now).isoformat()}.csv"
    answer = csv_answer(_rows(sheet), file_name=name)
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(sheet: Sheet) -> Iterator[list[str]]:
    yield [str(title) for title in sheet.titles]
    lines = iter(sheet.lines)
    while True:
        # The rows are read while they are sent, after the view has ended; nothing of it is left behind where somebody hangs up.
        with reports():
            line = next(lines, None)
        if line is None:
            return
        yield ["" if cell is None else plain(cell) for cell in line]


def plain(cell: Any) -> str:
    """Return a cell as programs read it: instants by the clock that screens show, and days, as ISO 8601, numbers without separators."""
    return timezone.localtime(cell).isoformat(timespec="seconds") if isinstance(cell, datetime) else str(cell)
