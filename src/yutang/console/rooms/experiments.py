"""The room of experiments: what is held out of what, and what the others brought more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import known_before
from yutang.console.rooms.experiments_words import (
    arm_words,
    effect_words,
    headline,
    interval_words,
    measure_words,
    money_words,
    points,
    worth_words,
)
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.experiments import queries
from yutang.experiments.queries import ExperimentView, MeasureResult, Result
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled

#: What a verdict looks like, by whether it is what one wants.
_TONES = {"good": "accent", "bad": "down", "open": "info"}
_STATES = {
    "unread": (N_("No result yet"), "plain"),
    "few": (N_("Not enough yet"), "warn"),
    "alarm": (N_("Arms do not fit"), "down"),
    "good": (N_("Brings more"), "accent"),
    "bad": (N_("Brings less"), "down"),
    "open": (N_("Not sure yet"), "info"),
}


@room("experiments.view")
def experiments(request: StaffRequest) -> HttpResponseBase:
    """Show every experiment with what it says of the share who bought."""
    found = queries.experiments(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    read = [result.as_of for _view, result in found if result]
    context = {
        "rows": [_row(view, result) for view, result in found],
        "fresh": {"experiments": known_before(max(read))} if read else {},
    }
    return render(request, "console/experiments/list.html", context)


@room("experiments.view")
def one(request: StaffRequest, experiment_key: str) -> HttpResponse:
    """Show one experiment: arms, effects with their intervals, what they are worth."""
    view = queries.experiment_view(access=request.actor, key=experiment_key)
    result = queries.latest_result(access=request.actor, key=experiment_key)
    context: dict[str, Any] = {
        "view": view,
        "state": _state(result),
        "subtitle": _subtitle(view),
        "arms": _arms(view, result),
        "measures": [(one.code, _(one.title)) for one in queries.MEASURES],
    }
    if result is not None:
        cards = _cards(result)
        context |= {
            "fresh": {"experiments": known_before(result.as_of)},
            "notice": _notice(view, result),
            "tiles": _tiles(view, result),
            "cards": cards,
            "has_effects": any(card["values"] for card in cards),
            "how": _how(view, result),
        }
    return render(request, "console/experiments/one.html", context)


def effect_shown(view: ExperimentView, result: Result) -> dict[str, Any]:
    """Return what an experiment said when it was last looked at, for pages of what it belongs to."""
    cards = _cards(result)
    return {
        "state": _state(result),
        "notice": _notice(view, result),
        "tiles": _tiles(view, result),
        "cards": cards,
        "has_effects": any(card["values"] for card in cards),
        "known_until": formats.day_before(result.as_of),
    }


def _row(view: ExperimentView, result: Result | None) -> dict[str, Any]:
    bought = _first(result)
    effect = bought.effect if bought else None
    return {
        "view": view,
        "unit": str(queries.Unit(view.unit).label),
        "held_out": formats.percent(next(iter(view.shares.values())), 0),
        "drawn": sum(view.drawn.values()),
        "state": _state(result),
        "value": points(effect.value) if effect else "",
        "range": f"{points(effect.low_always)} … {points(effect.high_always)}" if effect else "",
        "tone": _TONES[_news(bought)] if bought and effect else "",
    }


def _first(result: Result | None) -> MeasureResult | None:
    """Return what the first measure says of the first arm."""
    return next(iter(result.measures), None) if result else None


def _news(row: MeasureResult) -> str:
    """Return whether an effect is what one wants: good, bad, or open."""
    if row.effect is None or row.effect.verdict == "open":
        return "open"
    return "good" if row.effect.verdict == row.measure.wanted else "bad"


def _state(result: Result | None) -> dict[str, str]:
    code = "unread"
    if result is not None:
        first = _first(result)
        code = "few" if first is None or first.effect is None else _news(first)
        if result.shares_check is not None and result.shares_check.is_alarm:
            code = "alarm"
    title, tone = _STATES[code]
    return {"code": code, "title": _(title), "tone": tone}


def _subtitle(view: ExperimentView) -> str:
    what = filled(_("What people do within %(days)s days after they were drawn is counted"), {"days": view.within_days})
    since = _("since %(day)s") % {"day": formats.day(view.begun_at.date())}
    ended = [_("nobody drawn since %(day)s") % {"day": formats.day(view.ended_at.date())}] if view.ended_at else []
    return " · ".join([what, since, *ended])


def _arms(view: ExperimentView, result: Result | None) -> list[dict[str, Any]]:
    counted = {one.code: one for one in result.arms} if result else {}
    rows = []
    for code, share in view.shares.items():
        arm = counted.get(code)
        cells = []
        for measure in queries.MEASURES:
            mean = arm.means[measure.code] if arm else None
            shown = measure_words(measure.kind, mean, result.currency if result else "CNY")
            ends = arm.intervals.get(measure.code) if arm else None
            cells.append({"title": _(measure.title), "shown": shown, "range": interval_words(ends)})
        rows.append(
            {
                "name": arm_words(code),
                "share": formats.percent(share, 0),
                "drawn": view.drawn[code],
                "units": arm.units if arm else 0,
                "people": arm.people if arm else 0,
                "cells": cells,
            }
        )
    return rows


def _notice(view: ExperimentView, result: Result) -> dict[str, str]:
    """Return what is to be said first."""
    state = _state(result)["code"]
    first = _first(result)
    if state == "alarm" and result.shares_check is not None:
        said = _(
            "The arms are not as large as they were drawn; chance alone does that once in %(n)s times. Something else chose who is "
            "counted, so believe no effect here until that is found."
        )
        n = formats.compact_number(round(1 / max(result.shares_check.chance, 1e-12)))
        return {"tone": "down", "icon": "alert", "text": said % {"n": n}, "rest": ""}
    if first is None or first.effect is None:
        return {"tone": "warn", "icon": "clock", "text": _few_words(view, result), "rest": _needed_words(view, result)}
    tone = {"good": "good", "bad": "down", "open": ""}[state]
    icon = {"good": "check", "bad": "alert", "open": "info"}[state]
    several = len(result.arms) > 2
    rest = [_of_arm(one.arm, worth_words(one, result.currency), several) for one in result.worth]
    if first.effect.verdict == "open":
        rest.append(_needed_words(view, result))
    text = _of_arm(first.arm, headline(first.effect), several)
    return {"tone": tone, "icon": icon, "text": text, "rest": formats.sentences(*rest)}


def _of_arm(code: str, said: str, several: bool) -> str:
    return _("%(arm)s: %(said)s") % {"arm": arm_words(code), "said": said} if several else said


def _few_words(view: ExperimentView, result: Result) -> str:
    least = result.missing.least
    if not least:
        return _("Not enough yet: in one of the arms too few have bought to say anything.")
    said = (
        N_("Not enough yet: the smallest arm lacks %(n)s groups whose days are over before anything is said.")
        if view.unit == "group"
        else N_("Not enough yet: the smallest arm lacks %(n)s people whose days are over before anything is said.")
    )
    return filled(_(said), {"n": formats.number(least)})


def _needed_words(view: ExperimentView, result: Result) -> str:
    """Return how many people it takes to see what one wants to see; nothing where that is not known or they are there."""
    missing = result.missing
    if missing.needed is None or not missing.more:
        return ""
    said = _(
        "To see a difference of %(wanted)s in 100 four times in five it takes about %(needed)s people in both arms: %(more)s more."
    )
    return said % {
        "wanted": formats.number(round(100 * view.wanted_ratio, 2)),
        "needed": formats.compact_number(missing.needed),
        "more": formats.compact_number(missing.more),
    }


def _tiles(view: ExperimentView, result: Result) -> list[dict[str, Any]]:
    first = _first(result)
    effect = first.effect if first else None
    worth = next(iter(result.worth), None)
    tiles: list[dict[str, Any]] = []
    if worth is not None:
        low, high = (money_words(end, result.currency) for end in (worth.low_minor, worth.high_minor))
        week = [money_words(worth.a_week(end), result.currency) for end in (worth.low_minor, worth.high_minor)]
        tiles += [
            {
                "metric": "experiment_worth",
                "value": money_words(worth.minor, result.currency),
                "note": f"{low} … {high}",
                "lead": True,
            },
            {
                "metric": "experiment_worth_week",
                "value": money_words(worth.a_week(worth.minor), result.currency),
                "note": " … ".join(week),
            },
        ]
    counted = sum(one.units for one in result.arms)
    tiles.append(
        {
            "metric": "experiment_counted",
            "value": formats.compact_number(counted),
            "note": _("of %(n)s drawn") % {"n": formats.compact_number(sum(view.drawn.values()))},
            "lead": worth is None,
        }
    )
    if effect is not None:
        tiles.append(
            {
                "metric": "experiment_smallest",
                "value": _("%(n)s points") % {"n": formats.number(round(100 * effect.smallest, 2))},
                "note": _("of the share who bought"),
            }
        )
    return tiles


def _cards(result: Result) -> list[dict[str, Any]]:
    """Return a card for each measure: the sentence, and a dot with its intervals for each arm."""
    cards = []
    for measure in queries.MEASURES:
        rows = result.of(measure.code)
        told = [row for row in rows if row.effect is not None]
        cards.append(
            {
                "key": f"effect-{measure.code}",
                "title": _(measure.title),
                "values": _picture(result, told) if told else None,
                "sentences": [
                    {
                        "arm": arm_words(row.arm) if len(rows) > 1 else "",
                        "text": _sentence(row, result),
                        "news": {"good": "up", "bad": "down", "open": ""}[_news(row)],
                    }
                    for row in told
                ],
                "words": " ".join(_sentence(row, result) for row in told),
            }
        )
    return cards


def _sentence(row: MeasureResult, result: Result) -> str:
    return effect_words(row.measure.kind, row.effect, result.currency) if row.effect else ""


def _picture(result: Result, rows: list[MeasureResult]) -> dict[str, Any]:
    kind = rows[0].measure.kind

    def shown(value: float) -> float:
        if kind == "money":
            return float(from_minor(round(value), currency=result.currency))
        return 100 * value if kind == "share" else 1000 * value

    drawn = [
        {
            "name": arm_words(row.arm),
            "tone": _TONES[_news(row)],
            **{
                name: shown(getattr(row.effect, name)) for name in ("value", "low", "high", "low_always", "high_always")
            },
        }
        for row in rows
    ]
    words = {
        "value": _("Difference"),
        "one": _("One look"),
        "any": _("Any number of looks"),
        "axis": {"share": _("points"), "count": _("in 1,000 people"), "money": _("a head")}[kind],
    }
    return {"rows": drawn, "kind": kind, "currency": result.currency, "words": words}


def _how(view: ExperimentView, result: Result) -> list[str]:
    """Return how the numbers came about, for who wants to know."""
    said = [
        _(
            "The thick line is the 95 % interval of one planned look; the thin one holds however often one looks, and decides."
        ),
        _("Everybody who was drawn is counted in their arm, whether the message reached them or not."),
    ]
    first = _first(result)
    if first is not None and first.effect is not None and first.effect.method == "cuped":
        narrowing = formats.percent(first.effect.difference.narrowing, 0)
        raw = points(first.effect.difference.raw)
        taken = _(
            "What the same people did in the 90 days before is taken out of the difference; that took %(share)s of the uncertainty away "
            "(without it: %(raw)s points)."
        )
        said.append(taken % {"share": narrowing, "raw": raw})
    if view.changes:
        said.append(
            _("The shares were changed on the way; arms are compared among those who were drawn at the same shares.")
        )
    if result.shares_check is not None:
        fit = _("The sizes of the arms fit their shares: chance alone departs farther in %(share)s of all cases.")
        if not result.shares_check.is_alarm:
            said.append(fit % {"share": formats.percent(result.shares_check.chance, 0)})
    return said


def _sheet(found: tuple[tuple[ExperimentView, Result | None], ...]) -> Sheet:
    titles = [
        _("Key"),
        _("Title"),
        _("Units"),
        _("Begun"),
        _("Ended at"),
        _("Arm"),
        _("Drawn"),
        _("Counted"),
        _("Measure"),
    ]
    titles += [_("Difference"), _("From"), _("To"), _("Currency")]
    return Sheet(_("Experiments"), titles, _lines(found))


def _lines(found: tuple[tuple[ExperimentView, Result | None], ...]) -> Iterator[list[Any]]:
    for view, result in found:
        head = [view.key, view.title, str(queries.Unit(view.unit).label), view.begun_at.date()]
        head.append(view.ended_at.date() if view.ended_at else None)
        counted = {one.code: one.units for one in result.arms} if result else {}
        for row in result.measures if result else ():
            effect = row.effect
            ends = (effect.value, effect.low_always, effect.high_always) if effect else (None, None, None)
            currency = result.currency if result and row.measure.kind == "money" else None
            told = [from_minor(round(end), currency=currency) if currency and end is not None else end for end in ends]
            arm = [arm_words(row.arm), view.drawn[row.arm], counted.get(row.arm, 0)]
            yield [*head, *arm, _(row.measure.title), *told, currency]
        if result is None:
            yield [*head, None, sum(view.drawn.values()), 0, None, None, None, None, None]
