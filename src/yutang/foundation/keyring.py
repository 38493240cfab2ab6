"""The keys of one installation: where they lie, how they are made once, and how another sealing key is added.

They lie in ``$YUTANG_HOME/keys.json`` (owner-only rights), or in the setting `YUTANG_KEYS` as the same JSON text. New ones
are made only for a store that holds nothing sealed; that the keys are those of the store is looked at by
`foundation.sealed_records.ensure_keys`.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_SETTING = "YUTANG_KEYS"
_KEY_BYTES = 32
#: The id of a key is one byte of each record.
_MOST_KEYS = 255


class KeysAreBroken(DomainError):
    """The text of the keys is not what was written."""

    code: ClassVar[str] = "keys_are_broken"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "%(place)s does not hold keys that can be read (%(detail)s). Put keys.json back from the backup of this installation."
    )


class KeysAreMissing(DomainError):
    """The store holds sealed records, and there are no keys."""

    code: ClassVar[str] = "keys_are_missing"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The keys are gone: there is no %(place)s, and the store holds personal data that only they open. Put keys.json back "
        "from the backup of this installation, or set YUTANG_KEYS. No new keys were made: they would open nothing."
    )


class KeysAreOthers(DomainError):
    """The keys are not those that the store was sealed with."""

    code: ClassVar[str] = "keys_are_others"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The keys in %(place)s are not those of this store. Put keys.json back from the backup of this installation; what is "
        "sealed does not open with other keys, and people would not be recognised."
    )


class KeysAreSetOutside(DomainError):
    """The keys come from the environment, where nothing can be written."""

    code: ClassVar[str] = "keys_are_set_outside"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The keys come from YUTANG_KEYS, which cannot be changed from here. Write its text into %(place)s, run this without "
        "YUTANG_KEYS, and set YUTANG_KEYS to the new text."
    )


class NoMoreKeys(DomainError):
    """All ids of keys are taken."""

    code: ClassVar[str] = "no_more_keys"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This installation has had %(count)s keys already; there are no more ids for another.")


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

    @classmethod
    def made(cls) -> Keyring:
        """Return new keys, as a first start makes them."""
        return cls(current=1, sealing={1: AESGCM.generate_key(256)}, index=os.urandom(_KEY_BYTES))

    def grown(self) -> Keyring:
        """Return the ring with one more sealing key, which is the current one.

        Raises:
            NoMoreKeys: the ids are used up.
        """
        new_id = max(self.sealing) + 1
        if new_id > _MOST_KEYS:
            raise NoMoreKeys(count=len(self.sealing))
        sealing = {**self.sealing, new_id: AESGCM.generate_key(256)}
        return Keyring(current=new_id, sealing=sealing, index=self.index)

    def as_json(self) -> str:
        """Return the ring as the text of keys.json."""
        keys = {str(i): base64.b64encode(k).decode() for i, k in self.sealing.items()}
        return json.dumps({"current": self.current, "sealing": keys, "index": base64.b64encode(self.index).decode()})

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """Return the ring that `as_json` wrote.

        Raises:
            ValueError: the text is no such ring.
        """
        try:
            stored = json.loads(text)
            sealing = {int(i): base64.b64decode(k, validate=True) for i, k in stored["sealing"].items()}
            ring = cls(int(stored["current"]), sealing, base64.b64decode(stored["index"], validate=True))
        except (KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        lengths = {len(key) for key in (*sealing.values(), ring.index)}
        if ring.current not in sealing or lengths != {_KEY_BYTES}:
            raise ValueError("a key is missing or cut short")
        return ring

    def fingerprint(self) -> dict[str, str]:
        """Return what tells these keys from others and gives none of them away: a keyed hash of each, by name."""
        keys = {"index": self.index, **{str(i): key for i, key in self.sealing.items()}}
        return {
            name: hashlib.blake2b(b"fingerprint", digest_size=16, key=key, person=b"keyring").hexdigest()
            for name, key in keys.items()
        }


def keys_path() -> Path:
    """Return where the keys lie when they do not come from the environment."""
    return Path(settings.YUTANG_HOME) / "keys.json"


def keys_place() -> str:
    """Return what a person calls the place that the keys come from."""
    return _SETTING if os.environ.get("YUTANG_KEYS") else str(keys_path())


def keys_exist() -> bool:
    """Return whether this installation has keys."""
    return bool(os.environ.get("YUTANG_KEYS")) or keys_path().exists()


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """Return the keys of this installation, made on first use. Of the sealing keys another process may have added one since.

    Raises:
        KeysAreBroken: they cannot be read.
        KeysAreMissing: there are none, and the store holds sealed records.
    """
    return fresh_keyring()


def fresh_keyring() -> Keyring:
    """Return the keys as they lie now, with those that another process has added.

    Raises:
        KeysAreBroken: they cannot be read.
        KeysAreMissing: there are none, and the store holds sealed records.
    """
    written = os.environ.get("YUTANG_KEYS")
    if written:
        return _ring_of(written)
    path = keys_path()
    try:
        stat = path.stat()
    except FileNotFoundError as error:
        if keyring.cache_info().currsize:
            # They were taken away under this process: other keys beside the index key at hand would be a mixture.
            raise KeysAreMissing(place=str(path)) from error
        _make_first_keys(path)
        stat = path.stat()
    return _ring_at(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


def forget_keyring() -> None:
    """Let the keys be read anew, after they were put in place by something else than this process."""
    for kept in (keyring, _ring_at, _ring_of):
        kept.cache_clear()


def add_sealing_key() -> Keyring:
    """Add a new sealing key, make it current and return the ring; old records open with the old keys until resealed.

    Raises:
        KeysAreSetOutside: the keys come from the environment.
        NoMoreKeys: the ids are used up.
    """
    path = keys_path()
    if os.environ.get("YUTANG_KEYS"):
        raise KeysAreSetOutside(place=str(path))
    with _alone(path.with_name("keys.lock")):
        grown = fresh_keyring().grown()
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        _write(draft, grown)
        draft.replace(path)
    return fresh_keyring()


@lru_cache(maxsize=1)
def _ring_at(path: Path, stamp: tuple[int, int, int]) -> Keyring:
    """Return the ring of a file; the stamp tells one state of the file from the next."""
    try:
        return Keyring.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise KeysAreBroken(place=str(path), detail=_told(error)) from error


@lru_cache(maxsize=1)
def _ring_of(text: str) -> Keyring:
    try:
        return Keyring.from_json(text)
    except ValueError as error:
        raise KeysAreBroken(place=_SETTING, detail=_told(error)) from error


def _told(error: Exception) -> str:
    """Return what is wrong, without a piece of the text: it may be a key."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "JSON" if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)) else str(error)[:80]


def _make_first_keys(path: Path) -> None:
    """Write the first keys; of two processes that start at once, one wins and both use its keys."""
    from yutang.foundation.sealed_records import holds_sealed_records

    if holds_sealed_records():
        raise KeysAreMissing(place=str(path))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write(draft, Keyring.made())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(path: Path, ring: Keyring) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ring.as_json())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
