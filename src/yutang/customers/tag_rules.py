"""Rules by which tags are given: a small JSON over facts of the orders, which the insight room evaluates.

A rule is ``{"all": [{"field", "is", "value"}, …]}``: every condition must hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

#: Comparisons by field; a stage is one of several, the others are numbers.
RULE_FIELDS = {
    "stage": ("in",),
    "spend_minor": ("at_least", "at_most"),
    "orders": ("at_least", "at_most"),
    "days_since_last_order": ("at_least", "at_most"),
}
_MOST_CONDITIONS = 10

#: What a condition says to a person.
_WORDS = {
    ("stage", "in"): N_("stage: %(value)s"),
    ("spend_minor", "at_least"): N_("spent at least %(value_minor)s"),
    ("spend_minor", "at_most"): N_("spent at most %(value_minor)s"),
    ("orders", "at_least"): N_("at least %(value)s orders"),
    ("orders", "at_most"): N_("at most %(value)s orders"),
    ("days_since_last_order", "at_least"): N_("last order %(value)s days ago or earlier"),
    ("days_since_last_order", "at_most"): N_("last order within %(value)s days"),
}


class RuleIsInvalid(DomainError):
    """The rule does not say what it asks for."""

    code: ClassVar[str] = "rule_is_invalid"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The rule cannot be read: it is a list of one to ten conditions over stage, spend, orders and days since the last order."
    )


def checked_rule(rule: Any) -> dict[str, Any]:
    """Return the rule as it is kept.

    Raises:
        RuleIsInvalid: it is not a rule.
    """
    conditions = rule.get("all") if isinstance(rule, dict) and set(rule) == {"all"} else None
    if not isinstance(conditions, list) or not 1 <= len(conditions) <= _MOST_CONDITIONS:
        raise RuleIsInvalid
    return {"all": [_checked(condition) for condition in conditions]}


def rule_words(rule: dict[str, Any], *, stage_name: Callable[[str], str]) -> tuple[Sentence, ...]:
    """Return what a kept rule asks for, a sentence a condition; all must hold.

    Args:
        rule: as `checked_rule` returned it.
        stage_name: what the reader calls a stage.
    """
    return tuple(_worded(condition, stage_name) for condition in rule["all"])


def _worded(condition: dict[str, Any], stage_name: Callable[[str], str]) -> Sentence:
    template = _WORDS[condition["field"], condition["is"]]
    value = condition["value"]
    if condition["is"] == "in":
        return Sentence(template, {"value": " / ".join(stage_name(code) for code in value)})
    return Sentence(template, {"value_minor" if condition["field"] == "spend_minor" else "value": value})


def _checked(condition: Any) -> dict[str, Any]:
    if not isinstance(condition, dict) or set(condition) != {"field", "is", "value"}:
        raise RuleIsInvalid
    field, comparison, value = condition["field"], condition["is"], condition["value"]
    if field not in RULE_FIELDS or comparison not in RULE_FIELDS[field]:
        raise RuleIsInvalid
    if comparison == "in":
        fits = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    else:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not fits:
        raise RuleIsInvalid
    return {"field": field, "is": comparison, "value": value}
