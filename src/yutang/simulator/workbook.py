"""One xlsx file that grows by blocks of rows: a zip of a few fixed parts and one sheet, written as a stream."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import pyarrow as pa

from yutang.simulator.scribe import Form, payload

#: A cell is text in place: what platforms write, and what needs no table of shared strings.
CELLS: Final = Form(
    start="<row>",
    opening='<c t="inlineStr"><is><t xml:space="preserve">',
    closing="</t></is></c>",
    between="",
    end="</row>",
)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        '<sheets><sheet name="订单" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


class Workbook:
    """A workbook of one sheet; its rows are made with the form `CELLS`."""

    def __init__(self, path: Path, *, header: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        for name, content in _PARTS.items():
            self._zip.writestr(_part(name), _HEAD + content)
        self._sheet = self._zip.open(_part("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        names = "".join(CELLS.opening + name + CELLS.closing for name in header.split(","))
        first = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{CELLS.start}{names}{CELLS.end}'
        self._sheet.write(first.encode())

    def write(self, rows: pa.Array) -> None:
        """Append rows."""
        self._sheet.write(payload(rows))
        self.rows += len(rows)

    def close(self) -> None:
        """Finish the file."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()


def _part(name: str) -> zipfile.ZipInfo:
    """A fixed time, so that equal content is equal bytes."""
    part = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
    part.compress_type = zipfile.ZIP_DEFLATED
    return part
