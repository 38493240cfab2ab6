"""Pictures by their bytes: how large they are, and without what does not draw them - places, cameras, whatever was hidden in them.

Photographs from phones carry where and when they were taken. JPEG and PNG are walked part by part and only what draws is kept, so that
nothing personal leaves with a picture, and nothing rides along behind its end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
#: Parts of a PNG that say how it is drawn; texts, times and places are none.
_DRAWS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD"}
)
#: Segments of a JPEG with its size: SOF0 to SOF15 without DHT, JPG and DAC.
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colours) say how it is drawn; the other applications' and comments do not.
_LEFT_OUT = (frozenset(range(0xE0, 0xF0)) - {0xE0, 0xE2, 0xEE}) | {0xFE}
_SCAN, _END = 0xDA, 0xD9
_RESTARTS = frozenset(range(0xD0, 0xD8))
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
#: Most pixels at each side.
_WIDEST = 20_000


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept.

    Attributes:
        media_type: ``image/jpeg`` or ``image/png``.
        width: pixels; `height` too.
        content: its bytes, without what does not draw.
    """

    media_type: str
    width: int
    height: int
    content: bytes


def picture_in(content: bytes) -> Picture | None:
    """Return the picture that bytes hold; None where they are no whole JPEG or PNG of at most 20,000 pixels a side."""
    try:
        picture = _png(content) if content.startswith(_PNG) else _jpeg(content)
    except (struct.error, IndexError, ValueError):
        return None
    is_sane = picture is not None and 0 < picture.width <= _WIDEST and 0 < picture.height <= _WIDEST
    return picture if is_sane else None


def _png(content: bytes) -> Picture | None:
    kept, size, ended = [_PNG], (0, 0), False
    for kind, chunk in _chunks(content):
        if kind == b"IHDR":
            size = struct.unpack(">II", chunk[:8])
        if kind in _DRAWS:
            kept.append(_chunk(kind, chunk))
        ended = kind == b"IEND"
    return Picture("image/png", *size, b"".join(kept)) if ended else None


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk up to the end of the picture; a wrong check sum is no picture."""
    at = len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        kind, chunk = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        if check != zlib.crc32(kind + chunk):
            raise ValueError("a chunk of the PNG does not carry its check sum")
        yield kind, chunk
        if kind == b"IEND":
            return
        at += 12 + length


def _chunk(kind: bytes, chunk: bytes) -> bytes:
    return struct.pack(">I", len(chunk)) + kind + chunk + struct.pack(">I", zlib.crc32(kind + chunk))


def _jpeg(content: bytes) -> Picture | None:
    """Return a JPEG without the segments that do not draw; that it stands on its side is kept in an Exif of its own."""
    if content[:3] != b"\xff\xd8\xff":
        return None
    kept, size, at = [b"\xff\xd8"], (0, 0), 2
    while content[at + 1] != _END:
        marker = content[at + 1]
        if content[at] != 0xFF:
            return None
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at : at + 2 + length]
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        kept.append(_drawing(marker, segment))
        at += 2 + length
        if marker == _SCAN:
            after = _end_of_scan(content, at)
            kept.append(content[at:after])
            at = after
    return Picture("image/jpeg", *size, b"".join(kept) + b"\xff\xd9")


def _drawing(marker: int, segment: bytes) -> bytes:
    """Return a segment where it draws, or what of it does."""
    if marker == 0xE1 and segment[4:10] == _EXIF:
        return _upright(segment[10:])
    return b"" if marker in _LEFT_OUT else segment


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the next marker stands after compressed pixels, in which FF is followed by 00 or by a restart."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] != 0 and content[at + 1] not in _RESTARTS and content[at + 1] != 0xFF:
            return at
        at += 1 if content[at + 1] == 0xFF else 2


def _upright(tiff: bytes) -> bytes:
    """Return an Exif segment that says nothing but how the picture stands; nothing where it stands upright."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    try:
        (offset,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, offset)
        entries = [struct.unpack_from(f"{order}HHIH", tiff, offset + 2 + 12 * n) for n in range(min(count, 200))]
    except struct.error:
        return b""
    turned = next((value for tag, _type, _count, value in entries if tag == _ORIENTATION), 1)
    if not 2 <= turned <= 8:
        return b""
    body = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(body)) + _EXIF + body
