"""What rules may ask for, as programs and builders of rules read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yutang.kit.text import Sentence
from yutang.lake.fields import FIELDS, HAPPENINGS, Field
from yutang.segments.rules.reading import COMPARISONS, HAPPENED, WHENS
from yutang.segments.rules.wording import MEASURE_TITLES

Say = Callable[[Sentence], str]


def described_fields(say: Say) -> list[dict[str, Any]]:
    """Return every field with its kind, comparisons and choices."""
    return [_described(one, say) for one in FIELDS]


def described_happenings(say: Say) -> list[dict[str, Any]]:
    """Return everything that happens to people, with measures, days and properties."""
    return [
        {
            "name": one.name,
            "title": say(Sentence(one.title)),
            "kind": "event",
            "is": list(HAPPENED),
            "measures": {
                **{name: say(Sentence(title)) for name, title in MEASURE_TITLES.items()},
                **{measure.name: say(Sentence(measure.title)) for measure in one.measures},
            },
            "money": [measure.name for measure in one.measures if measure.kind == "money"],
            "when": list(WHENS),
            "where": [_described(fact, say) for fact in one.properties],
        }
        for one in HAPPENINGS
    ]


def _described(fact: Field, say: Say) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": fact.name,
        "title": say(Sentence(fact.title)),
        "kind": fact.kind,
        "group": say(Sentence(fact.group)) if fact.group else "",
        "unit": say(Sentence(fact.unit)) if fact.unit else "",
        "is": list(COMPARISONS[fact.kind]),
    }
    if fact.choices:
        told["choices"] = {value: say(title) for value, title in fact.choices.items()}
    return {**told, "keys_of": fact.lookup} if fact.lookup else told
