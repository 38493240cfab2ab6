"""Personal data at rest: one authenticated record a person, and keyed hashes to look people up.

A sealed record is ``key id (1 byte) | nonce (12 bytes) | AES-256-GCM ciphertext and tag`` over compact JSON. The keys
lie in ``$YUTANG_HOME/keys.json`` (owner-only rights), or in the setting `YUTANG_KEYS` as the same JSON text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

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


@dataclass(frozen=True)
class Keyring:
    """The keys of one installation.

    Attributes:
        current: id of the key that seals new records. 1 to 255.
        sealing: AES-256 keys by id.
        index: key of the look-up hashes; never rotated, since every hash hangs on it.
    """

    current: int
    sealing: dict[int, bytes]
    index: bytes

    def as_json(self) -> str:
        """Return the ring as the text of keys.json."""
        keys = {str(i): base64.b64encode(k).decode() for i, k in self.sealing.items()}
        return json.dumps({"current": self.current, "sealing": keys, "index": base64.b64encode(self.index).decode()})

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """Return the ring that `as_json` wrote."""
        stored = json.loads(text)
        sealing = {int(i): base64.b64decode(k) for i, k in stored["sealing"].items()}
        return cls(current=int(stored["current"]), sealing=sealing, index=base64.b64decode(stored["index"]))


def keys_path() -> Path:
    """Return where the keys lie when they do not come from the environment."""
    return Path(settings.YUTANG_HOME) / "keys.json"


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """Return the keys of this installation, made on first use."""
    from_environment = os.environ.get("YUTANG_KEYS")
    if from_environment:
        return Keyring.from_json(from_environment)
    path = keys_path()
    if not path.exists():
        _write_first_keys(path)
    return Keyring.from_json(path.read_text())


def add_sealing_key() -> int:
    """Add a new sealing key, make it current and return its id; old records open with the old keys until resealed."""
    ring = keyring()
    new_id = max(ring.sealing) + 1
    grown = Keyring(current=new_id, sealing={**ring.sealing, new_id: AESGCM.generate_key(256)}, index=ring.index)
    path = keys_path()
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(grown.as_json())
    draft.replace(path)
    keyring.cache_clear()
    _cipher.cache_clear()
    return new_id


def seal(record: dict[str, Any]) -> bytes:
    """Return the record sealed with the current key."""
    return seal_many([record])[0]


def seal_many(records: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return the records sealed with the current key, aligned by position."""
    ring = keyring()
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


def is_sealed_with_current_key(blob: bytes | memoryview) -> bool:
    """Return whether the record needs no resealing."""
    return bytes(blob[:1])[0] == keyring().current


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


@lru_cache(maxsize=8)
def _cipher(key_id: int) -> AESGCM:
    key = keyring().sealing.get(key_id)
    if key is None:
        raise KeyIsMissing(key_id=key_id)
    return AESGCM(key)


def _write_first_keys(path: Path) -> None:
    """Write the first keys; of two processes that start at once, one wins and both use its keys."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = Keyring(current=1, sealing={1: AESGCM.generate_key(256)}, index=os.urandom(32))
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ring.as_json())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
