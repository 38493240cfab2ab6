"""Operations on imports: what became of files and of bulk calls, the rows that could not be taken, taking one back."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from ninja import Query, Router, Schema

from yutang.api.answers import Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.speech import spoken
from yutang.ingest import actions, queries
from yutang.kit.text import Sentence

router = Router(tags=["imports"])


class MadeStore(Schema):
    """A store that an import made, as no store had the code or name that its rows say."""

    code: str
    name: str


class ImportShape(Shape):
    """An import. Rows: read = new + updated + unchanged + quarantined + ignored once it is done; money likewise.

    `status` is draft, waiting, running, done, failed, cancelled, undoing or undone.
    """

    id: int
    name: str
    target: str
    format: str
    status: str
    currency: str
    rows: dict[str, int]
    amounts_minor: dict[str, int]
    made: dict[str, int]
    new_stores: list[MadeStore]
    open_rows: int
    problem: str
    progress_done: int | None
    progress_total: int | None
    job_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportsPage(Shape):
    """A page of imports, newest first."""

    items: list[ImportShape]
    next: str | None


class Cell(Schema):
    """A cell of a kept row."""

    column: str
    value: str


class KeptRow(Shape):
    """A row that could not be taken, as it came; `row` counts from 0 in a bulk call, `sheet_row` as a spreadsheet shows it."""

    id: int
    row: int
    sheet_row: int
    column: str
    reason: str
    cells: list[Cell]


class KeptRowsPage(Shape):
    """A page of rows that could not be taken, oldest first."""

    items: list[KeptRow]
    next: str | None


@operation(router, "GET", "/imports", permission="imports.view", answers={200: ImportsPage}, title="List imports")
def list_imports(request: ApiRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Return imports of files and of bulk calls, newest first."""
    refuse_unknown_parameters(request, PageAsked)
    found = queries.recent_imports(access=request.actor, before_id=key_of(asked.cursor), limit=asked.limit + 1)
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    shown = [import_shape(view) for view in found[: asked.limit]]
    return page(request, shown, kind=ImportShape, following=following, fields=asked.fields)


@operation(
    router, "GET", "/imports/{import_id}", permission="imports.view", answers={200: ImportShape}, title="One import"
)
def get_import(request: ApiRequest, import_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one import as far as it has come: ask again until `status` is done, failed or cancelled."""
    refuse_unknown_parameters(request, OneAsked)
    return one(
        request, import_shape(queries.import_view(access=request.actor, import_id=import_id)), fields=asked.fields
    )


@operation(
    router,
    "GET",
    "/imports/{import_id}/rows",
    permission="imports.view",
    answers={200: KeptRowsPage},
    title="Rows that could not be taken",
)
def list_kept_rows(request: ApiRequest, import_id: Key, asked: Query[PageAsked]) -> HttpResponse:
    """Return the rows of an import that wait to be mended, whole as they came, with the reason."""
    refuse_unknown_parameters(request, PageAsked)
    found = queries.kept_rows(
        access=request.actor, import_id=import_id, after_id=key_of(asked.cursor) or 0, limit=asked.limit + 1
    )
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    shown = [
        KeptRow(
            id=row.id,
            row=row.row_number - 2,
            sheet_row=row.row_number,
            column=row.column,
            reason=spoken(_by_index(row)),
            cells=[Cell(column=column, value=value) for column, value in row.cells],
        )
        for row in found[: asked.limit]
    ]
    return page(request, shown, kind=KeptRow, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/imports/{import_id}/undo",
    permission="imports.undo",
    answers={200: ImportShape},
    refuses=(404,),
    title="Take an import back",
)
def undo_import(request: ApiRequest, import_id: Key) -> HttpResponse:
    """Take everything back that an import brought; a large one is taken back by a job, `status` is undoing until then."""

    def work() -> Shape:
        actions.start_undo(actor=request.actor, import_id=import_id, now=request.now)
        return import_shape(queries.import_view(access=request.actor, import_id=import_id))

    request.actor.require("imports.view")
    return once(request, work)


def _by_index(row: queries.KeptRowView) -> Sentence:
    """Return the reason with the index that the answer tells as `row`, where a program handed the rows over."""
    values = row.reason.values
    if not row.is_handed or values.get("row") != row.row_number:
        return row.reason
    return Sentence(row.reason.template, {**values, "row": row.row_number - 2})


def import_shape(view: queries.ImportView) -> ImportShape:
    """Return an import."""
    done, total, _note = view.progress or (None, None, None)
    return ImportShape(
        id=view.id,
        name=view.file_name,
        target=view.target,
        format=view.format,
        status=view.status,
        currency=view.currency,
        rows=view.counts,
        amounts_minor=view.amounts,
        made=view.made,
        new_stores=[MadeStore(code=store.code, name=store.name) for store in view.new_stores],
        open_rows=view.open_rows,
        problem=spoken(view.problem),
        progress_done=done,
        progress_total=total,
        job_id=view.job_id,
        created_at=view.created_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
    )
