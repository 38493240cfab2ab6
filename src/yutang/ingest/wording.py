"""The words by which files of unknown making name what a target needs; each domain registers its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from yutang.ingest.values import ValueKind
from yutang.kit.registry import Registry


@dataclass(frozen=True)
class FieldWords:
    """How one field is named.

    Attributes:
        kind: what its cells hold; the sample is held against it.
        words: header names, the surest first, Chinese and English. A word beginning with ``~`` also counts as a part of
            a longer name.
        pattern: regular expression that most cells of the column match, where the cells alone give the field away.
    """

    kind: ValueKind
    words: tuple[str, ...]
    pattern: str = ""


@dataclass(frozen=True)
class TargetWords:
    """How the fields of one target are named.

    Attributes:
        target: code of the target.
        fields: field → its words.
        needs: a file is for this target when it has, of each group, at least one field.
        revise: takes the columns found and the sample, and returns the columns as the domain knows better; None if it
            has nothing to add.
    """

    target: str
    fields: Mapping[str, FieldWords]
    needs: tuple[frozenset[str], ...]
    revise: Callable[[dict[str, int], Sequence[Sequence[str]]], dict[str, int]] | None = None


WORDS: Registry[TargetWords] = Registry(what="words of import targets", name_of=lambda words: words.target)

_NOT_LETTERS = re.compile(r"[\s_\-./#:：、()\[\]【】「」*\"'’]+")
_UNIT = re.compile(r"[(\[](?:元|件|个|cny|rmb|usd|¥|￥|\$|yuan|pcs|人|次)[)\]]$")


def same_name(name: str) -> str:
    """Return a header name as it is compared between exports: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def plain_name(name: str) -> str:
    """Return a header name as it is compared with words: letters and digits only, without a unit in brackets."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    return _NOT_LETTERS.sub("", _UNIT.sub("", folded))
