"""Help whose tables cut nothing: what is too long for a column goes on in the next line, Chinese between any two characters.

Rich breaks lines between words and cuts a word that is longer than its column; Chinese is written without spaces, so that a whole
sentence is one word to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import rich.table
from rich.cells import cell_len, chop_cells
from rich.columns import Columns
from rich.containers import Lines
from rich.text import Text

#: What no line ends with, and what none begins with.
_OPENING, _CLOSING = frozenset("（「『【《〈“(["), frozenset("）」』】》〉”，。、；：！？…,.;:!?)]")


class UncutTable(rich.table.Table):
    """A table that breaks the lines of its texts with `breaks`."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row, as Rich does."""
        super().add_row(*map(_uncut, cells), **options)


class UncutColumns(Columns):
    """Texts beside each other, whose lines are broken with `breaks`."""

    def __init__(self, texts: Iterable[Any], **options: Any) -> None:
        super().__init__(map(_uncut, texts), **options)


class _Uncut(Text):
    def wrap(self, console: Any, width: int, **options: Any) -> Lines:
        """Return the lines of the text."""
        if options.get("no_wrap"):
            return super().wrap(console, width, **options)
        lines = Lines()
        for line in self.split(allow_blank=True):
            lines.extend(line.divide(breaks(line.plain, width=width)))
        for line in lines:
            line.rstrip_end(width)
        return lines


def breaks(text: str, *, width: int) -> list[int]:
    """Return where the lines of a text begin but the first: counts of characters before them.

    Args:
        text: without line breaks.
        width: of a line. Cells, of which a Chinese character takes two; ``>= 1``.

    Returns:
        A break within a word only where the word is longer than a line.
    """
    found: list[int] = []
    used = 0
    for start, end in _words(text):
        word = text[start:end]
        if used + cell_len(word.rstrip()) > width:
            if used:
                found.append(start)
            at = start
            for part in chop_cells(word.rstrip(), width)[:-1]:
                at += len(part)
                found.append(at)
            used = cell_len(text[at:end])
        else:
            used += cell_len(word)
    return found


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each part that stays together begins and ends, with the spaces behind it."""
    start = 0
    for at in range(1, len(text)):
        if _may_part(text[at - 1], text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


def _may_part(before: str, after: str) -> bool:
    if after.isspace():
        return False
    if before.isspace():
        return True
    if before in _OPENING or after in _CLOSING:
        return False
    return 2 in {cell_len(before), cell_len(after)}


def _uncut(cell: Any) -> Any:
    """Return a text as one that is never cut; anything else as it is."""
    if not isinstance(cell, Text):
        return cell
    return _Uncut(
        cell.plain,
        cell.style,
        justify=cell.justify,
        no_wrap=cell.no_wrap,
        end=cell.end,
        tab_size=cell.tab_size,
        spans=list(cell.spans),
    )
