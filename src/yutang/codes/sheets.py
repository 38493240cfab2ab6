"""Printed codes: sheets as PDF with QR codes drawn as areas, sharp at any size, and single codes as PNG. Pure.

The PDF is written here: a page of rectangles and lines of text needs no library. Chinese text names one of the fonts that every PDF
reader knows (Adobe-GB1, STSong-Light) in place of carrying one along.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import segno

#: Points of a millimetre.
_MM = 72 / 25.4
_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
#: White around a QR code, in modules, by its standard (ISO/IEC 18004).
_QUIET = 4
#: A quarter of the code may be dirty or torn.
_ERROR = "q"
_PNG_SCALE = 20
#: Widths of a glyph in thousandths of the size: full for Chinese, half for Latin (told to the reader too).
_FULL, _HALF = 1000, 500
_UNSAFE = re.compile(r"[^\w\-.]+")


@dataclass(frozen=True)
class Label:
    """One printed code.

    Attributes:
        address: what the QR code holds.
        title: large, for who scans.
        line: below, such as the store; empty: none.
        mark: small, for staff, who tell batches apart by it.
    """

    address: str
    title: str
    line: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Layout:
    """How labels stand on a page of A4.

    Attributes:
        columns: beside each other.
        rows: below each other.
        width: of a label. Millimetres.
        height: of a label. Millimetres.
        code: side of the QR code with its white. Millimetres.
        title_size: of the letters. Points.
        is_cut: whether its edges are marked for cutting.
        is_wide: whether the text stands beside the code, not below.
    """

    columns: int
    rows: int
    width: float
    height: float
    code: float
    title_size: float
    is_cut: bool = True
    is_wide: bool = False

    @property
    def places(self) -> int:
        """Labels of a page."""
        return self.columns * self.rows


#: By name: a poster fills a page, signs stand on tables and counters, cards lie in parcels, badges are worn.
LAYOUTS: Mapping[str, Layout] = {
    "poster": Layout(1, 1, 190, 277, 150, 34, is_cut=False),
    "sign": Layout(2, 2, 95, 138, 74, 17),
    "card": Layout(2, 5, 90, 54, 44, 12, is_wide=True),
    "badge": Layout(3, 4, 60, 68, 44, 10),
}


def pdf_of(labels: Sequence[Label], *, layout: str) -> bytes:
    """Return a PDF of A4 pages with these labels in their order.

    Args:
        labels: one at least; one that is to be printed several times stands there several times.
        layout: a key of `LAYOUTS`.

    Raises:
        KeyError: there is no such layout.
    """
    plan = LAYOUTS[layout]
    pages = [labels[at : at + plan.places] for at in range(0, len(labels), plan.places)]
    return _written([_page(some, plan) for some in pages])


def png_of(address: str) -> bytes:
    """Return one QR code as PNG, 20 pixels a module, with its white around."""
    written = io.BytesIO()
    _qr(address).save(written, kind="png", scale=_PNG_SCALE, border=_QUIET)
    return written.getvalue()


def archive_of(labels: Sequence[Label]) -> bytes:
    """Return a ZIP with a PNG of each label, named by its mark."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for number, one in enumerate(labels, 1):
            name = _UNSAFE.sub("_", one.mark or one.title).strip("_") or "code"
            archive.writestr(zipfile.ZipInfo(f"{number:03}_{name}.png"), png_of(one.address))
    return written.getvalue()


def modules_of(address: str) -> tuple[tuple[int, ...], ...]:
    """Return the QR code of an address as rows of dark (1) and light (0) modules, without white around."""
    return tuple(tuple(int(bool(one)) for one in row) for row in _qr(address).matrix)


def _qr(address: str) -> segno.QRCode:
    return segno.make(address, error=_ERROR, micro=False, boost_error=False)


