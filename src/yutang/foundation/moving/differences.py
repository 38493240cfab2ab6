"""In what a table differs between both sides: which rows one side lacks, and which hold something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from yutang.kit.text import N_, Sentence, Sentences

if TYPE_CHECKING:
    from yutang.foundation.moving.source import Source
    from yutang.foundation.moving.tables import MovedTable
    from yutang.foundation.moving.target import Target

#: Keys of rows that are named, of each kind of difference.
_NAMED = 5
_LINE = N_("%(table)s: %(kinds)s")
_KINDS = {
    "only_in_sqlite": N_("%(count)s rows only in SQLite (%(keys)s)"),
    "only_in_postgresql": N_("%(count)s rows only in PostgreSQL (%(keys)s)"),
    "unequal": N_("%(count)s rows with other content (%(keys)s)"),
}
_UNNUMBERED = N_(
    "%(table)s: %(sqlite)s rows in SQLite, %(postgresql)s rows in PostgreSQL, not all the same; they have no number to name them by"
)


def difference_of(source: Source, target: Target, table: MovedTable) -> dict[str, Any]:
    """Return in what a table differs, JSON-able: its name, its key, and count and first keys of each kind of difference.

    Of a table whose rows have no number only the rows of both sides are counted. Otherwise both sides are read once more, by key.
    """
    if table.counted is None:
        counts = {"sqlite": source.count(table), "postgresql": target.count(table)}
        return {"table": table.name, "key": None, "rows": counts}
    found: dict[str, dict[str, Any]] = {kind: {"count": 0, "keys": []} for kind in _KINDS}
    for kind, key in _differing(source, target, table):
        found[kind]["count"] += 1
        if len(found[kind]["keys"]) < _NAMED:
            found[kind]["keys"].append(key)
    return {"table": table.name, "key": table.counted, **{kind: each for kind, each in found.items() if each["count"]}}


def told_of_difference(found: Mapping[str, Any]) -> Sentence:
    """Return as a sentence what `difference_of` found."""
    if found["key"] is None:
        return Sentence(_UNNUMBERED, {"table": found["table"], **found["rows"]})
    kinds = tuple(
        Sentence(template, {"count": found[kind]["count"], "keys": _named(found["key"], **found[kind])})
        for kind, template in _KINDS.items()
        if kind in found
    )
    return Sentence(_LINE, {"table": found["table"], "kinds": Sentences(kinds, between=" · ")})


def _differing(source: Source, target: Target, table: MovedTable) -> Iterator[tuple[str, int]]:
    """Yield the kind of difference and the key of each row that is not the same on both sides, by key."""
    end: tuple[float, bytes] = (float("inf"), b"")
    with closing(source.lines_by_key(table)) as ours, closing(target.lines_by_key(table)) as theirs:
        left, right = next(ours, end), next(theirs, end)
        while left != end or right != end:
            key = int(min(left[0], right[0]))
            if left[0] < right[0]:
                yield "only_in_sqlite", key
            elif right[0] < left[0]:
                yield "only_in_postgresql", key
            elif left != right:
                yield "unequal", key
            left = next(ours, end) if left[0] == key else left
            right = next(theirs, end) if right[0] == key else right


def _named(key: str, *, count: int, keys: list[int]) -> str:
    return f"{key} {', '.join(map(str, keys))}{', …' if count > len(keys) else ''}"
