"""Before an import: what the file is, which column means what, and what the first rows would become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow.compute as pc

from yutang.ingest.formats import FORMATS
from yutang.ingest.models import RememberedMapping
from yutang.ingest.new_stores import NewStore, stores_to_be_made
from yutang.ingest.reading import Source
from yutang.ingest.recognition import header_digest, recognise, suggest, suggest_target
from yutang.ingest.targets import TARGETS, LoadContext, problem_sentence
from yutang.ingest.wording import WORDS
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

if TYPE_CHECKING:
    from yutang.ingest.targets import Verdicts
    from yutang.ingest.typed import TypedBatch

#: An id dressed for Excel, so that it is not rounded.
_DRESSED = re.compile(r'^="(.*)"$')
#: Format code of a file whose columns were mapped by synonyms or by a person.
MAPPED = "mapped"
#: Format code of rows that another program handed over: nothing is recognised or adjusted.
HANDED = "handed"


class FormatIsUnknown(DomainError):
    """Neither a known export nor a header whose columns can be guessed."""

    code: ClassVar[str] = "format_is_unknown"
    message: ClassVar[str] = N_(
        "The columns of this file are not recognised: %(header)s. Say which column is what, in the console or by --map "
        "(for example --map order_number=COLUMN,ordered_at=COLUMN)."
    )


class MappingIsWrong(DomainError):
    """A mapping that cannot be used; its kinds say why."""

    code: ClassVar[str] = "mapping_is_wrong"
    message: ClassVar[str] = N_("The mapping does not fit the file.")


class FormatLacksColumns(DomainError):
    """A known export without the columns that say what was sold."""

    code: ClassVar[str] = "format_lacks_columns"
    message: ClassVar[str] = N_(
        "This is %(format)s, but the columns %(columns)s are missing, without which its rows have no goods or no price. "
        "Export the file again with them."
    )


class FieldIsUnknown(MappingIsWrong):
    """A mapping names a field that the target does not have."""

    message: ClassVar[str] = N_("The mapping names no known field: %(unknown)s. The fields are: %(fields)s.")


class ColumnIsUnknown(MappingIsWrong):
    """A mapping names a column that the file does not have."""

    message: ClassVar[str] = N_(
        "The file has no column “%(column)s”. Its columns are: %(header)s. A column may also be named by its number, 1 for the first."
    )


class FieldsAreMissing(MappingIsWrong):
    """Required fields have no column."""

    message: ClassVar[str] = N_("The mapping must also say which column holds: %(missing)s.")


class TargetIsUnknown(MappingIsWrong):
    """There is no such thing to be imported."""

    code: ClassVar[str] = "target_is_unknown"
    message: ClassVar[str] = N_("Nothing called “%(target)s” can be imported. Choose one of: %(targets)s.")


@dataclass(frozen=True)
class PreviewRow:
    """One of the first rows, as it would be taken.

    Attributes:
        row_number: as a spreadsheet program shows it.
        values: field → what was read, as text.
        problem: why it cannot be taken, or None.
        field: field at fault, or None.
        ignored: why it would be left out, or None.
    """

    row_number: int
    values: dict[str, str]
    problem: Sentence | None
    field: str | None
    ignored: Sentence | None


def plan_sheets(
    source: Source, *, mapping: Mapping[str, str] | None = None, target: str | None = None
) -> list[dict[str, Any]]:
    """Return what to read of the file, one entry a sheet that can be read.

    Args:
        source: the opened file.
        mapping: field → header name, chosen by a person; applies to the first sheet.
        target: target code that the mapping is for; guessed when None.

    Raises:
        FormatIsUnknown: no sheet is recognised and nothing can be guessed.
        MappingIsWrong: the mapping does not fit the header.
    """
    if target is not None and target not in TARGETS:
        raise TargetIsUnknown(target=target, targets=", ".join(sorted(t.code for t in TARGETS)))
    if mapping:
        return [_mapped_sheet(source, 0, dict(mapping), target)]
    planned = [p for p in (_recognised_sheet(source, i) for i in range(len(source.sheets))) if p]
    if planned:
        return planned
    for index in range(len(source.sheets)):
        guessed = _guessed_sheet(source, index, target)
        if guessed:
            return [guessed]
    header = "、".join(source.sheets[0].header[:12])
    raise FormatIsUnknown(header=header)


def sheet_to_be_mapped(source: Source, *, target: str | None = None) -> dict[str, Any]:
    """Return a plan of the first sheet with the columns that can be guessed; a person names the missing ones."""
    sheet = source.sheets[0]
    code = target or suggest_target(sheet.header, sheet.sample) or "orders"
    return _entry(source, 0, MAPPED, code, dict(suggest(sheet.header, sheet.sample, code)))


def missing_fields(sheet_plan: Mapping[str, Any]) -> list[str]:
    """Return the required fields for which the plan of a sheet names no column; a known export may fill them by itself."""
    if sheet_plan["format"] in FORMATS:
        return []
    return [f.name for f in TARGETS[sheet_plan["target"]].fields if f.required and f.name not in sheet_plan["columns"]]


def warnings_of(sheet_plan: Mapping[str, Any]) -> list[Sentence]:
    """Return what a sheet of mapped columns will lack, in words; a known export is as it is meant to be."""
    if sheet_plan["format"] != MAPPED or sheet_plan["target"] not in TARGETS:
        return []
    target = TARGETS[sheet_plan["target"]]
    codes = target.doubts(sheet_plan["columns"]) if target.doubts else ()
    return [Sentence(target.warnings[code]) for code in codes]


def remember_mapping(header: tuple[str, ...], sheet_plan: dict[str, Any], now: Any) -> None:
    """Keep the columns that a person chose, so that the same header needs no mapping next time."""
    columns = {field: header[position] for field, position in sheet_plan["columns"].items()}
    RememberedMapping.objects.update_or_create(
        header_digest=header_digest(header),
        defaults={"target": sheet_plan["target"], "columns": columns, "used_at": now},
    )


def preview(
    source: Source, sheet_plan: dict[str, Any], context: LoadContext, *, rows: int = 20
) -> tuple[list[PreviewRow], tuple[NewStore, ...]]:
    """Return the first rows as they would be taken, with their problems, and the stores that the first many rows would make.

    Stores are looked for in one batch of reading (`staging.ROWS_PER_READ`), so that a page does not read a whole file.
    """
    from yutang.ingest.staging import judged_batches

    for batch, verdicts in judged_batches(source, sheet_plan, context):
        shown = [_shown(batch, verdicts, i, sheet_plan) for i in range(min(rows, batch.table.num_rows))]
        taken = pc.and_(pc.is_null(verdicts.refused), pc.is_null(verdicts.ignored))
        return shown, stores_to_be_made(batch.table.filter(taken))
    return [], ()


def _shown(batch: TypedBatch, verdicts: Verdicts, i: int, sheet_plan: dict[str, Any]) -> PreviewRow:
    target = TARGETS[sheet_plan["target"]]
    code, field = verdicts.refused[i].as_py(), verdicts.column[i].as_py()
    number = batch.table.column("row_number")[i].as_py()
    why = verdicts.ignored[i].as_py()
    column = sheet_plan["header"][sheet_plan["columns"][field]] if field in sheet_plan["columns"] else ""
    cell = batch.cells.column(f"c{sheet_plan['columns'][field]}")[i].as_py() if column else ""
    return PreviewRow(
        row_number=number,
        values={f: _text(batch.cells.column(f"c{p}")[i].as_py()) for f, p in sheet_plan["columns"].items()},
        problem=problem_sentence(target, code, row=number, column=column, value=(cell or "")[:40]) if code else None,
        field=field,
        ignored=Sentence(target.ignored[why]) if why else None,
    )


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return (_DRESSED.sub(r"\1", text))[:120]


def _recognised_sheet(source: Source, index: int) -> dict[str, Any] | None:
    sheet = source.sheets[index]
    remembered = RememberedMapping.objects.filter(header_digest=header_digest(sheet.header)).first()
    if remembered is not None:
        return _entry(source, index, MAPPED, remembered.target, _positions(sheet.header, remembered.columns))
    found = recognise(sheet.header)
    if found is None:
        return None
    if missing := [field for field in found.format.needs if field not in found.columns]:
        names = "、".join(found.format.columns[field][0] for field in missing)
        raise FormatLacksColumns(format=Sentence(found.format.title).as_json(), columns=names)
    entry = _entry(source, index, found.format.code, found.format.target, found.columns)
    return {**entry, "extras": dict(found.extras)}


def _guessed_sheet(source: Source, index: int, target: str | None) -> dict[str, Any] | None:
    sheet = source.sheets[index]
    code = target or suggest_target(sheet.header, sheet.sample)
    if code is None:
        return None
    columns = dict(suggest(sheet.header, sheet.sample, code))
    if any(f.required and f.name not in columns for f in TARGETS[code].fields):
        return None
    return _entry(source, index, MAPPED, code, columns)


def _mapped_sheet(source: Source, index: int, mapping: dict[str, str], target: str | None) -> dict[str, Any]:
    sheet = source.sheets[index]
    code = target or _target_of(mapping)
    fields = {f.name for f in TARGETS[code].fields}
    unknown = sorted(set(mapping) - fields)
    if unknown:
        raise FieldIsUnknown(unknown=", ".join(unknown), fields=", ".join(sorted(fields)))
    missing = [f.name for f in TARGETS[code].fields if f.required and f.name not in mapping]
    if missing:
        raise FieldsAreMissing(missing=", ".join(missing))
    columns = _positions(sheet.header, mapping)
    revise = WORDS[code].revise if code in WORDS else None
    return _entry(source, index, MAPPED, code, revise(columns, sheet.sample) if revise else columns)


def _target_of(mapping: Mapping[str, str]) -> str:
    """Return the target whose fields hold all that the mapping names and whose required fields it fills."""
    for target in TARGETS:
        names = {f.name for f in target.fields}
        if set(mapping) <= names and all(f.name in mapping for f in target.fields if f.required):
            return target.code
    return "orders"


def _positions(header: tuple[str, ...], columns: Mapping[str, str]) -> dict[str, int]:
    """Return the column index of each field; a column may be named by its header, or by its number (1 is the first)."""
    positions = {}
    for field, column in columns.items():
        wanted = column.strip()
        if wanted in header:
            positions[field] = header.index(wanted)
        elif wanted.isdigit() and 1 <= int(wanted) <= len(header):
            positions[field] = int(wanted) - 1
        else:
            raise ColumnIsUnknown(column=wanted, header="、".join(header[:20]))
    return positions


def _entry(source: Source, index: int, format_code: str, target: str, columns: Mapping[str, int]) -> dict[str, Any]:
    known = FORMATS[format_code] if format_code in FORMATS else None
    has_lines = {"quantity", "unit_price"} <= set(columns)
    return {
        "sheet": index,
        "name": source.sheets[index].name,
        "format": format_code,
        "target": target,
        "platform": known.platform if known else "",
        "grain": known.grain if known else ("line" if has_lines else "order") if target == "orders" else "row",
        "header": list(source.sheets[index].header),
        "columns": dict(columns),
        "extras": {},
    }
