"""Chunks of plain bytes out of a plain, gzip or zip file, with bounded expansion and without NUL bytes."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from yutang.ingest.reading.limits import (
    CHUNK_BYTES,
    MAX_UNPACK_RATIO,
    MAX_UNPACKED_TEXT_BYTES,
    MIB,
    RATIO_COUNTS_FROM,
)
from yutang.ingest.reading.refusals import FileExpandsTooFar, FileHasNulBytes, FileIsDamaged

_PACKED_CHUNK = 256 * 1024


class StreamIsCutOff(Exception):
    """The packed data ends before its own end mark; everything before it was given."""


@dataclass(frozen=True)
class ByteStream:
    """A file that can be read from its start again and again, in chunks.

    Attributes:
        path: where the file lies.
        packing: ``""``, ``"gzip"`` or ``"zip"``.
        member: name inside a zip archive.
        transcode_from: codec whose text is given as UTF-8 instead; empty to leave bytes alone.
    """

    path: Path
    packing: str = ""
    member: str = ""
    transcode_from: str = ""

    def transcoded(self, codec: str) -> ByteStream:
        """Return the same stream, given as UTF-8 out of `codec`."""
        return replace(self, transcode_from=codec)

    def first_bytes(self) -> bytes:
        """Return the start of the unpacked bytes as they are."""
        return next((chunk for chunk in self._unpacked() if chunk), b"")[:65_536]

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in chunks of about `CHUNK_BYTES`.

        Raises:
            FileExpandsTooFar: more comes out than a real file holds.
            FileHasNulBytes: a NUL byte is met.
            FileIsDamaged: the packed data is wrong.
            StreamIsCutOff: after the last chunk, when the packed data ends too early.
        """
        line = 1
        for chunk in _gathered(self._text_bytes()):
            if (at := chunk.find(0)) >= 0:
                raise FileHasNulBytes(line=line + chunk.count(b"\n", 0, at))
            yield chunk
            line += chunk.count(b"\n")

    def _text_bytes(self) -> Iterator[bytes]:
        return _as_utf8(self._unpacked(), self.transcode_from) if self.transcode_from else self._unpacked()

    def _unpacked(self) -> Iterator[bytes]:
        if self.packing == "gzip":
            return _gunzipped(self.path)
        if self.packing == "zip":
            return _unzipped(self.path, self.member)
        return _plain(self.path)


def unpacked_size(archive: BinaryIO, member: zipfile.ZipInfo, *, limit: int) -> int:
    """Return how many bytes a zip member really holds; its directory may lie.

    Raises:
        FileExpandsTooFar: more than `limit` bytes, or out of proportion.
    """
    size = 0
    for chunk in _inflated(archive, member):
        size += len(chunk)
        _check_expansion(size, member.compress_size, limit=limit)
    return size


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _gunzipped(path: Path) -> Iterator[bytes]:
    packed = unpacked = 0
    inflater = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        while raw := file.read(_PACKED_CHUNK):
            packed += len(raw)
            while raw:
                if inflater.eof:
                    inflater = zlib.decompressobj(wbits=31)
                try:
                    chunk = inflater.decompress(raw, CHUNK_BYTES)
                except zlib.error as error:
                    raise FileIsDamaged(detail=str(error)) from error
                unpacked += len(chunk)
                _check_expansion(unpacked, packed, limit=MAX_UNPACKED_TEXT_BYTES)
                yield chunk
                raw = inflater.unused_data.lstrip(b"\0") if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        while chunk := inflater.decompress(b"", CHUNK_BYTES):
            yield chunk
        raise StreamIsCutOff


def _unzipped(path: Path, member_name: str) -> Iterator[bytes]:
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        member = archive.getinfo(member_name)
        unpacked = 0
        for chunk in _inflated(file, member):
            unpacked += len(chunk)
            _check_expansion(unpacked, member.compress_size, limit=MAX_UNPACKED_TEXT_BYTES)
            yield chunk


def _inflated(archive: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member's packed bytes hold, whatever size the archive's directory claims."""
    archive.seek(member.header_offset)
    local_header = archive.read(30)
    if local_header[:4] != b"PK\x03\x04":
        raise FileIsDamaged(detail="zip")
    name_length = int.from_bytes(local_header[26:28], "little")
    extra_length = int.from_bytes(local_header[28:30], "little")
    archive.seek(name_length + extra_length, 1)
    left = member.compress_size
    inflater = zlib.decompressobj(wbits=-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (raw := archive.read(min(left, _PACKED_CHUNK))):
        left -= len(raw)
        if inflater is None:
            yield raw
            continue
        while raw:
            try:
                yield inflater.decompress(raw, CHUNK_BYTES)
            except zlib.error as error:
                raise FileIsDamaged(detail=str(error)) from error
            raw = inflater.unconsumed_tail
    while inflater is not None and not inflater.eof and (chunk := inflater.decompress(b"", CHUNK_BYTES)):
        yield chunk


def _check_expansion(unpacked: int, packed: int, *, limit: int) -> None:
    out_of_proportion = unpacked > RATIO_COUNTS_FROM and unpacked > MAX_UNPACK_RATIO * max(packed, 1)
    if unpacked > limit or out_of_proportion:
        raise FileExpandsTooFar(limit_mib=limit // MIB, limit_ratio=MAX_UNPACK_RATIO)


def _as_utf8(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _gathered(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks of at least half of `CHUNK_BYTES`, so that small packed pieces are parsed together."""
    waiting: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            waiting.append(chunk)
            size += len(chunk)
            if size >= CHUNK_BYTES // 2:
                yield b"".join(waiting)
                waiting, size = [], 0
    except StreamIsCutOff:
        if size:
            yield b"".join(waiting)
        raise
    if size:
        yield b"".join(waiting)
