"""One number of the console in words."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.text import N_

#: How fresh a number is, by what it is reckoned from.
FRESHNESS = {
    "orders": N_(
        "Days that were not chosen end with the last known day that is over: a part of today is not compared with whole days. "
        "Follows within minutes after each import, and every morning at 5 (Shanghai time)."
    ),
    "scores": N_("Reckoned anew within minutes after each import, and every morning at 5 (Shanghai time)."),
    "values": N_("Reckoned anew after each import and every morning; the models are fitted anew every night."),
    "check": N_("The models are checked anew every night."),
    "results": N_("Looked at every morning; what followed a touch shows once its 30 days are known."),
    "experiments": N_("Looked at every morning and after each import, as far as orders are known."),
    "segments": N_("Looked at after every refresh of the figures."),
    "night": N_("Looked at every morning at 5:30 (Shanghai time), up to the end of the day before."),
    "now": N_("Counted when the page was opened."),
}


@dataclass(frozen=True)
class Metric:
    """What one number, one column or one chart of numbers means.

    Attributes:
        code: stable name.
        title: what the screen calls it, marked with `N_`.
        meaning: in plain words, marked with `N_`.
        formula: how it is reckoned, marked with `N_`; empty where the meaning says it.
        source: key of `FRESHNESS`.
        term: code of the term in the glossary; empty where there is none.
    """

    code: str
    title: str
    meaning: str
    formula: str = ""
    source: str = "orders"
    term: str = ""
