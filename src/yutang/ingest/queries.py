"""What others may read of imports and kept rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.foundation.sealing import unseal
from yutang.ingest.formats import FORMATS
from yutang.ingest.keeping import MAY_BE_WIDE, header_and_cells
from yutang.ingest.marks import ROW_MARK, mark_of, without_mark
from yutang.ingest.masking import masked_cell, masked_sentence, sees_cells
from yutang.ingest.models import Import, ImportOverlap, ImportStatus, QuarantinedRow
from yutang.ingest.new_stores import NewStore, stores_made_by
from yutang.ingest.planning import HANDED, PreviewRow, missing_fields, preview, sheet_to_be_mapped, warnings_of
from yutang.ingest.reading import Source, open_source
from yutang.ingest.records import import_numbered
from yutang.ingest.running import contexts_of
from yutang.ingest.targets import TARGETS, Field
from yutang.kit.text import N_, Sentence

_MAPPED_TITLE = N_("Columns mapped")
_HANDED_TITLE = N_("Handed over by another system")


@dataclass(frozen=True)
class ImportView:
    """One import as screens and commands show it.

    Attributes:
        format_title: translatable name of the format.
        counts: rows by what became of them; ``read`` is the sum of the others once it is done.
        amounts: money in minor units by what became of it, in `currency`; says nothing where rows name several `currencies`.
        ignored_why: (code, reason, rows).
        warnings: what its mapped columns lack.
        new_stores: what it made of store codes and names that nobody knew.
        progress: (done, total or None, note) while it waits or runs.
    """

    id: int
    file_name: str
    size_bytes: int
    status: str
    target: str
    format: str
    format_title: str
    encoding: str
    currency: str
    currencies: tuple[str, ...]
    counts: dict[str, int]
    amounts: dict[str, int]
    made: dict[str, int]
    ignored_why: tuple[tuple[str, Sentence, int], ...]
    problem: Sentence | None
    warnings: tuple[Sentence, ...]
    new_stores: tuple[NewStore, ...]
    open_rows: int
    builds_on: tuple[int, ...]
    built_on_by: tuple[int, ...]
    continues_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    job_id: int | None
    progress: tuple[int, int | None, Sentence | None] | None

    @property
    def encoding_name(self) -> str:
        """Encoding as a person calls it; a byte order mark is nothing to a person."""
        return self.encoding.removesuffix("-sig").upper()

    @property
    def can_cancel(self) -> bool:
        """Whether it can be stopped."""
        return self.status in {ImportStatus.DRAFT, ImportStatus.WAITING, ImportStatus.RUNNING}

    @property
    def can_start(self) -> bool:
        """Whether it can be started, or started again where it stopped."""
        return self.status in {ImportStatus.DRAFT, ImportStatus.CANCELLED, ImportStatus.FAILED}

    @property
    def can_undo(self) -> bool:
        """Whether it can be taken back."""
        has_ended = self.status in {ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED}
        return has_ended and not self.built_on_by


@dataclass(frozen=True)
class SheetView:
    """One planned sheet: its header, the first rows as they are, and which column means what.

    Attributes:
        sample: first rows as they stand in the file.
        columns: field → column index.
        fields: fields that the target knows.
        preview: the first rows as they would be taken.
        new_stores: what the first rows (`ingest.planning.preview`) would make of store codes and names that nobody knows.
    """

    name: str
    target: str
    format: str
    format_title: str
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    columns: dict[str, int]
    fields: tuple[Field, ...]
    preview: tuple[PreviewRow, ...]
    new_stores: tuple[NewStore, ...] = ()

    @property
    def unused(self) -> list[str]:
        """Names of the columns that the import leaves out, in the file's order; a column without a name has its number."""
        used = set(self.columns.values())
        return [name or f"#{at + 1}" for at, name in enumerate(self.header) if at not in used]


@dataclass(frozen=True)
class KeptRowView:
    """A row that could not be taken.

    Attributes:
        cells: (header, cell) in the file's order.
        position: of the cell at fault in `cells`; None where the row as a whole is.
        is_handed: whether a program handed it over, so that its index counts rather than its row in a sheet.
    """

    id: int
    import_id: int
    file_name: str
    sheet: str
    row_number: int
    column: str
    reason: Sentence
    status: str
    amount_minor: int
    cells: tuple[tuple[str, str], ...]
    position: int | None
    is_handed: bool = False


