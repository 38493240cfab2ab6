"""Reading a list of codes that another shop system wrote."""

from __future__ import annotations

_ENCODINGS = ("utf-8-sig", "gb18030")


def codes_in(content: bytes) -> list[str]:
    """Return the first cell of each line of a text or CSV file, in UTF-8 or GB18030; a head without a digit is passed over."""
    cells = [_first_cell(line) for line in _decoded(content).splitlines()]
    has_head = bool(cells) and not _has_digit(cells[0]) and any(map(_has_digit, cells[1:]))
    return ["", *cells[1:]] if has_head else cells


def _first_cell(line: str) -> str:
    for separator in ("\t", ",", ";"):
        line = line.partition(separator)[0]
    return line.strip().strip('"').strip()


def _has_digit(cell: str) -> bool:
    return any(one.isdigit() for one in cell)


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")
