"""References between segments: put the rules in their places, refuse circles."""

from __future__ import annotations

from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.models import Segment
from yutang.segments.rules.reading import MOST_NODES, rule_from_json
from yutang.segments.rules.tree import Node, leaves, replaced, segments_in


class NoSuchSegment(DomainError):
    """There is no such segment."""

    code: ClassVar[str] = "no_such_segment"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no segment %(segment_id)s.")


class SegmentsGoInCircles(DomainError):
    """A rule asks for itself by way of other segments."""

    code: ClassVar[str] = "segments_go_in_circles"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The rule of segment %(segment_id)s comes back to itself. Take one of the references out."
    )


class RuleIsTooLong(DomainError):
    """With all segments that it refers to, the rule has more conditions than one query should."""

    code: ClassVar[str] = "segment_rule_is_too_long"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Together with the segments that it refers to, the rule has more than %(most)s conditions. Make it shorter."
    )


def whole_rule(rule: Node, *, of_segment: int | None = None) -> Node:
    """Return the rule with those of all segments that it refers to put in their places.

    Args:
        rule: the rule.
        of_segment: the segment whose rule it is; None for one that is not saved.

    Raises:
        NoSuchSegment: it refers to one that does not exist.
        SegmentsGoInCircles: a reference leads back.
        RuleIsTooLong: the whole would be too long.
    """
    return _filled(rule, _rules_behind(rule), () if of_segment is None else (of_segment,))


def _rules_behind(rule: Node) -> dict[int, Node]:
    """Return the rules of all segments behind a rule, level by level: one question to the store a level."""
    found: dict[int, Node] = {}
    wanted = segments_in(rule)
    while wanted:
        stored: dict[int, Any] = dict(Segment.objects.filter(pk__in=wanted).values_list("pk", "rule"))
        missing = wanted - set(stored)
        if missing:
            raise NoSuchSegment(segment_id=min(missing))
        level = {key: rule_from_json(told) for key, told in stored.items()}
        found |= level
        wanted = {key for node in level.values() for key in segments_in(node)} - set(found)
    return found


def _filled(rule: Node, rules: dict[int, Node], above: tuple[int, ...]) -> Node:
    parts: dict[int, Node] = {}
    for key in segments_in(rule):
        if key in above:
            raise SegmentsGoInCircles(segment_id=key)
        parts[key] = _filled(rules[key], rules, (*above, key))
    whole = replaced(rule, parts)
    if sum(1 for _ in leaves(whole)) > MOST_NODES:
        raise RuleIsTooLong(most=MOST_NODES)
    return whole
