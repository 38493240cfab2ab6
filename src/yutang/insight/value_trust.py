"""What a check of the models means, in plain words: can values and chances be trusted?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from yutang.kit.text import N_, Sentence

Grade = Literal["good", "fair", "poor"]
_GRADES: tuple[Grade, ...] = ("good", "fair", "poor")
#: So far a sum may be off for the better two grades, as a share of what happened.
_SUM_OFF = (0.10, 0.25)
#: So far chance and share may lie apart on average.
_CHANCE_OFF = (0.05, 0.10)


@dataclass(frozen=True)
class Trust:
    """A verdict.

    Attributes:
        grade: good: use sums and chances as they are; fair: sums are rough; poor: only who comes before whom, with care.
        verdict: what follows.
        total: how the sum of orders was foreseen.
        chances: how the chances came true; None where nobody's could be told.
    """

    grade: Grade
    verdict: Sentence
    total: Sentence
    chances: Sentence | None


def trust_in(*, holdout: Mapping[str, Any], checks: Mapping[str, Any]) -> Trust:
    """Return the verdict on a check, as `value_checks` keeps it.

    A sum is good within 10 % of what happened and fair within 25 %; chances are good within 5 points of the shares that
    happened, on average over tenths of chances, fair within 10, and poor where one chance for all would have been as near
    (Brier score). The worse of the two decides.
    """
    bias, soon = holdout["bias"], checks.get("soon")
    marks = [_mark(abs(bias), _SUM_OFF) if bias is not None else 2]
    if soon:
        marks.append(_mark(soon["gap"], _CHANCE_OFF) if (soon["skill"] or 0) > 0 else 2)
    grade = _GRADES[max(marks)]
    return Trust(grade, _verdict(grade), _total(holdout), _chances(soon, checks["soon_days"]) if soon else None)


def _mark(off: float, edges: tuple[float, float]) -> int:
    return sum(off > edge for edge in edges)


def _verdict(grade: Grade) -> Sentence:
    if grade == "good":
        return Sentence(N_("The models can be trusted: sums and chances came true about as they were foreseen."))
    if grade == "fair":
        return Sentence(
            N_(
                "Who is worth more than whom can be trusted; take sums as rough. A season, a campaign or a change of "
                "business is not in the models."
            )
        )
    return Sentence(
        N_(
            "Take the values with care: what happened was far from what was foreseen. A season, a campaign or a change of "
            "business moved the orders, or too little is known; look at RFM beside them."
        )
    )


def _total(holdout: Mapping[str, Any]) -> Sentence:
    values = {
        "days": holdout["days"],
        "actual": f"{holdout['actual']:,}",
        "expected": f"{holdout['expected']:,.0f}",
        "percent": round(100 * abs(holdout["bias"] or 0)),
    }
    if holdout["bias"] is None:
        return Sentence(
            N_("In the %(days)s days that were held out nobody ordered; %(expected)s orders were foreseen."), values
        )
    if values["percent"] == 0:
        return Sentence(
            N_("In the %(days)s days that were held out %(actual)s orders came, as many as were foreseen."), values
        )
    if holdout["bias"] < 0:
        template = N_(
            "In the %(days)s days that were held out %(actual)s orders came; %(expected)s were foreseen, %(percent)s%% "
            "too few."
        )
    else:
        template = N_(
            "In the %(days)s days that were held out %(actual)s orders came; %(expected)s were foreseen, %(percent)s%% "
            "too many."
        )
    return Sentence(template, values)


def _chances(soon: Mapping[str, Any], days: int) -> Sentence:
    skill = soon["skill"] or 0
    values = {"days": days, "points": f"{100 * soon['gap']:.1f}", "percent": round(100 * abs(skill))}
    if skill > 0:
        template = N_(
            "Chances of an order within %(days)s days and what happened lay %(points)s points apart on average; they were "
            "%(percent)s%% nearer to it than one chance for all (Brier score)."
        )
    else:
        template = N_(
            "Chances of an order within %(days)s days and what happened lay %(points)s points apart on average; one chance for "
            "all would have been as near (Brier score)."
        )
    return Sentence(template, values)
