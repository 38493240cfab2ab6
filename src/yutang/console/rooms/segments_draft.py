"""A rule while it is being built: from a form and back, with what is still missing. Plain values, no request.

A group is ``{"join": "all" | "any" | "none", "parts": [...]}``; a condition is a flat object of texts as the form has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.http import QueryDict

from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_
from yutang.segments.rules.reading import DEEPEST

Draft = dict[str, Any]
Facts = Mapping[str, Mapping[str, Any]]

ROOT = "n"
JOINS = ("all", "any", "none")
DAYS = frozenset({"within_days", "not_within_days", "within_next_days", "anniversary_within_days"})
BARE = frozenset({"known", "unknown", "yes", "no", "did", "did_not"})
_MOST_PARTS = 60
_MOST_WHERE = 20
#: No amount of a condition is larger, in whole units of its currency.
_LARGEST = 10**12
_EMPTY: Draft = {
    "fact": "", "is": "", "values": [], "measure": "times", "when": "ever", "when_values": [], "when_field": "", "where": [],
}  # fmt: skip


class TooManyParts(DomainError):
    """A group, or what a happening is narrowed to, holds more than the builder takes."""

    code: ClassVar[str] = "too_many_parts"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "There is room for %(most)s conditions beside each other here. Put some of them into a segment of their own and name it here."
    )


class TooDeeplyNested(DomainError):
    """Groups lie within groups deeper than a rule may be nested."""

    code: ClassVar[str] = "too_deeply_nested"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Groups can be nested at most %(most)s deep. Put the innermost ones into a segment of their own and name it here."
    )


@dataclass(frozen=True)
class Reading:
    """What a draft says so far.

    Attributes:
        rule: as JSON, of the conditions that are complete; None where none is.
        incomplete: places of conditions that lack something.
    """

    rule: dict[str, Any] | None
    incomplete: frozenset[str]


def new_condition() -> Draft:
    """Return a condition that says nothing yet."""
    return {**_EMPTY, "values": [], "when_values": [], "where": []}


def new_group(*parts: Draft) -> Draft:
    """Return a group of conditions that must all hold."""
    return {"join": "all", "parts": list(parts) or [new_condition()]}


def draft_of_form(form: QueryDict, place: str = ROOT, depth: int = 0) -> Draft:
    """Return the draft that a form holds.

    Raises:
        TooManyParts: a group holds more than the builder takes.
        TooDeeplyNested: no rule is nested so deeply.
    """
    if depth > DEEPEST:
        raise TooDeeplyNested(most=DEEPEST)
    join = form.get(f"{place}.join", "all")
    group: Draft = {"join": join if join in JOINS else "all", "parts": []}
    for number in _at_most(_MOST_PARTS, form.getlist(f"{place}.child")):
        child = f"{place}.{number}"
        if f"{child}.join" in form:
            group["parts"].append(draft_of_form(form, child, depth + 1))
        else:
            group["parts"].append(_condition_of_form(form, child))
    return group


def _condition_of_form(form: QueryDict, place: str) -> Draft:
    condition = _test_of_form(form, place)
    condition |= {
        "measure": form.get(f"{place}.measure", "times"),
        "when": form.get(f"{place}.when", "ever"),
        "when_values": form.getlist(f"{place}.when_value"),
        "when_field": form.get(f"{place}.when_field", ""),
        "where": [
            _test_of_form(form, f"{place}.w{number}")
            for number in _at_most(_MOST_WHERE, form.getlist(f"{place}.where"))
        ],
    }
    return condition


def _test_of_form(form: QueryDict, place: str) -> Draft:
    told = {"fact": form.get(f"{place}.fact", ""), "is": form.get(f"{place}.is", "")}
    return {**new_condition(), **told, "values": [value.strip() for value in form.getlist(f"{place}.value")]}


def changed(draft: Draft, work: str) -> Draft:
    """Return the draft after one step of the builder: ``add:n.0``, ``group:n``, ``drop:n.1``, ``where:n.2``, ``unwhere:n.2.w0``."""
    verb, _, place = work.partition(":")
    if verb in {"add", "group"}:
        parts = _at(draft, place)["parts"]
        _at_most(_MOST_PARTS - 1, parts, most=_MOST_PARTS)
        parts.append(new_condition() if verb == "add" else new_group())
    elif verb == "where":
        where = _at(draft, place)["where"]
        _at_most(_MOST_WHERE - 1, where, most=_MOST_WHERE)
        where.append(new_condition())
    elif verb in {"drop", "unwhere"}:
        above, _, number = place.rpartition(".")
        held = _at(draft, above)["parts" if verb == "drop" else "where"]
        del held[int(number.removeprefix("w"))]
    return _without_empty_groups(draft)


def _at_most(limit: int, parts: list[Any], *, most: int | None = None) -> list[Any]:
    """Return the parts; raise `TooManyParts`, which names `most` (None: the limit), where there are more than the limit."""
    if len(parts) > limit:
        raise TooManyParts(most=most or limit)
    return parts


def _at(draft: Draft, place: str) -> Draft:
    found = draft
    for number in place.split(".")[1:]:
        found = found["parts"][int(number)]
    return found


def _without_empty_groups(group: Draft) -> Draft:
    parts = [_without_empty_groups(part) if "join" in part else part for part in group["parts"]]
    return {**group, "parts": [part for part in parts if "join" not in part or part["parts"]]}


# From a draft to a rule.


def reading_of(draft: Draft, *, facts: Facts, currency: str) -> Reading:
    """Return the rule of the complete conditions and the places of the others.

    Args:
        draft: the draft.
        facts: what can be asked, by ``field:name`` and ``event:name``.
        currency: in which amounts are written.
    """
    incomplete: set[str] = set()
    node = _node(draft, ROOT, facts, currency, incomplete)
    return Reading(None if node is None else {"version": 1, "rule": node}, frozenset(incomplete))


def _node(part: Draft, place: str, facts: Facts, currency: str, incomplete: set[str]) -> dict[str, Any] | None:
    if "join" not in part:
        try:
            return _condition(part, facts, currency)
        except (KeyError, ValueError, IndexError):
            incomplete.add(place)
            return None
    nodes = [_node(each, f"{place}.{number}", facts, currency, incomplete) for number, each in enumerate(part["parts"])]
    told = [node for node in nodes if node is not None]
    if not told:
        return None
    if part["join"] == "none":
        return {"not": told[0] if len(told) == 1 else {"any": told}}
    return told[0] if len(told) == 1 else {part["join"]: told}


def _condition(part: Draft, facts: Facts, currency: str) -> dict[str, Any]:
    if part["fact"] == "segment":
        inside = {"segment": int(part["values"][0])}
        return {"not": inside} if part["is"] == "not_in" else inside
    fact = facts[part["fact"]]
    if fact["kind"] != "event":
        return _test(part, fact, currency)
    told: dict[str, Any] = {"event": fact["name"], "is": _known(part["is"], fact["is"])}
    if part["is"] not in BARE:
        money = part["measure"] in fact["money"]
        told["measure"] = _known(part["measure"], fact["measures"])
        told["value"] = _value(part, "money" if money else "number", currency)
    if part["when"] != "ever":
        told["when"] = _when(part)
    inner = {one["name"]: one for one in fact["where"]}
    if part["where"]:
        told["where"] = [_test(one, inner[one["fact"]], currency) for one in part["where"]]
    return told


def _test(part: Draft, fact: Mapping[str, Any], currency: str) -> dict[str, Any]:
    told = {"field": fact["name"], "is": _known(part["is"], fact["is"])}
    if part["is"] in BARE:
        return told
    if fact["kind"] in {"choice", "members"}:
        values = [int(value) if fact.get("keys_of") else value for value in part["values"] if value]
        if not values:
            raise ValueError("nothing was chosen")
        return {**told, "value": values}
    return {**told, "value": _value(part, fact["kind"], currency)}


def _value(part: Draft, kind: str, currency: str) -> Any:
    if part["is"] in DAYS:
        return int(part["values"][0])
    if part["is"] == "between":
        pair = [_single(part["values"][place], kind, currency) for place in range(2)]
        return sorted(pair)
    return _single(part["values"][0], kind, currency)


def _single(text: str, kind: str, currency: str) -> Any:
    if not text:
        raise ValueError("nothing was written")
    if kind == "money":
        amount = typed_minor(text, least=-_LARGEST, most=_LARGEST, currency=currency)
        if amount is None:
            raise ValueError("this is no amount")
        return amount
    if kind == "date":
        return date.fromisoformat(text).isoformat()
    return text if kind == "text" else int(text)


def _when(part: Draft) -> dict[str, Any]:
    kind, values = part["when"], part["when_values"]
    if kind == "within_days_of":
        return {kind: {"field": part["when_field"], "days": int(values[0])}}
    if kind in DAYS:
        return {kind: int(values[0])}
    if kind == "between":
        return {kind: sorted(date.fromisoformat(values[place]).isoformat() for place in range(2))}
    return {kind: date.fromisoformat(values[0]).isoformat()}


def _known(word: str, words: Any) -> str:
    if word not in words:
        raise ValueError(f"{word!r} is none of them")
    return word


# From a rule to a draft.


def draft_of_rule(rule: Mapping[str, Any], *, facts: Facts, currency: str) -> Draft:
    """Return the draft of a rule as JSON that was checked; every rule can be shown."""
    whole = _draft(rule["rule"], facts, currency)
    return whole if "join" in whole else new_group(whole)


def _draft(node: Mapping[str, Any], facts: Facts, currency: str) -> Draft:
    if "all" in node or "any" in node:
        join = "all" if "all" in node else "any"
        return {"join": join, "parts": [_draft(part, facts, currency) for part in node[join]]}
    if "not" in node:
        inside = node["not"]
        if "segment" in inside:
            return _segment_draft(inside, "not_in")
        parts = inside["any"] if "any" in inside else [inside]
        return {"join": "none", "parts": [_draft(part, facts, currency) for part in parts]}
    if "segment" in node:
        return _segment_draft(node, "in")
    if "field" in node:
        return _test_draft(node, f"field:{node['field']}", facts[f"field:{node['field']}"], currency)
    return _event_draft(node, facts[f"event:{node['event']}"], currency)


def _segment_draft(node: Mapping[str, Any], comparison: str) -> Draft:
    return {**new_condition(), "fact": "segment", "is": comparison, "values": [str(node["segment"])]}


def _event_draft(node: Mapping[str, Any], fact: Mapping[str, Any], currency: str) -> Draft:
    measure = node.get("measure", "times")
    kind = "money" if measure in fact["money"] else "number"
    when = node.get("when", {})
    inner = {one["name"]: one for one in fact["where"]}
    told = {
        **new_condition(),
        "fact": f"event:{fact['name']}",
        "is": node["is"],
        "measure": measure,
        "values": _written(node.get("value"), kind, currency),
        "where": [_test_draft(one, one["field"], inner[one["field"]], currency) for one in node.get("where", [])],
    }
    for when_kind, value in when.items():
        anchored = isinstance(value, Mapping)
        told |= {"when": when_kind, "when_values": _written(value["days"] if anchored else value, "number", currency)}
        told["when_field"] = value["field"] if anchored else ""
    return told


def _test_draft(node: Mapping[str, Any], name: str, fact: Mapping[str, Any], currency: str) -> Draft:
    kind = "number" if node["is"] in DAYS else fact["kind"]
    return {**new_condition(), "fact": name, "is": node["is"], "values": _written(node.get("value"), kind, currency)}


def _written(value: Any, kind: str, currency: str) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if kind == "money":
        return [str(from_minor(one, currency=currency)) for one in values]
    return [str(one) for one in values]
