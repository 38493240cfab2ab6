"""Sentences that are stored or raised in one place and read in a person's language in another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: English names of what is counted, where there is one of it.
_ONE_OF = {
    "customers": "customer",
    "days": "day",
    "files": "file",
    "messages": "message",
    "months": "month",
    "orders": "order",
    "people": "person",
    "posts": "post",
    "products": "product",
    "promotions": "promotion",
    "rows": "row",
    "stores": "store",
    "tasks": "task",
    "times": "time",
    "weeks": "week",
}
_ONE = re.compile(rf"(?<![\d.,])1 ({'|'.join(_ONE_OF)})\b")
#: Places of a template right behind which it has a full stop of its own.
_ENDING = re.compile(r"%\((\w+)\)s[.。]")


def N_(message: str) -> str:
    """Mark a message for translation and return it unchanged; the door that shows it translates it."""
    return message


@dataclass(frozen=True)
class Sentence:
    """A translatable template and the values that fill it.

    Attributes:
        template: English message marked with `N_`, with ``%(name)s`` places.
        values: what fills the places; JSON-able, so that a sentence can be stored.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the sentence as a JSON object that `from_json` reads back."""
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Sentence:
        """Return the sentence that `as_json` stored."""
        return cls(stored["template"], stored.get("values", {}))

    def __str__(self) -> str:
        return filled(self.template, self.values)


@dataclass(frozen=True)
class Sentences:
    """Several sentences as one value of another; each is translated by itself.

    Attributes:
        each: the sentences.
        between: what stands between two of them.
    """

    each: tuple[Sentence, ...]
    between: str = "\n"

    def __str__(self) -> str:
        return self.between.join(map(str, self.each))


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Return a translated template with its values, and with one day, not ``1 days``.

    Sentences with several counts are beyond what gettext's plural forms can tell, and Chinese has none.
    """
    if not values:
        return template
    for name in _ENDING.findall(template):
        # A whole sentence as a value brings its full stop; the template has its own behind it.
        if isinstance(values[name], str) and values[name].rstrip().endswith((".", "。")) and values[name].strip(".。 "):
            values = {**values, name: values[name].rstrip().rstrip(".。")}
    return _ONE.sub(lambda found: f"1 {_ONE_OF[found[1]]}", template % values)
