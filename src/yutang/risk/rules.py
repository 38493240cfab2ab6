"""Rules as data: what a version of the rules may hold, how it is read, and what it says of facts. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.risk.asks import HARDNESS, KINDS, Reason, Verdict
from yutang.risk.fact_list import FACTS

#: How a fact is compared with a number.
COMPARISONS: dict[str, Callable[[int, int], bool]] = {">=": operator.ge, "<=": operator.le, "==": operator.eq}
MOST_RULES, MOST_CONDITIONS, MOST_REASONS = 60, 6, 4
_LARGEST = 10**12
_CODE_LONGEST = 40
#: Fields of a version that are whole numbers, with their bounds.
_NUMBERS = {"slow_from": (1, 1_000), "review_from": (1, 1_000), "refuse_from": (1, 1_000), "wait_seconds": (5, 3_600)}
_RULE_FIELDS = {"code", "kinds", "programmes", "when", "points", "verdict", "is_on"}


class GuardRuleIsWrong(DomainError):
    """A version of the rules cannot be like this."""

    code: ClassVar[str] = "guard_rule_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact compared with a number."""

    fact: str
    comparison: str
    value: int

    def holds(self, facts: Mapping[str, int]) -> bool:
        """Return whether the facts fulfil it; a fact that is not there is 0."""
        return COMPARISONS[self.comparison](facts.get(self.fact, 0), self.value)


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for or against an ask, or a verdict, where all conditions hold.

    Attributes:
        code: name within its version.
        kinds: for which kinds of asks; empty: all.
        programmes: beginnings of programmes, such as ``groupbuy``; empty: all.
        when: conditions; all must hold. The first whose fact says something against somebody is the reason.
        points: for (below 0) or against. -200 to 200.
        verdict: what is answered at least; empty: the points alone decide.
        is_on: whether it counts.
    """

    code: str
    when: tuple[Condition, ...]
    kinds: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    points: int = 0
    verdict: str = ""
    is_on: bool = True

    def holds(self, kind: str, programme: str, facts: Mapping[str, int]) -> bool:
        """Return whether the rule speaks of an ask."""
        if not self.is_on or (self.kinds and kind not in self.kinds):
            return False
        if self.programmes and not any(_begins(programme, one) for one in self.programmes):
            return False
        return all(one.holds(facts) for one in self.when)


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of the rules: the points of all that hold are added up, and the sum decides."""

    rules: tuple[Rule, ...]
    slow_from: int
    review_from: int
    refuse_from: int
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What rules say of facts."""

    verdict: Verdict
    points: int
    reasons: tuple[Reason, ...]
    wait_seconds: int


def opinion(rules: Rules, *, kind: str, programme: str, facts: Mapping[str, int]) -> Opinion:
    """Return what a version of the rules says of facts: the harder of what the points and single rules say.

    Args:
        rules: the version.
        kind: of the ask.
        programme: of the ask.
        facts: as `facts.facts_of` counts them.
    """
    spoken = [rule for rule in rules.rules if rule.holds(kind, programme, facts)]
    points = sum(rule.points for rule in spoken)
    verdicts = [Verdict(rule.verdict) for rule in spoken if rule.verdict]
    verdict = max([_by_points(rules, points), *verdicts], key=HARDNESS.__getitem__)
    if verdict is Verdict.ALLOW:
        return Opinion(verdict, points, (), 0)
    wait = rules.wait_seconds if verdict is Verdict.SLOW else 0
    return Opinion(verdict, points, _reasons(spoken, facts), wait)


def _by_points(rules: Rules, points: int) -> Verdict:
    if points >= rules.refuse_from:
        return Verdict.REFUSE
    if points >= rules.review_from:
        return Verdict.REVIEW
    return Verdict.SLOW if points >= rules.slow_from else Verdict.ALLOW


def _reasons(spoken: Iterable[Rule], facts: Mapping[str, int]) -> tuple[Reason, ...]:
    """Return what spoke against the ask, the heaviest first, each fact once."""
    heavy = sorted(spoken, key=lambda rule: (-HARDNESS[Verdict(rule.verdict or "allow")], -rule.points))
    named: dict[str, Reason] = {}
    for rule in heavy:
        if rule.points <= 0 and not rule.verdict:
            continue
        fact = next((one.fact for one in rule.when if _is_reason(one)), "")
        if fact and fact not in named:
            named[fact] = Reason(fact, {"n": facts.get(fact, 0)})
    return tuple(named.values())[:MOST_REASONS] or (Reason("rules"),)


def _is_reason(condition: Condition) -> bool:
    """Return whether the sentence of a condition's fact is true where the condition holds."""
    fact = FACTS[condition.fact]
    return bool(fact.reason) and condition.comparison in {fact.speaks, "=="}


