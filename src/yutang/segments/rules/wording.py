"""A rule in words: sentences inside sentences, which the door that shows them speaks in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from yutang.kit.text import N_, Sentence
from yutang.lake.fields import Field
from yutang.segments.rules.tree import All, AnyOf, Compared, Happened, InSegment, Node, Not, Value, When

#: Names of keys by list: ``{"stores": {1: "徐汇店"}, "tags": …, "regions": …, "segments": …}``.
Names = Mapping[str, Mapping[int, str]]
#: More values than this are counted, not named.
_MOST_NAMED = 6

COMPARISON_TITLES: Mapping[str, str] = {
    "at_least": N_("at least"),
    "at_most": N_("at most"),
    "equals": N_("exactly"),
    "between": N_("between"),
    "known": N_("is known"),
    "unknown": N_("is not known"),
    "within_days": N_("within the last … days"),
    "not_within_days": N_("more than … days ago"),
    "before": N_("before"),
    "since": N_("on or after"),
    "anniversary_within_days": N_("anniversary within the next … days"),
    "yes": N_("yes"),
    "no": N_("no"),
    "in": N_("is one of"),
    "not_in": N_("is none of"),
    "all_of": N_("has all of"),
    "contains": N_("contains"),
    "starts_with": N_("begins with"),
    "did": N_("there were any"),
    "did_not": N_("there were none"),
    "within_days_of": N_("within … days of"),
    "ever": N_("at any time"),
}
MEASURE_TITLES: Mapping[str, str] = {"times": N_("how often"), "days": N_("on how many days")}

_TEMPLATES: Mapping[str, str] = {
    "at_least": N_("%(what)s at least %(value)s"),
    "at_most": N_("%(what)s at most %(value)s"),
    "equals": N_("%(what)s is %(value)s"),
    "between": N_("%(what)s from %(low)s to %(high)s"),
    "known": N_("%(what)s is known"),
    "unknown": N_("%(what)s is not known"),
    "within_days": N_("%(what)s within the last %(value)s days"),
    "not_within_days": N_("%(what)s more than %(value)s days ago"),
    "before": N_("%(what)s before %(value)s"),
    "since": N_("%(what)s on or after %(value)s"),
    "anniversary_within_days": N_("anniversary of “%(what)s” within the next %(value)s days"),
    "yes": N_("%(what)s: yes"),
    "no": N_("%(what)s: no"),
    "in": N_("%(what)s is %(value)s"),
    "not_in": N_("%(what)s is not %(value)s"),
    "all_of": N_("%(what)s: all of %(value)s"),
    "contains": N_("%(what)s contains “%(value)s”"),
    "starts_with": N_("%(what)s begins with “%(value)s”"),
}
_WHENS: Mapping[str, str] = {
    "within_days": N_("%(what)s of the last %(value)s days"),
    "not_within_days": N_("%(what)s more than %(value)s days ago"),
    "before": N_("%(what)s before %(value)s"),
    "since": N_("%(what)s on or after %(value)s"),
    "between": N_("%(what)s from %(low)s to %(high)s"),
    "within_days_of": N_("%(what)s within %(value)s days of “%(anchor)s”"),
}
_MEASURES: Mapping[str, str] = {
    "times": N_("number of %(what)s"),
    "days": N_("days with %(what)s"),
    "amount_minor": N_("amount of %(what)s"),
    "items": N_("items in %(what)s"),
}


def sentence_of(rule: Node, *, names: Names, currency: str = "CNY") -> Sentence:
    """Return the rule in words.

    Args:
        rule: the rule.
        names: what keys in it are called; keys without a name are shown as numbers.
        currency: of amounts.
    """
    return _Writer(names, currency).node(rule, outermost=True)


class _Writer:
    def __init__(self, names: Names, currency: str) -> None:
        self._names = names
        self._currency = currency

    def node(self, node: Node, *, outermost: bool = False) -> Sentence:
        if isinstance(node, All | AnyOf):
            template = N_("%(first)s, and %(second)s") if isinstance(node, All) else N_("%(first)s, or %(second)s")
            joined = _joined([self.node(part) for part in node.parts], template)
            return (
                joined if outermost or len(node.parts) == 1 else Sentence(N_("(%(what)s)"), {"what": joined.as_json()})
            )
        if isinstance(node, Not):
            return Sentence(N_("not: %(what)s"), {"what": self.node(node.part).as_json()})
        if isinstance(node, InSegment):
            return Sentence(N_("in the segment “%(name)s”"), {"name": self._named("segments", node.segment_id)})
        return self._happened(node) if isinstance(node, Happened) else self._compared(node)

    def _compared(self, test: Compared) -> Sentence:
        return self._comparison(Sentence(test.fact.title), test.fact, test.comparison, test.value)

    def _comparison(self, what: Sentence, fact: Field, comparison: str, value: Value) -> Sentence:
        told: dict[str, Any] = {"what": what.as_json()}
        if comparison == "between" and isinstance(value, tuple):
            told |= {"low": self._value(fact, value[0]), "high": self._value(fact, value[1])}
        elif isinstance(value, tuple):
            told["value"] = self._listed(fact, value)
        elif value is not None:
            told["value"] = value if comparison.endswith("within_days") else self._value(fact, value)
        return Sentence(_TEMPLATES[comparison], told)

    def _happened(self, test: Happened) -> Sentence:
        what = self._when(Sentence(test.what.title), test.when)
        if test.where:
            conditions = _joined([self._compared(one) for one in test.where], N_("%(first)s, and %(second)s"))
            what = Sentence(N_("%(what)s (%(where)s)"), {"what": what.as_json(), "where": conditions.as_json()})
        if test.comparison in {"did", "did_not"}:
            template = N_("has %(what)s") if test.comparison == "did" else N_("has no %(what)s")
            return Sentence(template, {"what": what.as_json()})
        measured = test.what.measure_named(test.measure) or Field(test.measure, "", "number", "")
        counted = Sentence(_MEASURES[test.measure], {"what": what.as_json()})
        return self._comparison(counted, measured, test.comparison, test.value)

    def _when(self, what: Sentence, when: When) -> Sentence:
        if when.kind == "ever":
            return what
        told: dict[str, Any] = {"what": what.as_json()}
        if isinstance(when.value, tuple):
            told |= {"low": _day(when.value[0]), "high": _day(when.value[1])}
        else:
            told["value"] = _day(when.value)
        if when.anchor is not None:
            told["anchor"] = Sentence(when.anchor.title).as_json()
        return Sentence(_WHENS[when.kind], told)

    def _listed(self, fact: Field, values: Sequence[Any]) -> dict[str, Any]:
        named = [_as_sentence(self._value(fact, value)) for value in values[:_MOST_NAMED]]
        listed = _joined(named, N_("%(first)s or %(second)s"))
        more = len(values) - len(named)
        if more:
            listed = Sentence(N_("%(what)s or %(n)s more"), {"what": listed.as_json(), "n": more})
        return listed.as_json()

    def _value(self, fact: Field, value: Any) -> Any:
        if fact.kind == "money":
            return Sentence("%(value_minor)s", {"value_minor": value, "currency": self._currency}).as_json()
        if fact.lookup:
            return self._named(fact.lookup, value)
        if value in fact.choices:
            return fact.choices[value].as_json()
        return _day(value)

    def _named(self, names: str, key: Any) -> str:
        return self._names.get(names, {}).get(key) or f"#{key}"


def _joined(parts: Sequence[Sentence], template: str) -> Sentence:
    whole = parts[0]
    for part in parts[1:]:
        whole = Sentence(template, {"first": whole.as_json(), "second": part.as_json()})
    return whole


def _as_sentence(value: Any) -> Sentence:
    return Sentence.from_json(value) if isinstance(value, Mapping) else Sentence("%(value)s", {"value": value})


def _day(value: Any) -> Any:
    return Sentence("%(value_date)s", {"value_date": value.isoformat()}).as_json() if isinstance(value, date) else value
