"""The effect in a table from elsewhere: one row a person (or several, added up), one column with the arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from yutang.experiments.methods.effects import LEAST_UNITS, Effect, Kind, effect_of
from yutang.experiments.methods.moments import Floats, moments_of
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_ENCODINGS = ("utf-8", "gb18030")
#: So many columns or values are named in a refusal.
_NAMED = 12


class TableIsUnreadable(DomainError):
    """A file is no table."""

    code: ClassVar[str] = "table_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(file)s cannot be read as a table: give a CSV with a first row of names, in UTF-8 or GB18030 (%(why)s)."
    )


class ColumnIsMissing(DomainError):
    """A column is not there."""

    code: ClassVar[str] = "column_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The table has no column %(column)s. It has: %(columns)s")


class ArmsAreUnclear(DomainError):
    """It is not said which two arms are to be compared."""

    code: ClassVar[str] = "arms_are_unclear"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Say which arm was held out (--held-out) and, of several others, which is compared with it (--treated). The column %(column)s "
        "holds: %(values)s"
    )


class CellIsNoNumber(DomainError):
    """An outcome is not a number."""

    code: ClassVar[str] = "cell_is_no_number"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Row %(row)s of the column %(column)s holds no number: %(value)s")


class UnitInTwoArms(DomainError):
    """Rows of one unit name several arms."""

    code: ClassVar[str] = "unit_in_two_arms"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(unit)s stands in several arms of the table, so that nothing can be compared.")


@dataclass(frozen=True)
class Comparison:
    """What a table says of one outcome.

    Attributes:
        outcome: name of the column.
        kind: ``share`` where it is 0 or 1 for everybody, else ``count``.
        units: people by arm: the arm that is compared, then the one held out. Count.
        means: of the outcome, likewise.
        effect: None where there are not enough people.
    """

    outcome: str
    kind: Kind
    units: tuple[int, int]
    means: tuple[float, float]
    effect: Effect | None


def read_table(*, path: Path) -> pa.Table:
    """Return a CSV, also a compressed one, all columns as text.

    Raises:
        TableIsUnreadable: it is none.
    """
    why = ""
    for encoding in _ENCODINGS:
        try:
            names = csv.open_csv(path, read_options=csv.ReadOptions(encoding=encoding)).schema.names
            return csv.read_csv(
                path,
                read_options=csv.ReadOptions(encoding=encoding),
                convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
            why = str(error).partition("\n")[0]
    raise TableIsUnreadable(file=path.name, why=why)


def compared_table(
    *,
    table: pa.Table,
    arm: str,
    outcomes: Sequence[str],
    unit: str | None = None,
    held_out: str | None = None,
    treated: str | None = None,
    before: Mapping[str, str] | None = None,
) -> tuple[str, str, tuple[Comparison, ...]]:
    """Return the two arms that are compared (first the one that is not held out) and what the table says of each outcome.

    Args:
        table: as `read_table` reads it.
        arm: column with the arm of each row.
        outcomes: columns with what happened.
        unit: column with the person; rows of one are added up. None: every row is one.
        held_out: value of the arm that was left out; None: the refusal names the values that there are.
        treated: value of the arm that is compared with it; None: the only other one.
        before: by outcome, the column with what was there before the draw.

    Raises:
        ColumnIsMissing: a column is not there.
        ArmsAreUnclear: there are not just two arms, and it is not said which are meant.
        UnitInTwoArms: rows of one unit name several arms.
        CellIsNoNumber: an outcome is not a number.
    """
    before = dict(before or {})
    for column in [arm, *outcomes, *before.values(), *([unit] if unit else [])]:
        if column not in table.column_names:
            raise ColumnIsMissing(column=column, columns=", ".join(table.column_names[:_NAMED]))
    first, second = _arms(table, arm, held_out, treated)
    units, arms = _units(table, arm, unit)
    compared = []
    for outcome in outcomes:
        y = _summed(_numbers(table, outcome), units)
        x = _summed(_numbers(table, before[outcome]), units) if outcome in before else None
        compared.append(_comparison(outcome, y, x, arms == first, arms == second))
    return first, second, tuple(compared)


def _comparison(
    outcome: str, y: Floats, x: Floats | None, is_treated: np.ndarray, is_held_out: np.ndarray
) -> Comparison:
    kind: Kind = "share" if np.isin(y, (0.0, 1.0)).all() else "count"
    sides = (is_treated, is_held_out)
    counted, means = tuple(int(side.sum()) for side in sides), tuple(float(y[side].mean()) for side in sides)
    effect = None
    if min(counted) >= LEAST_UNITS["person"]:
        moments = [moments_of(y=y[side], x=None if x is None else x[side]) for side in sides]
        effect = effect_of(kind=kind, unit="person", treated=[moments[0]], held_out=[moments[1]])
    return Comparison(outcome, kind, (counted[0], counted[1]), (means[0], means[1]), effect)


def _arms(table: pa.Table, arm: str, held_out: str | None, treated: str | None) -> tuple[str, str]:
    """Return the arm that is compared and the one held out."""
    values = sorted(str(value) for value in pc.unique(table[arm]).to_pylist() if value)
    rest = [value for value in values if value != held_out]
    chosen = treated or (rest[0] if len(rest) == 1 else None)
    if held_out not in values or chosen not in rest or chosen is None or held_out is None:
        raise ArmsAreUnclear(column=arm, values=", ".join(values[:_NAMED]))
    return chosen, held_out


def _units(table: pa.Table, arm: str, unit: str | None) -> tuple[np.ndarray | None, np.ndarray]:
    """Return the place of each row's unit (None: every row is one), and the arm of each unit."""
    arms = np.asarray(pc.fill_null(table[arm], "").to_pylist(), dtype=object)
    if unit is None:
        return None, arms
    names = pc.fill_null(table[unit], "").combine_chunks().dictionary_encode()
    places = names.indices.to_numpy()
    _kinds, codes = np.unique(arms.astype(str), return_inverse=True)
    low = np.full(len(names.dictionary), len(_kinds))
    high = np.full(len(names.dictionary), -1)
    np.minimum.at(low, places, codes)
    np.maximum.at(high, places, codes)
    if (low != high).any():
        raise UnitInTwoArms(unit=str(names.dictionary[int(np.flatnonzero(low != high)[0])]))
    return places, _kinds[low].astype(object)


def _summed(values: Floats, units: np.ndarray | None) -> Floats:
    return values if units is None else np.bincount(units, weights=values).astype(np.float64)


def _numbers(table: pa.Table, column: str) -> Floats:
    """Return a column as numbers; an empty cell is nothing done, 0."""
    text = pc.utf8_trim_whitespace(pc.fill_null(table[column], ""))
    text = pc.if_else(pc.equal(text, ""), "0", text)
    try:
        numbers: Floats = pc.cast(text, pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        row, value = next((place, cell) for place, cell in enumerate(text.to_pylist()) if not _is_number(cell))
        raise CellIsNoNumber(row=row + 2, column=column, value=value) from error
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise CellIsNoNumber(row=int(wrong[0]) + 2, column=column, value=text[int(wrong[0])].as_py())
    return numbers


def _is_number(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
