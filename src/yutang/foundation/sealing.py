"""Personal data at rest: one authenticated record a person, and keyed hashes to look people up.

A sealed record is ``key id (1 byte) | nonce (12 bytes) | AES-256-GCM ciphertext and tag`` over compact JSON. Where the keys
come from is in `foundation.keyring`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, ClassVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yutang.foundation.keyring import forget_keyring, fresh_keyring, keyring
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_NONCE_BYTES = 12


class KeyIsMissing(DomainError):
    """A record was sealed with a key that this installation does not hold."""

    code: ClassVar[str] = "key_is_missing"
    http_status: ClassVar[int] = 500
    message: ClassVar[str] = N_(
        "The key %(key_id)s that sealed this record is not in keys.json. Restore keys.json from the backup of this installation."
    )


class RecordIsDamaged(DomainError):
    """A sealed record fails its authentication: it was altered, or the key is another."""

    code: ClassVar[str] = "record_is_damaged"
    http_status: ClassVar[int] = 500
    message: ClassVar[str] = N_(
        "A sealed record cannot be opened: it was altered, or keys.json is not the one it was sealed with."
    )


def seal(record: dict[str, Any]) -> bytes:
    """Return the record sealed with the current key."""
    return seal_many([record])[0]


def seal_many(records: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return the records sealed with the current key, aligned by position."""
    # A worker that runs for weeks seals with the key that was added meanwhile.
    ring = fresh_keyring()
    encrypt = _cipher(ring.current).encrypt
    prefix = bytes([ring.current])
    nonces = os.urandom(_NONCE_BYTES * len(records))
    sealed = []
    for position, record in enumerate(records):
        nonce = nonces[position * _NONCE_BYTES : (position + 1) * _NONCE_BYTES]
        sealed.append(prefix + nonce + encrypt(nonce, orjson.dumps(record), prefix))
    return sealed


def unseal(blob: bytes | memoryview) -> dict[str, Any]:
    """Return the record that was sealed.

    Raises:
        KeyIsMissing: the key that sealed it is not in the ring.
        RecordIsDamaged: the record does not authenticate.
    """
    sealed = bytes(blob)
    try:
        clear = _cipher(sealed[0]).decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], sealed[:1])
    except InvalidTag as refusal:
        raise RecordIsDamaged from refusal
    record: dict[str, Any] = orjson.loads(clear)
    return record


def forget_keys() -> None:
    """Let the keys be read anew, after they were put in place by something else than this process."""
    forget_keyring()
    _cipher.cache_clear()


def digest16(kind: str, scope: str, value: str) -> bytes:
    """Return the look-up hash of one identifier: keyed BLAKE2b over kind, scope and value, 16 bytes."""
    return digest16_many(kind, scope, [value])[0]


def digest16_many(kind: str, scope: str, values: Iterable[str]) -> list[bytes]:
    """Return the look-up hashes of identifiers of one kind and scope, aligned by position."""
    seeded = hashlib.blake2b(f"{kind}\x1f{scope}\x1f".encode(), digest_size=16, key=keyring().index)
    return [_finish(seeded, value) for value in values]


def token8(text: str) -> bytes:
    """Return the search hash of a piece of a name: keyed BLAKE2b, 8 bytes."""
    return hashlib.blake2b(text.encode(), digest_size=8, key=keyring().index, person=b"name-token").digest()


def _finish(seeded: Any, value: str) -> bytes:
    copied = seeded.copy()
    copied.update(value.encode())
    finished: bytes = copied.digest()
    return finished


@cache
def _cipher(key_id: int) -> AESGCM:
    key = fresh_keyring().sealing.get(key_id)
    if key is None:
        raise KeyIsMissing(key_id=key_id)
    return AESGCM(key)
