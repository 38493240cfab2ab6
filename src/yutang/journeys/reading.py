"""Definitions from JSON and back: every fault is named with the step and the field, and with what was expected there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import ValidationError

from yutang.content.grammar import template_of
from yutang.content.variables import known_names
from yutang.journeys.definition import END, NEXT, BranchStep, Definition, MessageStep, RuleExit, WaitForStep
from yutang.journeys.group_rules import fault_of
from yutang.journeys.models import Version
from yutang.journeys.occurrences import FRIENDS_ADDED, occurrence, occurrences
from yutang.journeys.trigger_kinds import OF_GROUPS, OF_PEOPLE, EventTrigger, FitsTrigger, NewcomerTrigger
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.segments.rules.reading import RuleIsWrong, rule_from_json

_MISSING = N_("a value: it is missing")
_UNKNOWN = N_("nothing: there is no such field")
#: What was expected, by kind of fault that pydantic finds.
_EXPECTED: Mapping[str, str] = {
    "missing": _MISSING,
    "extra_forbidden": _UNKNOWN,
    "literal_error": N_("one of: %(expected)s"),
    "union_tag_invalid": N_("one of: %(expected_tags)s"),
    "union_tag_not_found": N_("a kind, told under “do” or “kind”"),
    "string_type": N_("a text"),
    "string_too_short": N_("a text that is not empty"),
    "string_too_long": N_("a text of at most %(max_length)s characters"),
    "string_pattern_mismatch": N_("a text of the form %(pattern)s"),
    "int_type": N_("a whole number"),
    "bool_type": N_("true or false"),
    "tuple_type": N_("a list"),
    "dict_type": N_("an object"),
    "model_type": N_("an object"),
    "greater_than_equal": N_("a number from %(ge)s on"),
    "less_than_equal": N_("a number up to %(le)s"),
    "too_short": N_("a list of at least %(min_length)s"),
    "too_long": N_("a list of at most %(max_length)s"),
}
#: What the rules of single parts expect, as `definition.py` says it.
_OWN: Mapping[str, str] = {
    "either content or words": N_("either a content of the library or words, not both"),
    "a length above 0": N_("a time above 0"),
    "what it waits for": N_("the event or the words that it waits for"),
    "shares that are 100 together": N_("shares that are 100 percent together"),
    "days where it is after days": N_("the number of days, where somebody may come again after days"),
}
_OTHER = N_("something else")
_GROUP_RULE = N_("a rule of groups: a list “all” of tests of members, age_days, standing or store")
#: Steps that go with one person, and such that go with a whole group.
_STEPS_OF_PEOPLE = frozenset({"message", "tag", "untag", "tell", "coupon", "join_group", "wait_for", "split"})
_STEPS_OF_GROUPS = frozenset({"post"})


class DefinitionIsWrong(DomainError):
    """A part of a playbook is not what the language allows there."""

    code: ClassVar[str] = "playbook_definition_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The playbook is wrong at %(place)s: expected there is %(expected)s.")


def definition_from_json(given: Any) -> Definition:
    """Return the definition that a JSON value holds.

    Raises:
        DefinitionIsWrong: it is none; the refusal names the step and the field, and what was expected there.
    """
    if not isinstance(given, dict):
        raise _wrong("$", Sentence(N_("an object")))
    # No database keeps it, and it stands for nothing.
    if "\\u0000" in json.dumps(given):
        raise _wrong("$", Sentence(N_("texts without the character NUL")))
    try:
        read = Definition.model_validate(given)
    except ValidationError as fault:
        raise _told(fault, given) from None
    for place, expected in _faults(read):
        raise _wrong(place, expected)
    return read


def definition_of(version: Version) -> Definition:
    """Return the definition of a version; the same words are read once."""
    return _read(json.dumps(version.definition, sort_keys=True))


@lru_cache(maxsize=500)
def _read(told: str) -> Definition:
    return definition_from_json(json.loads(told))


def as_json(definition: Definition) -> dict[str, Any]:
    """Return the JSON value from which `definition_from_json` reads the definition back; what is at its default is left out."""
    told: dict[str, Any] = definition.model_dump(mode="json", exclude_defaults=True)
    return told


def schema() -> dict[str, Any]:
    """Return the JSON schema of the language."""
    return Definition.model_json_schema()


def rules_in(definition: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, rule) of every rule of segments that a definition asks; one about groups asks none."""
    if not definition.is_about_groups:
        yield from _rules_in(definition)


def misplaced(definition: Definition) -> list[str]:
    """Return the places of parts that are not for what the playbook is about: people, or groups."""
    others, steps = (OF_PEOPLE, _STEPS_OF_PEOPLE) if definition.is_about_groups else (OF_GROUPS, _STEPS_OF_GROUPS)
    places = ["trigger"] if definition.trigger.kind in others else []
    if definition.is_about_groups:
        places += ["goal"] if definition.goal is not None else []
        places += [f"exits[{n}]" for n, one in enumerate(definition.exits) if one.kind == "complaint"]
    return places + [step.id for step in definition.steps if step.do in steps]