def import_view(*, access: Actor, import_id: int) -> ImportView:
    """Return one import."""
    access.require("imports.view")
    return _views([import_numbered(import_id)])[0]


def recent_imports(*, access: Actor, before_id: int | None = None, limit: int = 30) -> list[ImportView]:
    """Return imports, newest first; `before_id` is the last id of the page before."""
    access.require("imports.view")
    rows = Import.objects.order_by("-id")
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return _views(list(rows[:limit]))


def plan_of(*, access: Actor, import_id: int, rows: int = 12) -> list[SheetView]:
    """Return what is planned for each sheet of an import that is being prepared, with a preview; masked for who does not import."""
    access.require("imports.view")
    record = import_numbered(import_id)
    source = open_source(record.kept_copy)
    contexts = contexts_of(record, record.created_at)
    views = [
        _sheet_view(source, sheet, context, rows)
        for sheet, context in zip(record.plan["sheets"], contexts, strict=True)
    ]
    return views if sees_cells(access) else [_masked_sheet(view) for view in views]


@dataclass(frozen=True)
class ColumnChoice:
    """What a person chooses from when naming columns.

    Attributes:
        header: names in the file's order.
        sample: first rows as they stand in the file.
        fields: fields that the target knows.
        columns: field → column index, as planned or guessed.
    """

    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]
    columns: dict[str, int]


def column_choice(*, access: Actor, import_id: int, target: str) -> ColumnChoice:
    """Return the columns of the first sheet of an import that is being prepared, with those of a target filled in."""
    access.require("imports.run")
    record = import_numbered(import_id)
    source = open_source(record.kept_copy)
    planned = record.plan["sheets"][0]
    if planned["target"] != target:
        planned = {**sheet_to_be_mapped(source, target=target), "sheet": 0}
    read = source.sheets[planned["sheet"]]
    return ColumnChoice(read.header, read.sample, TARGETS[target].fields, dict(planned["columns"]))


def lacks_columns(*, access: Actor, import_id: int) -> bool:
    """Return whether columns must be named before the import can start."""
    access.require("imports.view")
    return any(missing_fields(sheet) for sheet in import_numbered(import_id).plan["sheets"])


def target_choices() -> list[tuple[str, str, tuple[Field, ...]]]:
    """Return (code, title, fields) of everything that files may bring."""
    return [(t.code, t.title, t.fields) for t in TARGETS]


def kept_rows(
    *, access: Actor, import_id: int | None = None, status: str = "open", after_id: int = 0, limit: int = 50
) -> list[KeptRowView]:
    """Return kept rows, oldest first, of one import or of all; masked for who does not import."""
    access.require("imports.view")
    rows = QuarantinedRow.objects.select_related("source").filter(status=status, pk__gt=after_id).order_by("id")
    if import_id is not None:
        import_numbered(import_id)
        rows = rows.filter(source_id=import_id)
    kept = [_kept(r) for r in rows[:limit]]
    return kept if sees_cells(access) else [_masked_row(row) for row in kept]


@dataclass(frozen=True)
class KeptReason:
    """Open kept rows of an import that have one reason in one column.

    Attributes:
        example: why the first of them was kept.
    """

    code: str
    column: str
    rows: int
    example: Sentence


def kept_reasons(*, access: Actor, import_id: int) -> list[KeptReason]:
    """Return the reasons for which rows of an import are kept, the most frequent first."""
    access.require("imports.view")
    rows = QuarantinedRow.objects.filter(source_id=import_id, status="open")
    counted = rows.order_by().values("reason_code", "column").annotate(n=Count("id"), first=Min("id"))
    groups = sorted(counted, key=lambda group: (-group["n"], group["first"]))
    examples = QuarantinedRow.objects.in_bulk([group["first"] for group in groups])
    said = {key: Sentence.from_json(row.reason) for key, row in examples.items()}
    if not sees_cells(access):
        said = {key: masked_sentence(sentence) for key, sentence in said.items()}
    return [KeptReason(g["reason_code"], g["column"], g["n"], said[g["first"]]) for g in groups]


