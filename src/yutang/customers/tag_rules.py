"""Rules by which tags are given: a small JSON over facts of the orders, which the insight room evaluates.

A rule is ``{"all": [{"field", "is", "value"}, …]}``: every condition must hold.
"""

from __future__ import annotations

from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Comparisons by field; a stage is one of several, the others are numbers.
RULE_FIELDS = {
    "stage": ("in",),
    "spend_minor": ("at_least", "at_most"),
    "orders": ("at_least", "at_most"),
    "days_since_last_order": ("at_least", "at_most"),
}
_MOST_CONDITIONS = 10


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
