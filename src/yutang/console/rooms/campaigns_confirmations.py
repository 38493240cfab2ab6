"""What a campaign asks of staff before it is sent: how often each will have to confirm in WeCom, and why so often."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.channels.queries import Confirmations, PreviewView
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.wecom.group_book import sender_names

#: Rows that stand open; the others are folded.
_SHOWN = 8
#: So many times one member of staff confirms without a word.
_MANY = 5


def confirmations_shown(request: StaffRequest, preview: PreviewView, *, of_groups: bool) -> dict[str, Any]:
    """Return what a campaign asks of staff, for the wizard; empty where nobody of the staff has to confirm anything."""
    told = preview.confirmations
    if told is None or not told.tasks:
        return {}
    names = sender_names(access=request.actor, userids={userid for userid, _tasks, _n in told.named})
    rows = [{"name": names[userid], "tasks": tasks, "receivers": n} for userid, tasks, n in told.named]
    return {
        "headline": _headline(told),
        "of_groups": of_groups,
        "rows": rows[:_SHOWN],
        "more": rows[_SHOWN:],
        "unnamed": told.senders - len(rows),
        "warning": _warning(told),
        "silent": told.silent,
    }


def places_taken(preview: PreviewView) -> int:
    """Return how many places of WeCom a campaign to people takes: who lacks a value that the words need takes none."""
    return preview.confirmations.receivers if preview.confirmations else preview.ways.get("wecom", preview.getting)


def _headline(told: Confirmations) -> str:
    times = ngettext("%(n)s confirmation", "%(n)s confirmations", told.tasks)
    by = ngettext("by %(n)s member of staff", "by %(n)s members of staff", told.senders)
    return " ".join(part % {"n": formats.number(n)} for part, n in ((times, told.tasks), (by, told.senders)))


def _warning(told: Confirmations) -> str:
    """Return why it is so often, where it is."""
    most = max(tasks for _userid, tasks, _n in told.named)
    if most <= _MANY:
        return ""
    n = formats.number(most)
    if told.varies:
        return _(
            "The content holds values of a person: whoever reads other words is a task of their own. One member of staff "
            "would have to confirm %(n)s times. A content without variables needs one confirmation each."
        ) % {"n": n}
    return _(
        "The messages go out at many different times, each of which is a task of its own. One member of staff would have to "
        "confirm %(n)s times."
    ) % {"n": n}