def _page(labels: Sequence[Label], plan: Layout) -> bytes:
    left = (_PAGE_WIDTH - plan.columns * plan.width) / 2
    top = (_PAGE_HEIGHT - plan.rows * plan.height) / 2
    drawn: list[str] = []
    for place, one in enumerate(labels):
        x = left + place % plan.columns * plan.width
        y = _PAGE_HEIGHT - top - (place // plan.columns + 1) * plan.height
        drawn += _label(one, plan, x, y)
        if plan.is_cut:
            drawn.append(f"q 0.2 w 0.75 G {_pt(x)} {_pt(y)} {_pt(plan.width)} {_pt(plan.height)} re S Q")
    return "\n".join(drawn).encode("ascii")


def _label(one: Label, plan: Layout, x: float, y: float) -> list[str]:
    """Return the drawing of a label whose lower left corner is given in millimetres."""
    side = plan.code
    if plan.is_wide:
        code_x, code_y = x + 4, y + (plan.height - side) / 2
        text_x, width = code_x + side + 2, plan.width - side - 9
        lines = _lines(one, plan, width)
        at = y + plan.height / 2 + sum(step for _text, _size, step in lines) / 2
        return [*_code(one.address, code_x, code_y, side), *_texts(lines, text_x, at, width=None)]
    lines = _lines(one, plan, plan.width - 6)
    below = sum(step for _text, _size, step in lines)
    base = y + (plan.height - side - below) / 2
    code = _code(one.address, x + (plan.width - side) / 2, base + below, side)
    return [*code, *_texts(lines, x, base + below, width=plan.width)]


#: Text, size in points, height in millimetres.
_Line = tuple[str, float, float]


def _lines(one: Label, plan: Layout, width: float) -> list[_Line]:
    """Return the lines under or beside a code: the title on two lines at most, the place, the mark of staff."""
    size = plan.title_size
    title = _wrapped(one.title, size, width, most=3 if plan.is_wide else 2)
    found = [(text, size, size * 1.35 / _MM) for text in title]
    small = max(size * 0.62, 7.0)
    found += [(text, small, small * 1.5 / _MM) for text in _wrapped(one.line, small, width, most=2)]
    tiny = max(size * 0.36, 5.5)
    return [*found, *((text, tiny, tiny * 1.8 / _MM) for text in _wrapped(one.mark, tiny, width, most=1))]


def _wrapped(text: str, size: float, width: float, *, most: int) -> list[str]:
    """Return a text in lines of a width in millimetres; what does not fit into the last ends with an ellipsis."""
    lines, room = [""], width * _MM
    for sign in text.strip():
        if _width(lines[-1] + sign, size) > room and lines[-1]:
            lines.append("")
        lines[-1] += sign
    lines = [one.strip() for one in lines if one.strip()]
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and _width(last + "…", size) > room:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _width(text: str, size: float) -> float:
    return sum(_HALF if ord(sign) < 128 else _FULL for sign in text) * size / 1000


def _texts(lines: Sequence[_Line], x: float, top: float, *, width: float | None) -> Iterator[str]:
    """Yield lines from a height downwards, in the middle of a width, or from `x` on where none is given."""
    at = top
    for text, size, step in lines:
        at -= step
        left = x * _MM if width is None else x * _MM + (width * _MM - _width(text, size)) / 2
        hexed = text.encode("utf-16-be").hex()
        yield f"BT /F1 {size:.2f} Tf 0 g {left:.2f} {at * _MM + size * 0.25:.2f} Td <{hexed}> Tj ET"


def _code(address: str, x: float, y: float, side: float) -> list[str]:
    """Return a QR code as rectangles, one for each run of dark modules of a row."""
    rows = modules_of(address)
    unit = side / (len(rows) + 2 * _QUIET)
    drawn = ["0 g"]
    for number, row in enumerate(rows):
        bottom = y + side - (number + 1 + _QUIET) * unit
        for start, length in _runs(row):
            left = x + (start + _QUIET) * unit
            drawn.append(f"{_pt(left)} {_pt(bottom)} {_pt(length * unit)} {_pt(unit)} re")
    return [*drawn, "f"]


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


def _pt(millimetres: float) -> str:
    return f"{millimetres * _MM:.3f}"


def _written(pages: Sequence[bytes]) -> bytes:
    """Return a PDF 1.4 file of these pages; its parts stand in a fixed order, so that the same pages give the same bytes."""
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000 /W [1 95 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    box = f"[0 0 {_pt(_PAGE_WIDTH)} {_pt(_PAGE_HEIGHT)}]"
    for number, content in enumerate(pages):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources << /Font << /F1 3 0 R >> >>"
        parts.append(f"{page} /Contents {first + 2 * number + 1} 0 R >>".encode())
        packed = zlib.compress(content, 9)
        parts.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed))
    return _file(parts)


def _file(parts: Sequence[bytes]) -> bytes:
    written, places = io.BytesIO(), []
    written.write(b"%PDF-1.4\n%\xe4\xb8\xad\n")
    for number, part in enumerate(parts, 1):
        places.append(written.tell())
        written.write(b"%d 0 obj\n%b\nendobj\n" % (number, part))
    table = written.tell()
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1))
    written.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    written.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, table))
    return written.getvalue()