def read_rules(body: Any) -> Rules:
    """Return a version of the rules out of its JSON, after a look at all that cannot be.

    Raises:
        GuardRuleIsWrong: the first thing that cannot be, where it stands, and what is expected.
    """
    if not isinstance(body, Mapping):
        raise GuardRuleIsWrong(field="rules", written=_short(body), expected="{…}")
    unknown = set(body) - {*_NUMBERS, "rules"}
    if unknown:
        raise _unknown(min(map(str, unknown)), sorted({*_NUMBERS, "rules"}))
    numbers = {name: _whole(body.get(name), name, *bounds) for name, bounds in _NUMBERS.items()}
    if not numbers["slow_from"] <= numbers["review_from"] <= numbers["refuse_from"]:
        raise GuardRuleIsWrong(
            field="review_from", written=numbers["review_from"], expected="slow_from ≤ review_from ≤ refuse_from"
        )
    rows = body.get("rules")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_RULES:
        raise GuardRuleIsWrong(field="rules", written=_short(rows), expected=f"[…] ≤ {MOST_RULES}")
    rules = tuple(_rule(row, f"rules[{at}]") for at, row in enumerate(rows))
    codes = [rule.code for rule in rules]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise GuardRuleIsWrong(field="code", written=twice, expected="!= code")
    return Rules(rules, **numbers)


def as_json(rules: Rules) -> dict[str, Any]:
    """Return a version of the rules as the JSON that `read_rules` reads."""
    return {
        **{name: getattr(rules, name) for name in _NUMBERS},
        "rules": [
            {
                "code": rule.code,
                "kinds": list(rule.kinds),
                "programmes": list(rule.programmes),
                "when": [{"fact": one.fact, "is": one.comparison, "value": one.value} for one in rule.when],
                "points": rule.points,
                "verdict": rule.verdict,
                "is_on": rule.is_on,
            }
            for rule in rules.rules
        ],
    }


def _rule(row: Any, where: str) -> Rule:
    if not isinstance(row, Mapping):
        raise GuardRuleIsWrong(field=where, written=_short(row), expected="{…}")
    if unknown := set(row) - _RULE_FIELDS:
        raise _unknown(f"{where}.{min(map(str, unknown))}", sorted(_RULE_FIELDS))
    code = row.get("code")
    if not isinstance(code, str) or not 0 < len(code) <= _CODE_LONGEST or not code.replace("_", "").isalnum():
        raise GuardRuleIsWrong(field=f"{where}.code", written=_short(code), expected="a-z 0-9 _")
    when = row.get("when")
    if not isinstance(when, list) or not 0 < len(when) <= MOST_CONDITIONS:
        raise GuardRuleIsWrong(field=f"{where}.when", written=_short(when), expected=f"1 – {MOST_CONDITIONS}")
    verdict = row.get("verdict", "")
    if verdict not in {"", *(one.value for one in Verdict if one is not Verdict.ALLOW)}:
        raise GuardRuleIsWrong(field=f"{where}.verdict", written=_short(verdict), expected="slow, review, refuse")
    is_on = row.get("is_on", True)
    if not isinstance(is_on, bool):
        raise GuardRuleIsWrong(field=f"{where}.is_on", written=_short(is_on), expected="true, false")
    return Rule(
        code=code,
        when=tuple(_condition(one, f"{where}.when[{at}]") for at, one in enumerate(when)),
        kinds=_texts(row.get("kinds", []), f"{where}.kinds", set(KINDS)),
        programmes=_texts(row.get("programmes", []), f"{where}.programmes", None),
        points=_whole(row.get("points", 0), f"{where}.points", -200, 200),
        verdict=verdict,
        is_on=is_on,
    )


def _condition(row: Any, where: str) -> Condition:
    if not isinstance(row, Mapping) or set(row) != {"fact", "is", "value"}:
        raise GuardRuleIsWrong(field=where, written=_short(row), expected='{"fact", "is", "value"}')
    fact, comparison = row["fact"], row["is"]
    if not isinstance(fact, str) or fact not in FACTS:
        raise _unknown(f"{where}.fact", sorted(one.name for one in FACTS), written=_short(fact))
    if not isinstance(comparison, str) or comparison not in COMPARISONS:
        raise GuardRuleIsWrong(field=f"{where}.is", written=_short(comparison), expected=", ".join(COMPARISONS))
    return Condition(fact, comparison, _whole(row["value"], f"{where}.value", 0, _LARGEST))


def _texts(written: Any, where: str, known: set[str] | None) -> tuple[str, ...]:
    is_list = isinstance(written, list) and all(isinstance(one, str) and 0 < len(one) <= 64 for one in written)
    if not is_list or (known is not None and not set(written) <= known):
        raise GuardRuleIsWrong(field=where, written=_short(written), expected=", ".join(sorted(known or {"groupbuy"})))
    return tuple(written)


def _whole(written: Any, where: str, least: int, most: int) -> int:
    if not isinstance(written, int) or isinstance(written, bool) or not least <= written <= most:
        raise GuardRuleIsWrong(field=where, written=_short(written), expected=f"{least} – {most}")
    return written


def _unknown(where: str, known: Sequence[str], written: str = "") -> GuardRuleIsWrong:
    return GuardRuleIsWrong(field=where, written=written or where, expected=", ".join(known))


def _short(written: Any) -> str:
    return str(written)[:40]


def _begins(programme: str, beginning: str) -> bool:
    return programme == beginning or programme.startswith(f"{beginning}:")
