"""What the rooms of the guard say: verdicts with their tones, rows of decisions, rules as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms.programmes_named import programme_names
from yutang.console.sentences import spoken, spoken_name
from yutang.customers import queries as people
from yutang.kit.text import N_
from yutang.risk import words
from yutang.risk.fact_list import FACTS, Fact
from yutang.risk.views import DecisionView

TONES = {"allow": "accent", "slow": "info", "review": "warn", "refuse": "down"}
_COMPARED = {">=": N_("at least %(n)s"), "<=": N_("at most %(n)s"), "==": N_("exactly %(n)s")}


def verdict(view: DecisionView) -> tuple[str, str]:
    """Return what became of an ask, and its tone: what a person decided comes before what the guard said."""
    if view.settled:
        return _(words.SETTLED_TITLES[view.settled]), "accent" if view.settled == "let_through" else "down"
    return _(words.VERDICT_TITLES[view.verdict]), TONES[view.verdict]


def rows(request: StaffRequest, views: Sequence[DecisionView]) -> list[dict[str, Any]]:
    """Return decisions as rows of a list, with the names of people within reach."""
    names: dict[int, str] = {}
    if request.actor.can("customers.view"):
        keys = {one.customer_id for one in views if one.customer_id is not None}
        found = people.customer_rows(access=request.actor, ids=sorted(keys))
        names = {key: spoken_name(row.name) for key, row in found.items()}
    programmes = programme_names(request.actor, (one.programme for one in views))
    return [row(one, names.get(one.customer_id or 0, ""), programmes[one.programme]) for one in views]


def row(view: DecisionView, name: str = "", programme: str = "") -> dict[str, Any]:
    """Return one decision as a row, with what its person and its programme are called."""
    title, tone = verdict(view)
    return {
        "one": view,
        "name": name,
        "programme": programme,
        "verdict": title,
        "tone": tone,
        "kind": _(words.KIND_TITLES[view.kind]),
        "why": spoken(words.sentence_of(view.reasons[0])) if view.reasons else "",
        "worth": formats.money(view.value_fen, "CNY") if view.value_fen else "",
        "outcome": _(words.OUTCOME_TITLES[view.outcome]) if view.outcome else "",
    }


def fact_rows(facts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return what a decision was given by, as (title, number), in the order of the facts."""
    return [(_(fact.title), _number(fact, facts[fact.name])) for fact in FACTS if fact.name in facts]


def condition(one: Mapping[str, Any]) -> str:
    """Return a condition of a rule as people read it."""
    fact = FACTS[one["fact"]]
    value = _number(fact, one["value"])
    compared = _COMPARED[one["is"]]
    return _("%(fact)s: %(compared)s") % {"fact": _(fact.title), "compared": _(compared) % {"n": value}}


def written_title(fact: Fact) -> str:
    """Return what a fact is called where somebody writes its number: with how it is written."""
    if fact.unit == "hundredths":
        return _("%(fact)s (in hundredths: 150 means 1.5)") % {"fact": _(fact.title)}
    return _(fact.title)


def rule_title(rule: Mapping[str, Any]) -> str:
    """Return what a rule looks for; one that somebody added is called as they called it."""
    title = words.RULE_TITLES.get(rule["code"], "")
    return _(title) if title else str(rule["code"])


def rule_name(rule: Mapping[str, Any]) -> str:
    """Return what a rule does, in short."""
    verdict_title = words.RULE_VERDICT_TITLES.get(rule["verdict"], "")
    if verdict_title:
        return _(verdict_title)
    points = formats.number(abs(rule["points"]))
    return _("+%(n)s points") % {"n": points} if rule["points"] >= 0 else _("−%(n)s points") % {"n": points}


def _number(fact: Fact, n: int) -> str:
    if fact.unit == "fen":
        return formats.money(n, "CNY")
    return str(words.told_number(fact.name, n)) if fact.unit == "hundredths" else formats.number(n)
