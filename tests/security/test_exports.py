"""Tables that leave: no cell runs in a spreadsheet program, no file name breaks out of its header."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from tests.security.conftest import HostileShop
from tests.security.entries import FORM, ask, browser_of, entries
from tests.security.hostile import MARK
from yutang.console.exports import csv_answer, workbook_answer
from yutang.kit.spreadsheets import safe_cell

pytestmark = pytest.mark.django_db

_HEADER = re.compile(r"attachment; filename\*=UTF-8''([A-Za-z0-9%._~-]+)")
#: Rooms from which tables leave; a new one is found by itself.
SENDING = {"value-rfm-download", "value-rfm-export", "segments-export", "imports-rows-download", "audit-export"}


@pytest.fixture(scope="module")
def sent(hostile_shop: HostileShop, django_db_blocker: Any) -> list[tuple[str, Any]]:
    """Every table that leaves the console, as the owner gets it."""
    with django_db_blocker.unblock():
        return list(_sent(hostile_shop))


def _sent(shop: HostileShop) -> Iterator[tuple[str, Any]]:
    client = browser_of(shop.owner)
    for entry in entries(shop.things):
        for method in ("GET", "POST"):
            answer = ask(client, method, entry.address, FORM)
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                yield entry.name, answer


# What a cell or a header says does not differ by the database.
@pytest.mark.once
class TestEveryTable:
    def test_holds_no_cell_that_runs(self, sent: list[tuple[str, Any]]) -> None:
        found, tried = set(), 0
        for name, answer in sent:
            found.add(name)
            for cell in _cells(answer):
                tried += MARK in cell
                assert safe_cell(cell) == cell, (name, cell)

        assert found >= SENDING
        assert tried > 20

    def test_has_a_name_that_stays_in_its_header(self, sent: list[tuple[str, Any]]) -> None:
        for name, answer in sent:
            head = answer.headers["Content-Disposition"]

            assert _HEADER.fullmatch(head), (name, head)
            assert answer.headers["Content-Type"].startswith(("text/csv", "application/")), name
            assert "no-store" in answer.headers["Cache-Control"], name


def _cells(answer: Any) -> Iterator[str]:
    if answer.whole[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.whole)) as archive:
            for part in archive.namelist():
                # A cell of a workbook runs where it is a formula; text is text, whatever it begins with.
                assert b"<f>" not in archive.read(part)
        return
    for row in csv.reader(io.StringIO(answer.whole.decode("utf-8-sig"))):
        yield from row


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            'a"; filename="evil.exe',
            "a\r\nSet-Cookie: planted=1",
            "../../etc/passwd",
            "..\\..\\windows\\system32",
            "a/b.csv",
            "名单.csv",
            "a\x00b.csv",
            "a;b,c.csv",
            "\u202evsc.exe",
        ],
    )
    def test_of_files_cannot_leave_their_place(self, name: str) -> None:
        for answer in (csv_answer([["x"]], file_name=name), workbook_answer([("x", [["y"]])], file_name=name)):
            head = answer.headers["Content-Disposition"]

            found = _HEADER.fullmatch(head)
            assert found is not None, head
            assert not set('\r\n\x00/\\"\u202e') & set(unquote(found.group(1)))