def _rules_in(definition: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(definition.trigger, FitsTrigger):
        yield "trigger.rule", definition.trigger.rule
    if definition.audience is not None:
        yield "audience", definition.audience
    for place, way_out in enumerate(definition.exits):
        if isinstance(way_out, RuleExit):
            yield f"exits[{place}].rule", way_out.rule
    for step in definition.steps:
        if isinstance(step, BranchStep):
            for place, way in enumerate(step.ways):
                yield f"{step.id}.ways[{place}].rule", way.rule


def unreached(definition: Definition) -> list[str]:
    """Return the steps to which no way leads: they may be written, but a playbook with one is not started."""
    ways: dict[str, list[str]] = {step.id: [] for step in definition.steps}
    for step_id, _field, to in definition.ways():
        if to:
            ways[step_id].append(to)
    first = definition.steps[0].id
    reached, open_ones = {first}, [first]
    while open_ones:
        for to in ways[open_ones.pop()]:
            if to not in reached:
                reached.add(to)
                open_ones.append(to)
    return [step.id for step in definition.steps if step.id not in reached]


def _faults(read: Definition) -> Iterator[tuple[str, Sentence]]:
    """Yield what is wrong with the whole, though each part is right."""
    ids = [step.id for step in read.steps]
    for step_id in ids:
        if ids.count(step_id) > 1 or step_id in {NEXT, END}:
            yield f"{step_id}.id", Sentence(N_("an id that no other step has, and neither “next” nor “end”"))
    for step in read.steps:
        for field, named in step.targets():
            if named not in {*ids, NEXT, END}:
                yield f"{step.id}.{field}", Sentence(N_("the id of a step, “next” or “end”"))
    yield from _circles(read, ids)
    for place, rule in rules_in(read):
        try:
            rule_from_json(rule)
        except RuleIsWrong as fault:
            yield place, Sentence(N_("a rule of segments: %(fault)s"), {"fault": fault.sentence.as_json()})
    if read.is_about_groups:
        for place, rule in _rules_in(read):
            if wrong := fault_of(rule):
                yield f"{place}.{wrong}", Sentence(_GROUP_RULE)
    yield from _unknown_events(read)
    yield from _unreadable_words(read)


def _unreadable_words(read: Definition) -> Iterator[tuple[str, Sentence]]:
    """Yield words with variables that cannot be read, or that there are not."""
    for step in read.steps:
        if not isinstance(step, MessageStep):
            continue
        told = {
            "words": step.words,
            "subject": step.subject,
            "instead.words": step.instead.words if step.instead else "",
        }
        for field, words in told.items():
            try:
                template_of(words, known=known_names())
            except DomainError as fault:
                yield f"{step.id}.{field}", Sentence(N_("words: %(fault)s"), {"fault": fault.sentence.as_json()})


def _circles(read: Definition, ids: list[str]) -> Iterator[tuple[str, Sentence]]:
    """Yield steps from which a way leads back to them, or that lead to such."""
    ways: dict[str, set[str]] = {step_id: set() for step_id in ids}
    for step_id, _field, to in read.ways():
        if to:
            ways[step_id].add(to)
    done: set[str] = set()
    while ready := [one for one in ids if one not in done and ways[one] <= done]:
        done |= set(ready)
    for step_id in ids:
        if step_id not in done:
            yield step_id, Sentence(N_("a way that never leads back: who may come again is said under “reentry”"))


def _unknown_events(read: Definition) -> Iterator[tuple[str, Sentence]]:
    trigger = read.trigger
    named = [("trigger.event", trigger.event)] if isinstance(trigger, EventTrigger) else []
    named += [(f"{one.id}.event", one.event) for one in read.steps if isinstance(one, WaitForStep) and one.event]
    for place, event in named:
        if occurrence(event) is None:
            known = ", ".join(one.kind for one in occurrences())
            yield place, Sentence(N_("one of: %(expected)s"), {"expected": known})
    if not isinstance(trigger, EventTrigger | NewcomerTrigger):
        return
    told = occurrence(trigger.event) if isinstance(trigger, EventTrigger) else FRIENDS_ADDED
    if told is not None and set(trigger.where) - set(told.facts):
        yield "trigger.where", Sentence(N_("one of: %(expected)s"), {"expected": ", ".join(told.facts)})


def _told(fault: ValidationError, given: Mapping[str, Any]) -> DefinitionIsWrong:
    first = fault.errors(include_url=False)[0]
    kind, context = first["type"], dict(first.get("ctx") or {})
    if kind == "value_error":
        return _wrong(_place(first["loc"], given), Sentence(_OWN.get(str(context.get("error")), _OTHER)))
    values = {name: str(value) for name, value in context.items() if isinstance(value, (str, int))}
    template = _EXPECTED.get(kind, _OTHER)
    return _wrong(_place(first["loc"], given), Sentence(template, values if "%(" in template else {}))


def _place(loc: tuple[int | str, ...], given: Mapping[str, Any]) -> str:
    """Return a place as people read it: a step by its id, and without the kinds that pydantic puts in between."""
    parts = list(loc)
    written = ""
    if len(parts) > 1 and parts[0] == "steps" and isinstance(parts[1], int):
        steps = given.get("steps")
        step = steps[parts[1]] if isinstance(steps, (list, tuple)) and parts[1] < len(steps) else None
        named = step.get("id") if isinstance(step, dict) else None
        written = str(named)[:40] if isinstance(named, str) and named else f"steps[{parts[1]}]"
        parts = parts[2:]
        if parts and isinstance(step, dict) and parts[0] == step.get("do"):
            parts = parts[1:]
    elif len(parts) > 1 and parts[0] == "trigger":
        trigger = given.get("trigger")
        if isinstance(trigger, dict) and parts[1] == trigger.get("kind"):
            parts = ["trigger", *parts[2:]]
    for part in parts:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else str(part)
    return written or "$"


def _wrong(place: str, expected: Sentence) -> DefinitionIsWrong:
    return DefinitionIsWrong(place=place, expected=expected.as_json())
