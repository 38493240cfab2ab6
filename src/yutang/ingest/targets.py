"""What can be imported: a target declares its fields, its row rules and how whole groups of rows are loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from yutang.ingest.drafts import Draft
from yutang.ingest.values import ValueKind
from yutang.kit.registry import Registry
from yutang.kit.text import Sentence


@dataclass(frozen=True)
class Field:
    """One thing that a row can say.

    Attributes:
        name: name in code and for `--map`.
        kind: how its cells are read.
        title: what the screen calls it, marked with `N_`.
        required: a row without it cannot be taken.
    """

    name: str
    kind: ValueKind
    title: str
    required: bool = False


@dataclass(frozen=True)
class LoadContext:
    """What a loader knows besides the rows.

    Attributes:
        import_id: the import that the rows belong to; None never.
        platform: platform code of the file, ``""`` if unknown.
        shop_name: shop named by the person who imports, or ``""``.
        grain: what a row is: ``order``, ``line`` or ``row``.
        statuses: the platform's words for our statuses.
        summed: amounts that belong to the line, so that an order's amount is their sum.
        currency: ISO 4217 code for rows that name none.
        time_zone: zone of local times in the file.
        exported_at: when the file was exported, if its name says so. Aware UTC.
        continues_id: the import whose kept rows are imported again after mending, if any.
        now: instant of the batch. Aware UTC.
        is_repeat: the same bytes were read the same way before: what the store holds is never older, only gaps are filled.
    """

    import_id: int
    platform: str
    shop_name: str
    grain: str
    statuses: Mapping[str, str]
    summed: frozenset[str]
    currency: str
    time_zone: str
    exported_at: datetime | None
    continues_id: int | None
    now: datetime
    is_repeat: bool = False


@dataclass
class LoadOutcome:
    """What became of a batch of rows. `new + updated + unchanged + sum(ignored) + len(refused)` is the number of its rows.

    Attributes:
        made: things created by kind.
        overlaps: rows that met rows of an earlier import, by that import.
        imported_minor: money of rows taken (new, updated, unchanged) that are not cancellations.
        cancelled_minor: money of cancellation rows, negative.
        ignored_minor: money of ignored rows.
        refused: (row number, problem code, field at fault) of rows that only the store shows to be untakable; without money.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    overlaps: dict[int, int] = field(default_factory=dict)
    imported_minor: int = 0
    cancelled_minor: int = 0
    ignored_minor: int = 0
    refused: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Verdicts:
    """What the row rules of a target say of a typed table, aligned by position.

    Attributes:
        refused: problem code for rows that cannot be taken, null otherwise.
        column: field that the problem lies in.
        ignored: reason code for rows that are rightly left out, null otherwise.
        amount_minor: quantity x price of the row in minor units; the money that counts are kept in.
    """

    refused: pa.Array
    column: pa.Array
    ignored: pa.Array
    amount_minor: pa.Array


@dataclass(frozen=True)
class Drafting:
    """How batches of a target are worked out ahead, in a process that does not open the store (see `ingest.drafting`).

    Attributes:
        suits: whether the staged rows (their columns) and the import can be drafted.
        facts: what drafting has to know of the store, as JSON; asked once an import.
        make: tables by name out of a batch of rows; asks no store.
        load: takes a draft, attached under a name, over in the caller's transaction; None, with nothing written, where the store
            already knows too much of the batch.
    """

    suits: Callable[[pa.Schema, LoadContext], bool]
    facts: Callable[[], Mapping[str, object]]
    make: Callable[[pa.Table, LoadContext, Mapping[str, Any]], Mapping[str, pa.Table]]
    load: Callable[[str, Draft, LoadContext], LoadOutcome | None]


@dataclass(frozen=True)
class Target:
    """One kind of thing that files bring.

    Attributes:
        code: stable name.
        title: what the screen calls it, marked with `N_`.
        fields: what a row can say.
        group_key: field whose equal rows are loaded together; a batch holds whole groups. None: any cut will do.
        near: fields that tell who a row is about, the surest first. Files with one row a group are sorted by them, so that
            everything of one person comes in one batch: people are read and written once an import, not once a batch.
        judge: row rules over a typed table.
        load: writes a batch of rows in the caller's transaction.
        finish: set-based work once all batches are in (own transaction), or None.
        undo: takes back everything that the import wrote, in the caller's transaction.
        drafting: how batches are worked out ahead, or None.
        doubts: codes of what a file of mapped columns, field → position, will lack, or None.
        warnings: code of `doubts` → sentence template.
        problems: problem code → sentence template, for codes that `judge` uses.
        ignored: reason code → sentence template.
    """

    code: str
    title: str
    fields: tuple[Field, ...]
    group_key: str | None
    judge: Callable[[pa.Table, LoadContext], Verdicts]
    load: Callable[[pa.Table, LoadContext], LoadOutcome]
    undo: Callable[[int, datetime], None]
    near: tuple[str, ...] = ()
    finish: Callable[[LoadContext], dict[str, int]] | None = None
    drafting: Drafting | None = None
    doubts: Callable[[Mapping[str, int]], Sequence[str]] | None = None
    warnings: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)


TARGETS: Registry[Target] = Registry(what="import targets", name_of=lambda t: t.code)


def problem_sentence(target: Target, code: str, **values: object) -> Sentence:
    """Return the sentence of a problem code: the target's own, the cell readers' or the file readers'."""
    from yutang.ingest import reading
    from yutang.ingest import values as cells

    known = {**reading.PROBLEMS, **cells.PROBLEMS, **target.problems}
    return Sentence(known[code], values)
