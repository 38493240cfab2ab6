"""Tables that leave the console: CSV that a spreadsheet program opens in the right encoding and never executes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

#: A cell that a spreadsheet program would run. A plain signed number is left as it is.
_EXECUTABLE = re.compile(r"^[\s]*[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"^\s*[+-]?\d[\d,]*(\.\d+)?%?\s*$")


def safe_cell(text: str) -> str:
    """Return the cell, with an apostrophe in front when a spreadsheet program would take it for a formula."""
    return f"'{text}" if _EXECUTABLE.match(text) and not _PLAIN_NUMBER.match(text) else text


def csv_answer(rows: Iterable[Iterable[str]], *, file_name: str) -> StreamingHttpResponse:
    """Stream rows as a CSV file in UTF-8 with a byte order mark, so that Excel shows Chinese."""
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return answer


def _lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "\ufeff"
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
