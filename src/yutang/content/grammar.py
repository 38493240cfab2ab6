"""The small grammar of variables in a text: ``{{ name|fall-back }}``. Between the braces nothing is computed, and nothing else is known.

A fall-back is what who lacks the value reads; it may be empty. Without one, who lacks the value cannot be told this text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Longest fall-back. Characters.
LONGEST_FALLBACK = 60
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_LOOSE = re.compile(r"\{\{|\}\}")
_SHOWN = 40
#: So many names are told in a sentence.
_NEAREST = 3
#: From here on a name is like another. 0-1, see `SequenceMatcher.ratio`.
_ALIKE = 0.5


class VariableIsUnreadable(DomainError):
    """Braces that do not close, or that hold no name."""

    code: ClassVar[str] = "variable_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Line %(line)s, character %(column)s: “%(written)s” is no variable. "
        "Write {{ name|fall-back }} with one name, two braces before and "
        "two after it, and a fall-back of at most 60 characters."
    )


class VariableIsUnknown(DomainError):
    """There is no variable of this name."""

    code: ClassVar[str] = "variable_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Line %(line)s, character %(column)s: there is no variable “%(name)s”. Nearest to it: %(nearest)s; there are %(count)s in all."
    )


@dataclass(frozen=True)
class Place:
    """A variable in a text.

    Attributes:
        name: of the variable, as the registry has it.
        fallback: what stands there where the value is not known; None: there is none.
    """

    name: str
    fallback: str | None


@dataclass(frozen=True)
class Template:
    """A text in pieces: words as they are, and places of variables, in order."""

    pieces: tuple[str | Place, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, each once, in the order in which they first stand."""
        return tuple(dict.fromkeys(piece.name for piece in self.pieces if isinstance(piece, Place)))

    def lacking(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the variables that have neither a value nor a fall-back: with any of them the text cannot be said."""
        places = (piece for piece in self.pieces if isinstance(piece, Place))
        return tuple(
            dict.fromkeys(place.name for place in places if place.fallback is None and not values.get(place.name))
        )

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with values in its places; a value that is not known is its fall-back, or nothing."""
        return "".join(
            piece if isinstance(piece, str) else values.get(piece.name) or piece.fallback or "" for piece in self.pieces
        )

    def values_in_order(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return what stands in the places, by name, in the order in which they first stand, as gateways of short messages want it."""
        shown: dict[str, str] = {}
        for piece in self.pieces:
            if isinstance(piece, Place):
                shown.setdefault(piece.name, values.get(piece.name) or piece.fallback or "")
        return shown


def template_of(text: str, *, known: Mapping[str, str]) -> Template:
    """Return a text in pieces.

    Args:
        text: as written.
        known: how a variable may be called (each of its names) -> its name in the registry.

    Raises:
        VariableIsUnreadable: braces that do not close, or hold no name.
        VariableIsUnknown: a name that is none.
    """
    pieces: list[str | Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        pieces.append(_plain(text, end, found.start()))
        pieces.append(_place(text, found, known))
        end = found.end()
    pieces.append(_plain(text, end, len(text)))
    return Template(tuple(piece for piece in pieces if piece))


def place_in(text: str, offset: int) -> tuple[int, int]:
    """Return line and character, both counted from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _plain(text: str, start: int, end: int) -> str:
    loose = _LOOSE.search(text, start, end)
    if loose:
        raise _unreadable(text, loose.start(), loose.start() + _SHOWN)
    return text[start:end]


def _place(text: str, found: re.Match[str], known: Mapping[str, str]) -> Place:
    name, has_fallback, fallback = found[1].partition("|")
    name, fallback = name.strip(), fallback.strip()
    if not name or "|" in fallback or "\n" in found[1] or len(fallback) > LONGEST_FALLBACK:
        raise _unreadable(text, found.start(), found.end())
    if name not in known:
        line, column = place_in(text, found.start())
        raise VariableIsUnknown(
            line=line,
            column=column,
            name=name[:_SHOWN],
            nearest=", ".join(_nearest(name, known)),
            count=len(set(known.values())),
            known=list(known),
        )
    return Place(known[name], fallback if has_fallback else None)


def _nearest(name: str, known: Mapping[str, str]) -> list[str]:
    """Return the names most like one that is none, of those in its script: at least one, at most `_NEAREST`."""
    alike = [one for one in known if one.isascii() == name.isascii()] or list(known)
    wanted = name.casefold()
    ranked = sorted(alike, key=lambda one: -SequenceMatcher(None, wanted, one.casefold()).ratio())
    near = [one for one in ranked if SequenceMatcher(None, wanted, one.casefold()).ratio() >= _ALIKE]
    return (near or ranked)[:_NEAREST]


def _unreadable(text: str, start: int, end: int) -> VariableIsUnreadable:
    line, column = place_in(text, start)
    return VariableIsUnreadable(line=line, column=column, written=text[start : min(end, start + _SHOWN)])
