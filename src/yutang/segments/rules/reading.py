"""Rules from JSON to a tree and back: every fault is named with its place and with what was expected there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS, HAPPENINGS, Field, Happening
from yutang.segments.rules.tree import All, AnyOf, Compared, Happened, InSegment, Node, Not, Value, When

VERSION = 1
MOST_NODES = 200
DEEPEST = 12
MOST_VALUES = 1_000
LONGEST_TEXT = 200
_LARGEST = 10**15
_MOST_DAYS = 36_500

#: Comparisons by kind of fact.
COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "number": ("at_least", "at_most", "equals", "between", "known", "unknown"),
    "money": ("at_least", "at_most", "equals", "between", "known", "unknown"),
    "date": (
        "within_days",
        "not_within_days",
        "before",
        "since",
        "between",
        "anniversary_within_days",
        "known",
        "unknown",
    ),
    "flag": ("yes", "no"),
    "choice": ("in", "not_in", "known", "unknown"),
    "members": ("in", "all_of", "not_in"),
    "text": ("contains", "equals", "starts_with", "known", "unknown"),
}
HAPPENED = ("did", "did_not", "at_least", "at_most", "equals", "between")
WHENS = ("within_days", "not_within_days", "before", "since", "between", "within_days_of")
_BARE = frozenset({"known", "unknown", "yes", "no", "did", "did_not"})
_NODES = ("all", "any", "not", "segment", "field", "event")


class RuleIsWrong(DomainError):
    """A part of the rule is not what the language allows there."""

    code: ClassVar[str] = "segment_rule_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The rule is wrong at %(path)s: expected there is %(expected)s.")


def rule_from_json(given: Any) -> Node:
    """Return the rule that a JSON value holds: ``{"version": 1, "rule": NODE}``.

    Raises:
        RuleIsWrong: it is none; the refusal names the place and what was expected there.
    """
    if not isinstance(given, dict) or set(given) != {"version", "rule"}:
        raise _wrong("$", Sentence(N_('an object with "version" and "rule"')))
    if given["version"] != VERSION or isinstance(given["version"], bool):
        raise _wrong("$.version", Sentence(N_("the version %(version)s"), {"version": VERSION}))
    return _Reader().node(given["rule"], "$.rule", 1)


def as_json(node: Node) -> dict[str, Any]:
    """Return the JSON value from which `rule_from_json` reads the rule back."""
    return {"version": VERSION, "rule": _node_as_json(node)}


def _wrong(path: str, expected: Sentence) -> RuleIsWrong:
    return RuleIsWrong(path=path, expected=expected.as_json())


def _one_of(path: str, names: Any) -> RuleIsWrong:
    return _wrong(path, Sentence(N_("one of: %(names)s"), {"names": ", ".join(sorted(str(name) for name in names))}))


class _Reader:
    """Reads one rule and counts its nodes."""

    def __init__(self) -> None:
        self._nodes = 0

    def node(self, given: Any, path: str, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > DEEPEST:
            limits = {"nodes": MOST_NODES, "depth": DEEPEST}
            raise _wrong(path, Sentence(N_("at most %(nodes)s conditions, nested at most %(depth)s deep"), limits))
        kinds = [name for name in _NODES if name in given] if isinstance(given, dict) else []
        if len(kinds) != 1:
            raise _wrong(path, Sentence(N_("an object with one of: %(names)s"), {"names": ", ".join(_NODES)}))
        kind = kinds[0]
        if kind == "field":
            return _field_test(given, path)
        if kind == "event":
            return _happened(given, path)
        _only(given, path, {kind})
        if kind == "not":
            return Not(self.node(given["not"], f"{path}.not", depth + 1))
        if kind == "segment":
            return InSegment(_whole(given["segment"], f"{path}.segment", low=1))
        parts = given[kind]
        if not isinstance(parts, list) or not parts:
            raise _wrong(f"{path}.{kind}", Sentence(N_("a list of one or more conditions")))
        read = tuple(self.node(part, f"{path}.{kind}[{place}]", depth + 1) for place, part in enumerate(parts))
        return All(read) if kind == "all" else AnyOf(read)


def _only(given: dict[str, Any], path: str, allowed: set[str]) -> None:
    for key in given:
        if key not in allowed:
            raise _one_of(f"{path}.{key}", allowed)


def _field_test(given: dict[str, Any], path: str) -> Compared:
    name = given["field"]
    if not isinstance(name, str) or name not in FIELDS:
        raise _one_of(f"{path}.field", [one.name for one in FIELDS])
    return _test(given, path, FIELDS[name])


def _test(given: dict[str, Any], path: str, fact: Field) -> Compared:
    _only(given, path, {"field", "is", "value"})
    comparison = given.get("is")
    allowed = COMPARISONS[fact.kind]
    if comparison not in allowed:
        raise _one_of(f"{path}.is", allowed)
    if comparison in _BARE:
        _only(given, path, {"field", "is"})
        return Compared(fact, comparison)
    return Compared(fact, comparison, _value(given, path, fact, comparison))


def _value(given: dict[str, Any], path: str, fact: Field, comparison: str) -> Value:
    value, place = given.get("value"), f"{path}.value"
    if comparison in {"within_days", "not_within_days", "anniversary_within_days"}:
        high = 366 if comparison.startswith("anniversary") else _MOST_DAYS
        return _whole(value, place, low=1, high=high)
    if comparison in {"in", "not_in", "all_of"}:
        return _values(value, place, fact)
    if comparison == "between":
        return _two(value, place, fact)
    return _single(value, place, fact)


def _single(value: Any, path: str, fact: Field) -> int | str | date:
    if fact.kind == "date":
        return _day(value, path)
    if fact.kind == "text":
        return _text(value, path)
    return _whole(value, path, low=-_LARGEST)


def _two(value: Any, path: str, fact: Field) -> tuple[int | str | date, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong(path, Sentence(N_("a list of two values, the lower one first")))
    low, high = (_single(one, f"{path}[{place}]", fact) for place, one in enumerate(value))
    if low > high:  # type: ignore[operator]
        raise _wrong(path, Sentence(N_("a list of two values, the lower one first")))
    return low, high


def _values(value: Any, path: str, fact: Field) -> tuple[int | str | date, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
        raise _wrong(path, Sentence(N_("a list of 1 to %(most)s values"), {"most": MOST_VALUES}))
    found: list[int | str | date] = []
    for place, one in enumerate(value):
        if fact.lookup:
            read: int | str = _whole(one, f"{path}[{place}]", low=1)
        else:
            read = _text(one, f"{path}[{place}]")
            if fact.choices and read not in fact.choices:
                raise _one_of(f"{path}[{place}]", fact.choices)
        if read not in found:
            found.append(read)
    return tuple(found)


def _whole(value: Any, path: str, *, low: int = 0, high: int = _LARGEST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _wrong(path, Sentence(N_("a whole number from %(low)s to %(high)s"), {"low": low, "high": high}))
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
        raise _wrong(path, Sentence(N_("a text of 1 to %(most)s characters"), {"most": LONGEST_TEXT}))
    return value


def _day(value: Any, path: str) -> date:
    try:
        # Only the plain form: Python takes week dates and compact ones as well.
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _wrong(path, Sentence(N_("a day such as 2026-03-31")))


def _happened(given: dict[str, Any], path: str) -> Happened:
    _only(given, path, {"event", "is", "value", "measure", "when", "where"})
    name = given["event"]
    if not isinstance(name, str) or name not in HAPPENINGS:
        raise _one_of(f"{path}.event", [one.name for one in HAPPENINGS])
    what = HAPPENINGS[name]
    comparison = given.get("is")
    if comparison not in HAPPENED:
        raise _one_of(f"{path}.is", HAPPENED)
    when = _when(given["when"], f"{path}.when") if "when" in given else When()
    where = _where(given.get("where", []), f"{path}.where", what)
    if comparison in _BARE:
        _only(given, path, {"event", "is", "when", "where"})
        return Happened(what, comparison, when=when, where=where)
    measure = given.get("measure", "times")
    counted = Field("times", "", "number", "")
    known = {"times": counted, "days": counted, **{one.name: one for one in what.measures}}
    if not isinstance(measure, str) or measure not in known:
        raise _one_of(f"{path}.measure", known)
    value = _value(given, path, known[measure], comparison)
    return Happened(what, comparison, value, measure, when, where)


def _when(given: Any, path: str) -> When:
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in WHENS:
        raise _wrong(path, Sentence(N_("an object with one of: %(names)s"), {"names": ", ".join(WHENS)}))
    ((kind, value),) = given.items()
    place = f"{path}.{kind}"
    if kind in {"within_days", "not_within_days"}:
        return When(kind, _whole(value, place, low=1, high=_MOST_DAYS))
    if kind == "between":
        return When(kind, _two(value, place, Field("day", "", "date", "")))
    if kind != "within_days_of":
        return When(kind, _day(value, place))
    if not isinstance(value, dict) or set(value) != {"field", "days"}:
        raise _wrong(place, Sentence(N_('an object with "field" and "days"')))
    anchors = [one.name for one in FIELDS if one.kind == "date"]
    if value["field"] not in anchors:
        raise _one_of(f"{place}.field", anchors)
    return When(kind, _whole(value["days"], f"{place}.days", high=_MOST_DAYS), FIELDS[value["field"]])


def _where(given: Any, path: str, what: Happening) -> tuple[Compared, ...]:
    if not isinstance(given, list) or len(given) > 20:
        raise _wrong(path, Sentence(N_("a list of at most 20 conditions")))
    tests = []
    for place, one in enumerate(given):
        here = f"{path}[{place}]"
        fact = what.property_named(one.get("field", "")) if isinstance(one, dict) else None
        if fact is None:
            raise _one_of(f"{here}.field", [each.name for each in what.properties])
        tests.append(_test(one, here, fact))
    return tuple(tests)


def _node_as_json(node: Node) -> dict[str, Any]:
    if isinstance(node, All):
        return {"all": [_node_as_json(part) for part in node.parts]}
    if isinstance(node, AnyOf):
        return {"any": [_node_as_json(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": _node_as_json(node.part)}
    if isinstance(node, InSegment):
        return {"segment": node.segment_id}
    if isinstance(node, Compared):
        return _test_as_json(node)
    told: dict[str, Any] = {"event": node.what.name, "is": node.comparison}
    if node.comparison not in _BARE:
        told |= {"measure": node.measure, "value": _plain(node.value)}
    if node.when.kind != "ever":
        told["when"] = {node.when.kind: _when_value(node.when)}
    if node.where:
        told["where"] = [_test_as_json(test) for test in node.where]
    return told


def _test_as_json(test: Compared) -> dict[str, Any]:
    told: dict[str, Any] = {"field": test.fact.name, "is": test.comparison}
    return told if test.value is None else {**told, "value": _plain(test.value)}


def _when_value(when: When) -> Any:
    return {"field": when.anchor.name, "days": when.value} if when.anchor else _plain(when.value)


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
