"""Tables as a workbook (xlsx) of plain text cells, which no spreadsheet program runs or rounds."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape, quoteattr

Table = tuple[str, Iterable[Sequence[str]]]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Characters that XML cannot hold.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(file: IO[bytes], tables: Iterable[Table]) -> None:
    """Write each (name, rows) as a sheet; names are unique and such as a workbook allows.

    Args:
        file: open for writing.
        tables: read once, one after the other.
    """
    names = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, rows) in enumerate(tables, 1):
            names.append(name)
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
                sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                for row in rows:
                    sheet.write(_row(row).encode())
                sheet.write(b"</sheetData></worksheet>")
        _write_frame(archive, names)


def _row(cells: Sequence[str]) -> str:
    written = (
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_UNSPEAKABLE.sub("", cell))}</t></is></c>'
        if cell
        else "<c/>"
        for cell in cells
    )
    return f"<row>{''.join(written)}</row>"


def _write_frame(archive: zipfile.ZipFile, names: Sequence[str]) -> None:
    """Write the parts that say which sheets there are."""
    numbered = list(enumerate(names, 1))
    sheets = "".join(
        f"<sheet name={quoteattr(name)} sheetId={quoteattr(str(n))} r:id={quoteattr(f'r{n}')}/>" for n, name in numbered
    )
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        for n, _ in numbered
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>{types}</Types>',
    }
    for path, content in parts.items():
        archive.writestr(path, _HEAD + content)