def kept_tables(*, access: Actor, import_id: int) -> list[tuple[str, Iterator[list[str]]]]:
    """Return the open kept rows of an import as tables, one a sheet: (name of the sheet, lines, the header first).

    Each header is the sheet's own, so that the mended table is recognised when it is imported again; a column before it
    says which rows are then closed.
    """
    access.require("imports.run")
    import_numbered(import_id)
    rows = QuarantinedRow.objects.filter(source_id=import_id, status="open")
    first = rows.order_by("sheet").values("sheet").annotate(first=Min("id")).order_by("first")
    return [(entry["sheet"], _lines_of(rows.filter(sheet=entry["sheet"]).order_by("id"))) for entry in first]


def _lines_of(rows: QuerySet[QuarantinedRow]) -> Iterator[list[str]]:
    wide = rows.filter(reason_code__in=MAY_BE_WIDE).values_list("sealed_row", flat=True)
    width = max((len(unseal(blob)["cells"]) for blob in wide.iterator(chunk_size=500)), default=0)
    header_done = False
    for blob, digest in rows.values_list("sealed_row", "digest").iterator(chunk_size=500):
        header, cells = without_mark(*header_and_cells(unseal(blob), width=width))
        if not header_done:
            yield [ROW_MARK, *header]
            header_done = True
        yield [mark_of(digest), *cells]


def import_counts() -> dict[str, int]:
    """Return ``{status: imports}``."""
    return dict(Import.objects.order_by().values_list("status").annotate(Count("id")))


def status_title(status: str) -> str:
    """Return how an import stands in the reader's words; what is no status of an import comes back as it is."""
    return str(ImportStatus(status).label) if status in ImportStatus.values else status


def as_json(view: ImportView) -> dict[str, Any]:
    """Return the import as the command line and the API print it."""
    return {
        "import_id": view.id,
        "file": view.file_name,
        "status": view.status,
        "format": view.format,
        "format_title": Sentence(view.format_title),
        "encoding": view.encoding,
        "currency": view.currency,
        "currencies": list(view.currencies),
        "rows_read": view.counts["read"],
        **{k: view.counts[k] for k in ("new", "updated", "unchanged", "quarantined", "ignored")},
        "ignored_why": {code: {"rows": n, "reason": why} for code, why, n in view.ignored_why},
        "orders": view.made.get("orders", 0),
        "order_lines": view.made.get("order_lines", 0),
        "customers": view.made.get("customers", 0),
        "made": view.made,
        "new_stores": [store._asdict() for store in view.new_stores],
        "amount_minor": view.amounts,
        "problem": view.problem,
        "warnings": list(view.warnings),
        "created_at": view.created_at,
        "finished_at": view.finished_at,
    }


def _views(records: list[Import]) -> list[ImportView]:
    """Return imports with what other tables know of them, in as many questions for a page as for one."""
    ids = [record.pk for record in records]
    jobs = Job.objects.in_bulk([record.job_id for record in records if record.job_id])
    kept = QuarantinedRow.objects.filter(source_id__in=ids, status="open").order_by()
    open_rows = dict(kept.values_list("source_id").annotate(Count("id")))
    below: dict[int, list[int]] = defaultdict(list)
    above: dict[int, list[int]] = defaultdict(list)
    stores = stores_made_by(ids)
    touching = ImportOverlap.objects.filter(Q(later_id__in=ids) | Q(earlier_id__in=ids)).order_by("id")
    told = touching.values_list("later_id", "earlier_id", "later__status", "later__rows_new", "later__rows_updated")
    for later, earlier, status, new, updated in told:
        below[later].append(earlier)
        is_idle = status == ImportStatus.DONE and not (new or updated)
        if status != ImportStatus.UNDONE and not is_idle:
            above[earlier].append(later)
    return [
        replace(
            _view(
                record, jobs.get(record.job_id or 0), open_rows.get(record.pk, 0), below[record.pk], above[record.pk]
            ),
            new_stores=tuple(stores.get(record.pk, ())),
        )
        for record in records
    ]


