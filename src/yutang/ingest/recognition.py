"""What a file is: by its header one of the known formats, or else by words and values the nearest guess."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.formats import FORMATS, Format
from yutang.ingest.marks import ROW_MARK
from yutang.ingest.values import ValueKind, parse
from yutang.ingest.wording import WORDS, FieldWords, TargetWords, plain_name, same_name

#: Share of a format's signature that a header must have.
_ENOUGH = 0.6
_EXACT, _PART, _BY_VALUES = 100.0, 60.0, 30.0
#: So many of a field's words are sure: they name nothing else.
_SURE_WORDS = 2
#: Share of filled sample cells that must be readable for a column to be of a kind.
_READABLE = 0.8
#: Columns that must be understood of a header of twice as many or more.
_TELLING_COLUMNS = 2
#: Filled sample cells from which on their share tells.
_TELLING_ROWS = 10
Sample = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Recognition:
    """A known format and where its fields stand.

    Attributes:
        format: the format.
        columns: target field → column position.
        extras: fields that only the format's `adjust` reads (their names begin with ``_``) → column position.
        share: part of the format's signature that the header has. Ratio.
    """

    format: Format
    columns: Mapping[str, int]
    extras: Mapping[str, int]
    share: float


def recognise(header: Sequence[str]) -> Recognition | None:
    """Return the known format that a header belongs to, or None.

    Columns may be added, missing and in any order; stray spaces, width and case of letters do not matter. Of columns
    of one name the first counts.
    """
    positions = _positions(header)
    candidates = [found for form in FORMATS if (found := _recognition(form, positions)).share >= _ENOUGH]
    return max(candidates, key=_rank, default=None)


def header_digest(header: Sequence[str]) -> str:
    """Return what is equal for headers of the same columns, whatever their order and spacing."""
    names = sorted(same_name(name) for name in header if name != ROW_MARK)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def suggest(header: Sequence[str], sample: Sample, target: str) -> dict[str, int]:
    """Return the likely column of each field of a target, by its name and by what its cells hold.

    Args:
        header: names of the columns.
        sample: first rows, ``""`` for an empty cell.
        target: code of the target.

    Returns:
        Field → column position; each column at most once. Fields without a likely column are missing.
    """
    if target not in WORDS:
        return {}
    names = [plain_name(name) for name in header]
    columns = [pa.array([row[at] or None for row in sample if at < len(row)], pa.string()) for at in range(len(header))]
    scores = [
        (score, -at, field)
        for field, words in WORDS[target].fields.items()
        for at, name in enumerate(names)
        if (score := _score(name, columns[at], words)) > 0
    ]
    chosen: dict[str, int] = {}
    for _, minus_at, field in sorted(scores, key=lambda s: (-s[0], -s[1])):
        if field not in chosen and -minus_at not in chosen.values():
            chosen[field] = -minus_at
    revise = WORDS[target].revise
    return revise(chosen, sample) if revise else chosen


def suggest_target(header: Sequence[str], sample: Sample) -> str | None:
    """Return the target that explains most of a header, or None where that one lacks what it needs.

    A sales list whose order number is called something unheard-of is so not taken for a list of customers, nor a file of
    several columns of which one alone is understood for anything.
    """
    best: tuple[int, float, str] | None = None
    for words in WORDS:
        columns = suggest(header, sample, words.target)
        is_met = all(group & columns.keys() for group in words.needs)
        merit = (len(columns), _merit(columns, header, words), words.target if is_met else "")
        best = merit if best is None else max(best, merit, key=lambda m: (m[0], m[2] != "", m[1]))
    if best is None or (best[0] < _TELLING_COLUMNS <= len(header) - _TELLING_COLUMNS):
        return None
    return best[2] or None


def _positions(header: Sequence[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for at, name in enumerate(header):
        positions.setdefault(same_name(name), at)
    return positions


def _recognition(form: Format, positions: Mapping[str, int]) -> Recognition:
    found = {
        field: next((positions[same_name(name)] for name in names if same_name(name) in positions), None)
        for field, names in form.columns.items()
    }
    present = {field: at for field, at in found.items() if at is not None}
    known = sum(1 for name in form.signature if same_name(name) in positions)
    share = known / len(form.signature)
    return Recognition(
        format=form,
        columns={field: at for field, at in present.items() if not field.startswith("_")},
        extras={field: at for field, at in present.items() if field.startswith("_")},
        share=share if all(key in present for key in form.keys) else 0.0,
    )


def _rank(recognition: Recognition) -> tuple[int, float]:
    """Prefer the format that reads more of the file: a report of few columns is often part of a larger one."""
    return len(recognition.columns), recognition.share


def _score(name: str, cells: pa.StringArray, words: FieldWords) -> float:
    """Return how well a column fits a field; 0 where it does not."""
    by_name = _name_score(name, words)
    filled = len(cells) - cells.null_count
    if not filled:
        return by_name
    if words.pattern and by_name == 0:
        matching = pc.sum(pc.match_substring_regex(cells, words.pattern)).as_py() or 0
        return _BY_VALUES if matching >= _READABLE * filled else 0.0
    # What the surest words name is that, also where its cells are unreadable: their rows are then kept with the reason.
    is_sure = by_name > _EXACT - _SURE_WORDS / 10
    return by_name if by_name and (is_sure or _holds(cells, words.kind, filled)) else 0.0


def _name_score(name: str, words: FieldWords) -> float:
    best = 0.0
    for rank, word in enumerate(words.words):
        plain = plain_name(word.removeprefix("~"))
        if name == plain:
            return _EXACT - rank / 10
        if word.startswith("~") and plain in name:
            best = max(best, _PART - rank / 10 + len(plain) / len(name))
    return best


def _holds(cells: pa.StringArray, kind: ValueKind, filled: int) -> bool:
    """Return whether most filled cells can be read as the kind; days may stand in either order."""
    if kind is ValueKind.PHONE:
        digits = pc.sum(pc.match_substring_regex(cells, r"^\D{0,3}[\d*＊xX ()+\-]{5,20}$|^(##|\$\$)")).as_py() or 0
        return bool(digits >= filled / 2)
    if kind is ValueKind.EMAIL:
        return bool((pc.sum(pc.match_substring_regex(cells, "@")).as_py() or 0) >= filled / 2)
    parsed = parse(kind, cells, day_first=True) if kind in {ValueKind.DATETIME, ValueKind.DATE} else parse(kind, cells)
    readable = filled - (len(parsed.problems) - parsed.problems.null_count)
    if kind in {ValueKind.DATETIME, ValueKind.DATE} and readable < _READABLE * filled:
        month_first = parse(kind, cells, day_first=False).problems
        readable = filled - (len(month_first) - month_first.null_count)
    # A few rows prove little: one slip among three must not hide the column that the header names.
    enough = _READABLE if filled >= _TELLING_ROWS else 0.5
    return readable >= enough * filled or kind is ValueKind.ID


def _merit(columns: Mapping[str, int], header: Sequence[str], words: TargetWords) -> float:
    """Return how much of the header a target explains; what it needs counts double."""
    needed = frozenset().union(*words.needs)
    return (len(columns) + len(needed & columns.keys())) / max(len(header), 1)
