"""Files sealed with a passphrase, written and read as streams.

The file is a head (magic, salt, cost of the key, nonce prefix) and pieces of one mebibyte, each sealed with AES-256-GCM under a nonce
of prefix, number of the piece and whether it is the last: pieces cannot be changed, swapped, left out or cut off unnoticed.
The key comes from the passphrase by scrypt.

Source: V. T. Hoang, R. Reyhanitabar, P. Rogaway, D. Vizár, "Online authenticated-encryption and its nonce-reuse
misuse-resistance", CRYPTO 2015 (the construction STREAM); RFC 7914 (scrypt).
"""

from __future__ import annotations

import os
import struct
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAGIC = b"YUTANG-SEALED-1\n"
_PIECE = 2**20
_TAG = 16
_PREFIX = 7
_SALT = 16
#: Cost of the key: 2 to this power blocks of 1 KiB; 64 MiB and some tenths of a second.
_COST = 16
#: A head that asks for more is not ours: it would take all memory.
_HIGHEST_COST = 20


class SealIsBroken(Exception):
    """The passphrase is another, or the file is not whole."""


class SealingWriter(RawIOBase):
    """Seals what is written to it; the last piece is written when it is closed. The target stays open."""

    def __init__(self, target: BinaryIO, *, passphrase: str) -> None:
        super().__init__()
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._target, self._waiting, self._number = target, bytearray(), 0
        self._cipher = AESGCM(_key(passphrase, salt, _COST))
        target.write(MAGIC + salt + bytes([_COST]) + self._prefix)

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Take bytes; pieces go out as they fill."""
        taken = bytes(data)
        self._waiting += taken
        # One piece stays, because the last one is sealed as such.
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), is_last=False)
            del self._waiting[:_PIECE]
        return len(taken)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._seal(bytes(self._waiting), is_last=True)
        super().close()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._prefix, self._number, is_last), piece, None))
        self._number += 1


class OpeningReader(RawIOBase):
    """Reads what was sealed.

    Raises:
        SealIsBroken: at the first piece that does not open, or where the file ends before its last piece.
    """

    def __init__(self, source: BinaryIO, *, passphrase: str) -> None:
        super().__init__()
        head = source.read(len(MAGIC) + _SALT + 1 + _PREFIX)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + _SALT + 1 + _PREFIX:
            raise SealIsBroken("no head")
        salt, cost = head[len(MAGIC) : len(MAGIC) + _SALT], head[len(MAGIC) + _SALT]
        if cost > _HIGHEST_COST:
            raise SealIsBroken("no head")
        self._source, self._prefix, self._number = source, head[-_PREFIX:], 0
        self._cipher = AESGCM(_key(passphrase, salt, cost))
        self._ahead = source.read(_PIECE + _TAG)
        self._opened, self._has_ended = memoryview(b""), False

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer, or a part of it; 0 at the end."""
        if not self._opened and not self._has_ended:
            self._open_next()
        target = memoryview(buffer).cast("B")
        n = min(len(target), len(self._opened))
        target[:n] = self._opened[:n]
        self._opened = self._opened[n:]
        return n

    def _open_next(self) -> None:
        piece, self._ahead = self._ahead, self._source.read(_PIECE + _TAG)
        self._has_ended = not self._ahead
        try:
            opened = self._cipher.decrypt(_nonce(self._prefix, self._number, self._has_ended), piece, None)
        except InvalidTag as error:
            raise SealIsBroken("a piece does not open") from error
        self._opened = memoryview(opened)
        self._number += 1


def is_sealed(start: bytes) -> bool:
    """Return whether a file that begins so is a sealed one; 16 bytes are enough."""
    return start.startswith(MAGIC)


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(passphrase.encode())


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, is_last)