def _view(record: Import, job: Job | None, open_rows: int, below: list[int], above: list[int]) -> ImportView:
    busy = record.status in {ImportStatus.WAITING, ImportStatus.RUNNING, ImportStatus.UNDOING}
    progress = None
    if busy and job is not None:
        note = Sentence.from_json(job.progress_note) if job.progress_note else None
        progress = (job.progress_done, job.progress_total, note)
    return ImportView(
        id=record.pk,
        file_name=record.file_name,
        size_bytes=record.size_bytes,
        status=record.status,
        target=record.target,
        format=record.format,
        format_title=_title(record.format),
        encoding=record.encoding,
        currency=record.currency,
        currencies=tuple(record.plan.get("currencies", ())) if record.plan else (),
        counts={
            "read": record.rows_read,
            "new": record.rows_new,
            "updated": record.rows_updated,
            "unchanged": record.rows_unchanged,
            "quarantined": record.rows_quarantined,
            "ignored": record.rows_ignored,
        },
        amounts={
            "read": record.amount_read_minor,
            "imported": record.amount_imported_minor,
            "cancelled": record.amount_cancelled_minor,
            "quarantined": record.amount_quarantined_minor,
            "ignored": record.amount_ignored_minor,
        },
        made=dict(record.made),
        ignored_why=tuple((code, _ignored_sentence(record.target, code), n) for code, n in record.ignored_why.items()),
        problem=Sentence.from_json(record.problem) if record.problem else None,
        warnings=tuple(warning for sheet in record.plan.get("sheets", ()) for warning in warnings_of(sheet)),
        new_stores=(),
        open_rows=open_rows,
        builds_on=tuple(below),
        built_on_by=tuple(above),
        continues_id=record.continues_id,
        created_at=record.created_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        job_id=record.job_id,
        progress=progress,
    )


def _ignored_sentence(target: str, code: str) -> Sentence:
    known = TARGETS[target].ignored if target in TARGETS else {}
    return Sentence(known.get(code, code))


def _title(format_code: str) -> str:
    if format_code == HANDED:
        return _HANDED_TITLE
    return FORMATS[format_code].title if format_code in FORMATS else _MAPPED_TITLE


def _sheet_view(source: Source, sheet: dict[str, Any], context: Any, rows: int) -> SheetView:
    read = source.sheets[sheet["sheet"]]
    first, new_stores = preview(source, sheet, context, rows=rows)
    return SheetView(
        name=sheet["name"],
        target=sheet["target"],
        format=sheet["format"],
        format_title=_title(sheet["format"]),
        header=read.header,
        sample=read.sample[:rows],
        columns=dict(sheet["columns"]),
        fields=TARGETS[sheet["target"]].fields,
        preview=tuple(first),
        new_stores=new_stores,
    )


def _position_at_fault(row: QuarantinedRow, header: list[str]) -> int | None:
    """Return where the cell at fault stands: of columns of one name the one that the import reads."""
    if not row.column:
        return None
    read = {at for sheet in row.source.plan["sheets"] if sheet["name"] == row.sheet for at in sheet["columns"].values()}
    alike = [at for at, name in enumerate(header) if name == row.column]
    return next((at for at in alike if at in read), next(iter(alike), None))


def _kept(row: QuarantinedRow) -> KeptRowView:
    header, cells = header_and_cells(unseal(row.sealed_row))
    return KeptRowView(
        id=row.pk,
        import_id=row.source_id,
        file_name=row.source.file_name,
        sheet=row.sheet,
        row_number=row.row_number,
        column=row.column,
        reason=Sentence.from_json(row.reason),
        status=row.status,
        amount_minor=row.amount_minor,
        cells=tuple(zip(header, cells, strict=True)),
        position=_position_at_fault(row, header),
        is_handed=row.source.format == HANDED,
    )


def _masked_row(row: KeptRowView) -> KeptRowView:
    cells = tuple((header, masked_cell(cell)) for header, cell in row.cells)
    return replace(row, cells=cells, reason=masked_sentence(row.reason))


def _masked_sheet(view: SheetView) -> SheetView:
    shown = tuple(
        replace(
            row,
            values={name: masked_cell(value) for name, value in row.values.items()},
            problem=masked_sentence(row.problem) if row.problem else None,
        )
        for row in view.preview
    )
    return replace(
        view, sample=tuple(tuple(masked_cell(cell) for cell in cells) for cells in view.sample), preview=shown
    )
