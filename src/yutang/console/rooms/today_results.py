"""What came of the day's work: what was done, and what followed, kind by kind."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import known_before
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.foundation.replica import reads_reports
from yutang.insight import queries as insight
from yutang.worklist import queries
from yutang.worklist.chances import Effect

_DAYS = 150
#: The picture of a difference reaches from so many points below nothing to so many above, on so many pixels.
_LEAST, _MOST, _WIDTH = -0.3, 0.5, 180


@room("worklist.view")
@reads_reports
def results(request: StaffRequest) -> HttpResponseBase:
    """Show what became of the proposals of the last days, and what followed."""
    reports = queries.kind_reports(access=request.actor, now=request.now, days=_DAYS)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_results(reports))
    run = insight.latest_run()
    currency = run.currency if run else "CNY"
    looked_before = max((one.looked_before for one in reports if one.looked_before), default=None)
    context = {
        "days": _DAYS,
        "rows": [_row(one, currency) for one in reports],
        "looked_until": formats.day_before(looked_before) if looked_before else "",
        "fresh": {"results": known_before(looked_before)},
        "words": _in_words(reports),
    }
    return render(request, "console/today/results.html", context)


def _row(report: queries.KindReport, currency: str) -> dict[str, Any]:
    effect = report.effect
    return {
        "title": _(report.kind.title),
        "proposed": report.proposed,
        "done": report.done,
        "not_useful": report.not_useful,
        "lapsed": report.lapsed,
        "outcomes": _shares(report.outcomes, {one.code: one.title for one in report.kind.outcomes}),
        "dismissals": _shares(report.dismissals, {one.code: one.title for one in report.kind.dismissals}),
        "is_measured": report.kind.is_capped,
        "touched": effect.touched if effect else 0,
        "ratio": formats.percent(effect.ratio, 0) if effect else "",
        "similar": formats.percent(effect.similar_ratio, 0) if effect else "",
        "difference": _points(effect.difference) if effect else "",
        "range": f"{_points(effect.low)} … {_points(effect.high)}" if effect else "",
        "drawn": _drawn(effect) if effect else None,
        "tone": _tone(effect),
        "more_sales": formats.compact_money(report.sales_minor - report.similar_minor, currency) if effect else "",
        "without_similar": report.without_similar,
        "chance": formats.percent(report.chance, 0),
        "assumed": formats.percent(report.kind.chance, 0),
    }


def _shares(counts: dict[str, int], titles: dict[str, str]) -> list[tuple[str, int]]:
    """Return the named outcomes, most first."""
    found = [(_(titles.get(code, code)), count) for code, count in counts.items()]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _tone(effect: Effect | None) -> str:
    if effect is None or not effect.is_sure:
        return "muted"
    return "up" if effect.difference > 0 else "down"


def _points(difference: float) -> str:
    return f"{100 * difference:+.0f}".replace("-", "−")


def _drawn(effect: Effect) -> dict[str, int]:
    """Return where the line, the dot and nothing lie, in pixels."""
    low, high = _place(effect.low), _place(effect.high)
    return {
        "low": low,
        "length": max(high - low, 2),
        "dot": _place(effect.difference),
        "zero": _place(0),
        "width": _WIDTH,
    }


def _place(share: float) -> int:
    return round((min(_MOST, max(_LEAST, share)) - _LEAST) / (_MOST - _LEAST) * (_WIDTH - 12)) + 6


def _in_words(reports: tuple[queries.KindReport, ...]) -> str:
    """Return the sentence that says what the picture means."""
    measured = [one for one in reports if one.effect is not None]
    if not measured:
        return _(
            "Nothing can be said yet: it shows 30 days after the first touches, as soon as orders of those days are known."
        )
    helped = [_(one.kind.title) for one in measured if one.effect and one.effect.low > 0]
    if helped:
        return _("These bring orders that would not have come without them: %(kinds)s.") % {
            "kinds": _(", ").join(helped)
        }
    return _("So far no kind differs surely from doing nothing: more touches, and the lines get shorter.")
