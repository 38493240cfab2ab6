"""Where stores stand, read from a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_

#: A list of stores is short; a file beyond this is something else. Bytes.
LARGEST_LIST = 5_000_000
#: What lists call their columns, lower case.
_CODE = ("code", "store_code", "store", "门店编号", "门店编码", "店铺编号", "编号", "编码")
_LATITUDE = ("latitude", "lat", "纬度")
_LONGITUDE = ("longitude", "lon", "lng", "经度")


class PlacesAreUnreadable(DomainError):
    """A list of places cannot be read; nothing of it was taken."""

    code: ClassVar[str] = "places_are_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Row %(row)s of the list cannot be read: “%(written)s”. Write a CSV file with the columns code, latitude and longitude, "
        "such as SH01,31.1953,121.4370. Nothing was changed."
    )


@dataclass(frozen=True)
class StorePlace:
    """Where the store of a code stands."""

    code: str
    place: Place


def places_in(*, content: bytes) -> tuple[StorePlace, ...]:
    """Return the places that a CSV file names; a store without either number is left out.

    Args:
        content: UTF-8 or GB18030, with a header that names the columns of code, latitude and longitude, in 中文 or English.

    Raises:
        PlacesAreUnreadable: a column is missing, or a row holds no place; says which one.
    """
    rows = csv.reader(io.StringIO(_text(content)))
    header = [cell.strip().lower() for cell in next(rows, [])]
    try:
        columns = [
            next(at for at, name in enumerate(header) if name in names) for names in (_CODE, _LATITUDE, _LONGITUDE)
        ]
    except StopIteration:
        raise PlacesAreUnreadable(row=1, written=", ".join(header)[:80]) from None
    return tuple(_read(rows, columns))


def _text(content: bytes) -> str:
    if len(content) > LARGEST_LIST:
        raise PlacesAreUnreadable(row=1, written="")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlacesAreUnreadable(row=1, written="")


def _read(rows: Iterator[list[str]], columns: Sequence[int]) -> Iterator[StorePlace]:
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        code, latitude, longitude = (row[at].strip() if at < len(row) else "" for at in columns)
        if code and not latitude and not longitude:
            continue
        try:
            place = Place(float(latitude), float(longitude))
        except ValueError:
            place = None
        if not code or place is None or not place.is_on_earth:
            raise PlacesAreUnreadable(row=number, written=",".join(row)[:80])
        yield StorePlace(code, place)
