"""How well the values were foreseen: the models on days that they had not seen, and which groups have models of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import known_before
from yutang.console.sentences import spoken
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.text import N_, filled

_OUTCOMES = {
    "used": (N_("own"), "accent"),
    "behind": (N_("for all: foresees as well"), "plain"),
    "chance": (N_("for all: the lead may be chance"), "plain"),
    "few": (N_("for all: too few customers"), "plain"),
    "no_fit": (N_("for all: no clear best values"), "warn"),
}
_REASONS = {
    "not_wanted": N_("Models of groups are switched off (setting insight.value_groups)."),
    "one_group": N_("All customers bought first in one and the same group, so there is nothing to compare."),
    "too_short": N_("Orders are known for too few days to compare models of groups."),
    "cannot_check": N_("Half of the days carry no models, so that groups cannot be compared yet."),
}
_FORECASTS = {
    "model": N_("The models in use"),
    "shared": N_("One model for all"),
    "as_before": N_("Everybody goes on as before"),
    "all_alike": N_("Everybody alike"),
    "nothing": N_("Nobody orders"),
}
_TONES = {"good": ("good", "check"), "fair": ("warn", "alert"), "poor": ("down", "alert")}


@room("insight.view")
@reads_reports
def value_check(request: StaffRequest) -> HttpResponse:
    """Show the latest check of the models of the whole chain, or why there is none."""
    found, fit = queries.latest_check(), queries.current_fit()
    context: dict[str, Any] = {"tab": "check"}
    if found is None or fit is None or not fit.fits:
        refusal = fit.refusal if fit else None
        why = (
            spoken(refusal) if refusal else _("Half of the known days must carry the models. It is tried every night.")
        )
        return render(request, "console/value/check.html", context | {"why": why})
    held = found.held_out_before - timedelta(days=1)
    subtitle = _("Fitted to the orders before %(day)s, held against those up to %(held)s · whole chain")
    context |= {
        "found": True,
        "subtitle": subtitle % {"day": formats.day(found.fitted_before), "held": formats.day(held)},
        "fresh": {"check": known_before(found.held_out_before)},
        "trust": _trust(found),
        "tiles": _tiles(found),
        "forecasts": _forecasts(found.holdout),
        **_weeks(found),
        **_groups_by_past(found.checks),
        **_chances(found.checks),
        **_choice(request, fit),
    }
    return render(request, "console/value/check.html", context)


def _trust(found: queries.ValueCheckView) -> dict[str, Any]:
    trust = queries.trust_in(holdout=found.holdout, checks=found.checks)
    rest = formats.sentences(spoken(trust.total), spoken(trust.chances))
    tone, icon = _TONES[trust.grade]
    return {"tone": tone, "icon": icon, "verdict": spoken(trust.verdict), "rest": rest}


def _tiles(found: queries.ValueCheckView) -> list[dict[str, Any]]:
    holdout, soon = found.holdout, found.checks["soon"]
    came = _("%(expected)s foreseen, %(actual)s came") % {
        "expected": formats.number(round(holdout["expected"])),
        "actual": formats.number(holdout["actual"]),
    }
    bias = "—" if holdout["bias"] is None else formats.signed_percent(holdout["bias"])
    tiles = [_tile("check_total", bias, came)]
    correlation = holdout["correlation"]
    shown = "—" if correlation is None else formats.number(correlation)
    tiles.append(_tile("check_correlation", shown, _("correlation")))
    if soon:
        within = filled(_("chances of an order within %(days)s days"), {"days": found.checks["soon_days"]})
        skill = "—" if soon["skill"] is None else formats.percent(soon["skill"], 0)
        tiles.append(_tile("check_brier", skill, within))
        points = _("%(n)s points") % {"n": formats.number(100 * soon["gap"])}
        tiles.append(_tile("check_gap", points, _("apart on average")))
    return tiles


def _tile(metric: str, shown: str, note: str) -> dict[str, Any]:
    return {"metric": metric, "value": shown, "note": note, "lead": metric == "check_total"}


def _forecasts(holdout: Mapping[str, Any]) -> list[dict[str, Any]]:
    alone = {"shared": holdout["shared"]} if "shared" in holdout else {}
    return [
        {
            "name": _(_FORECASTS[name]),
            "orders": formats.number(round(each["expected"])),
            "bias": "—" if each["bias"] is None else formats.signed_percent(each["bias"]),
            "error": f"{each['mae']:.3f}",
            "correlation": "—" if each["correlation"] is None else f"{each['correlation']:.3f}",
        }
        for name, each in {"model": holdout, **alone, **holdout["naive"]}.items()
    ]


def _weeks(found: queries.ValueCheckView) -> dict[str, Any]:
    weeks: Sequence[Mapping[str, Any]] = found.checks["weekly"]
    held = next((place for place, week in enumerate(weeks) if week["is_held_out"]), None)

    def chart(kind: str) -> dict[str, Any]:
        return {
            "days": [week["ends_on"] for week in weeks],
            "actual": [week[f"actual{kind}"] for week in weeks],
            "expected": [round(week[f"expected{kind}"], 1) for week in weeks],
            "held": held,
            "words": {**_what_and_what(), "held": _("held out"), "week": _("Week up to %")},
        }

    return {
        "sums": chart("_sum"),
        "weekly": chart(""),
        "sums_words": _sums_words(weeks, held),
        "weekly_words": _weekly_words(weeks, held),
    }


def _sums_words(weeks: Sequence[Mapping[str, Any]], held: int | None) -> str:
    if held is None:
        return ""
    before = weeks[held - 1] if held else {"actual_sum": 0, "expected_sum": 0.0}
    last = weeks[-1]
    said = _("In the weeks right of the line %(actual)s repeat purchases came; %(expected)s were foreseen.")
    return said % {
        "actual": formats.number(last["actual_sum"] - before["actual_sum"]),
        "expected": formats.number(round(last["expected_sum"] - before["expected_sum"])),
    }


def _weekly_words(weeks: Sequence[Mapping[str, Any]], held: int | None) -> str:
    if held is None:
        return ""
    farthest = max(weeks[held:], key=lambda week: abs(week["actual"] - week["expected"]))
    said = _(
        "The models know no seasons and no campaigns: their line is smooth. Farthest apart was the week up to %(day)s: "
        "%(actual)s came, %(expected)s were foreseen."
    )
    return said % {
        "day": formats.day(date.fromisoformat(farthest["ends_on"])),
        "actual": formats.number(farthest["actual"]),
        "expected": formats.number(round(farthest["expected"])),
    }


def _groups_by_past(checks: Mapping[str, Any]) -> dict[str, Any]:
    groups = checks["by_frequency"]
    if not groups:
        return {}
    most = groups[-1]
    said = _(
        "Who had never come back ordered %(actual)s times each (%(expected)s foreseen), who had come back most often %(most)s "
        "times (%(foreseen)s)."
    )
    return {
        "frequency": {
            "labels": [f"{group['x']}{'+' if group['x'] >= 7 else ''}" for group in groups],
            "actual": [round(group["actual"], 3) for group in groups],
            "expected": [round(group["expected"], 3) for group in groups],
            "customers": [group["customers"] for group in groups],
            "words": {**_what_and_what(), "title": _("Came back % times before"), "customers": _("customers")},
        },
        "frequency_words": said
        % {
            "actual": f"{groups[0]['actual']:.2f}",
            "expected": f"{groups[0]['expected']:.2f}",
            "most": f"{most['actual']:.2f}",
            "foreseen": f"{most['expected']:.2f}",
        },
    }


def _chances(checks: Mapping[str, Any]) -> dict[str, Any]:
    soon, alive = checks["soon"], checks["alive"]
    found: dict[str, Any] = {}
    if soon:
        said = _("Brier score %(brier)s, %(constant)s with one chance for all; %(customers)s customers.")
        found |= {
            "soon": {
                "bins": soon["bins"],
                "words": {"said": _("Said"), "came": _("Ordered"), "customers": _("customers")},
            },
            "soon_title": filled(_("Chance of an order within %(days)s days"), {"days": checks["soon_days"]}),
            "soon_words": said
            % {
                "brier": f"{soon['brier']:.4f}",
                "constant": f"{soon['brier_constant']:.4f}",
                "customers": formats.number(soon["customers"]),
            },
        }
    if alive:
        bins = alive["bins"]
        words = {**_what_and_what(), "title": _("Still a customer: %"), "customers": _("customers")}
        found |= {
            "alive": {
                "labels": [formats.percent(each["said"], 0) for each in bins],
                "actual": [round(each["actual"], 4) for each in bins],
                "expected": [round(each["expected"], 4) for each in bins],
                "customers": [each["customers"] for each in bins],
                "share": True,
                "words": words,
            },
            "alive_words": _alive_words(bins),
        }
    return found


def _alive_words(bins: Sequence[Mapping[str, Any]]) -> str:
    lowest, highest = bins[0], bins[-1]
    said = _(
        "Of customers with a chance of about %(low)s to be there still, %(few)s ordered in the days held out; of those with about "
        "%(high)s, %(many)s."
    )
    return said % {
        "low": formats.percent(lowest["said"], 0),
        "few": formats.percent(lowest["actual"], 0),
        "high": formats.percent(highest["said"], 0),
        "many": formats.percent(highest["actual"], 0),
    }


def _choice(request: StaffRequest, fit: queries.ValueFitView) -> dict[str, Any]:
    """Return which groups have models of their own in the fit that values stand on."""
    choice = fit.choice
    reason = choice["reason"] if choice else "cannot_check"
    if reason:
        return {"groups_reason": _(_REASONS[reason])}
    since = filled(
        _("on %(days)s days from %(day)s on, which neither had seen"),
        {
            "days": choice["held_days"],
            "day": formats.day(date.fromisoformat(choice["held_from"])),
        },
    )
    return {
        "groups": [
            {
                "name": spoken(queries.model_group_name(group["key"], access=request.actor)),
                "customers": formats.number(group["customers"]),
                "orders": _verdict(group["orders"], 3),
                "spend": _verdict(group["spend"], 1),
            }
            for group in choice["groups"]
        ],
        "groups_since": since,
        "groups_words": _groups_words(choice["groups"]),
    }


def _groups_words(groups: Sequence[Mapping[str, Any]]) -> str:
    own = sum(bool(group["fits"]) for group in groups)
    if not own:
        return _("No group's own model foresaw better by more than chance: everybody is valued by the models for all.")
    said = _("%(n)s of %(all)s groups are valued by models of their own, the others by those for all.")
    return said % {"n": own, "all": len(groups)}


def _verdict(verdict: Mapping[str, Any], digits: int) -> dict[str, Any]:
    label, tone = _OUTCOMES[verdict["outcome"]]
    duel = verdict["duel"]
    error = f"{duel['own_error']:,.{digits}f} / {duel['other_error']:,.{digits}f}" if duel else "—"
    return {"error": error, "label": _(label), "tone": tone}


def _what_and_what() -> dict[str, str]:
    return {"actual": _("happened"), "expected": _("foreseen")}
