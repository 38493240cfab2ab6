"""Tables that leave Yutang and are opened by a spreadsheet program."""

from __future__ import annotations

import re

#: A cell that a spreadsheet program would run, also in full width as Chinese and Japanese ones accept it.
_EXECUTABLE = re.compile(r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]")
_PLAIN_NUMBER = re.compile(r"^\s*[+-]?\d[\d,]*(\.\d+)?%?\s*$")


def safe_cell(text: str) -> str:
    """Return the cell, with an apostrophe in front when a spreadsheet program would take it for a formula.

    A plain signed number is left as it is. Reading a table drops the apostrophe again.
    """
    return f"'{text}" if _EXECUTABLE.match(text) and not _PLAIN_NUMBER.match(text) else text
