"""Cells of files as they are shown to who does not import: the first character, then stars.

Any column may hold a name, a phone or an address under whatever header, so all of them are masked alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yutang.foundation.access import Actor
from yutang.kit.text import Sentence

_MOST_STARS = 6


def sees_cells(access: Actor) -> bool:
    """Return whether the actor sees what stands in files: who imports must read what is to be mended."""
    return access.can("imports.run")


def masked_cell(text: str) -> str:
    """Return a cell of which only the first character is told."""
    return text[:1] + "*" * min(max(len(text) - 1, 0), _MOST_STARS)


def masked_sentence(sentence: Sentence) -> Sentence:
    """Return a sentence in which the texts that it quotes are masked, those inside it too, but for the names of columns."""
    told = {name: value if name == "column" else _masked(value) for name, value in sentence.values.items()}
    return Sentence(sentence.template, told)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping) and "template" in value:
        return masked_sentence(Sentence.from_json(value)).as_json()
    return masked_cell(value) if isinstance(value, str) else value
