"""Tables that leave the console: CSV that a spreadsheet program opens in the right encoding and never executes."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.http import FileResponse, StreamingHttpResponse

from yutang.kit.spreadsheets import safe_cell
from yutang.kit.workbooks import Table, write_workbook


def csv_answer(rows: Iterable[Iterable[str]], *, file_name: str) -> StreamingHttpResponse:
    """Stream rows as a CSV file in UTF-8 with a byte order mark, so that Excel shows Chinese."""
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return answer


def workbook_answer(tables: Iterable[Table], *, file_name: str) -> FileResponse:
    """Answer with tables as the sheets of a workbook, written to a temporary file first."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it.
    write_workbook(file, tables)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name)


def _lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "\ufeff"
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
