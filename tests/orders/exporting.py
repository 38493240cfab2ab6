"""Export files that tests fill with rows of their own, and the store told in short."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from yutang.orders.models import Order, OrderStatus, Refund

Row = dict[str, str]


def header_of(folder: Path, name: str) -> list[str]:
    """Return the column names of a header file of the reference data; the test is skipped where there is none."""
    path = folder / "export_formats" / f"{name}.header.csv"
    if not path.exists():
        pytest.skip("no export formats in the reference data")
    return cells_of_file(path)[0]


def cells_of_file(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file in UTF-8 or GBK."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.reader(io.StringIO(text)))


def cells_of(header: list[str], rows: list[Row]) -> list[list[str]]:
    """Return header and rows as cells; a column that a row does not name is empty, one that the file lacks is an error."""
    names = {name.strip() for name in header}
    for row in rows:
        assert set(row) <= names, set(row) - names
    return [header, *([row.get(name.strip(), "") for name in header] for row in rows)]


def as_csv(cells: list[list[str]], *, delimiter: str = ",") -> str:
    """Return cells as text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(cells)
    return out.getvalue()


def write_workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """Write cells as text into sheets of an xlsx file."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, cells in sheets.items():
        sheet = workbook.create_sheet(name)
        for at, row in enumerate(cells, 1):
            for column, text in enumerate(row, 1):
                if text:
                    sheet.cell(at, column, text).data_type = "s"
    workbook.save(path)
    return path


def told(number: str) -> dict[str, Any]:
    """Return one order as a merchant would tell it, money in minor units."""
    order = Order.objects.get(number=number)
    return {
        "status": OrderStatus(order.status).name,
        "day": str(order.business_date) if order.business_date else None,
        "goods": order.goods_minor,
        "shipping": order.shipping_minor,
        "total": order.total_minor,
        "refunded": order.refunded_minor,
        "lines": [
            (line.product.code or line.product.name, line.quantity, line.amount_minor) for line in order.lines.all()
        ],
    }


def refunds() -> list[tuple[str, int, str | None]]:
    """Return (number, amount, order) of every refund."""
    return [
        (r.number, r.amount_minor, r.order.number if r.order else None) for r in Refund.objects.order_by("number", "id")
    ]
