"""What the rooms about groups share: words, tones, filters, and a group as a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.communities import queries
from yutang.communities.queries import LIFE_TITLES, LIVES, CommunityView, Filters
from yutang.communities.views import OnePost
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken

#: Tone of each state, in the words of tags and charts.
TONES = {"forming": "info", "alive": "accent", "quiet": "plum", "dying": "warn", "dead": "down"}


def life_shown(life: str) -> dict[str, str]:
    """Return what a state is called, and its tone."""
    return {"title": _(LIFE_TITLES[life]), "tone": TONES[life]}


def lives() -> list[tuple[str, str, str]]:
    """Return code, name and tone of each state."""
    return [(life, _(LIFE_TITLES[life]), TONES[life]) for life in LIVES]


def filters_asked(request: StaffRequest) -> Filters:
    """Return what an address, or a form, narrows the groups to."""
    asked = request.POST if request.method == "POST" else request.GET
    life, advice = asked.get("life", ""), asked.get("advice", "")
    return Filters(
        life=life if life in LIVES else "",
        store_id=number_asked(asked.get("store", "")),
        owner_id=number_asked(asked.get("owner", "")),
        purpose=asked.get("purpose", "")[:60],
        advice=advice if advice in queries.ADVICE else "",
        text=asked.get("q", "").strip()[:60],
        is_closed=asked.get("closed") == "1",
        is_needing=asked.get("needing") == "1",
    )


def by_one_post(one: OnePost) -> dict[str, str]:
    """Return what one standard post to groups that stand so is about: a line, its button, and a name for the campaign."""
    if one.advice == "probe":
        line = ngettext(
            "%(n)s forming group waits to be asked for a sign of life",
            "%(n)s forming groups wait to be asked for a sign of life",
            one.groups,
        )
        button, name = _("Ask all in one post"), _("Sign of life: forming groups")
    else:
        line = ngettext(
            "%(n)s quiet group waits for something that wakes it",
            "%(n)s quiet groups wait for something that wakes them",
            one.groups,
        )
        button, name = _("Write one post for all"), _("Wake up: quiet groups")
    people = max(1, round(one.benefit))
    kept = ngettext("could keep about %(n)s person", "could keep about %(n)s people", people)
    shown = {"line": line % {"n": formats.number(one.groups)}, "kept": kept % {"n": formats.number(people)}}
    return {**shown, "button": button, "name": name}


def rows(found: Sequence[CommunityView]) -> list[dict[str, Any]]:
    """Return groups as the lists show them."""
    return [row(one) for one in found]


def row(one: CommunityView) -> dict[str, Any]:
    """Return a group as the lists show it."""
    advice = queries.ADVICE.get(one.advice)
    return {
        "one": one,
        "name": name_of(one),
        "life": life_shown(one.life),
        "share": share(one.share),
        "range": range_words(one.low, one.high),
        "trend": points(one.trend),
        "trend_tone": "" if one.trend is None else "up" if one.trend >= 0.02 else "down" if one.trend <= -0.02 else "",
        "why": _why(one),
        "advice": _(advice[0]) if advice else "",
        "url": reverse("groups-one", args=[one.id]),
    }


def _why(one: CommunityView) -> str:
    """Return the reason that says most beside the share, which has a column of its own."""
    if not one.reasons:
        return ""
    is_alone = one.life == "forming" or len(one.reasons) == 1
    return spoken(one.reasons[0] if is_alone else one.reasons[1])


def name_of(one: CommunityView) -> str:
    """Return what a group is called."""
    return one.name or _("Group without a name")


def share(value: float | None) -> str:
    """Return a share as a person reads it; a dash where it is not known."""
    return "—" if value is None else formats.percent(value, 0)


def range_words(low: float | None, high: float | None) -> str:
    """Return an interval as a person reads it."""
    if low is None or high is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": formats.percent(low, 0), "high": formats.percent(high, 0)}


def points(change: float | None) -> str:
    """Return a change in points of a hundred, with its sign; a dash where it is not known."""
    if change is None:
        return "—"
    written = round(100 * change)
    return _("%(points)s points") % {"points": f"{written:+d}" if written else "±0"}
