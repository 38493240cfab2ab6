"""Tables that leave the console: CSV that a spreadsheet program opens in the right encoding and never executes."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.http import FileResponse, StreamingHttpResponse

from yutang.kit.spreadsheets import safe_cell
from yutang.kit.workbooks import Table, write_workbook

#: What no name of a file holds: separators of folders, what systems forbid, and characters that turn the direction of reading.
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')


def csv_answer(rows: Iterable[Iterable[str]], *, file_name: str) -> StreamingHttpResponse:
    """Stream rows as a CSV file in UTF-8 with a byte order mark, so that Excel shows Chinese."""
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = _attachment(file_name)
    return answer


def workbook_answer(tables: Iterable[Table], *, file_name: str) -> FileResponse:
    """Answer with tables as the sheets of a workbook, written to a temporary file first."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it.
    write_workbook(file, tables)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=file_name)
    answer["Content-Disposition"] = _attachment(file_name)
    return answer


def _attachment(file_name: str) -> str:
    """Return the header that names a file: what people called a segment or a file of theirs leads into no folder."""
    return f"attachment; filename*=UTF-8''{quote(_NO_NAME.sub('_', file_name), safe='')}"


def _lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "\ufeff"
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
