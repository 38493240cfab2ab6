"""The whole installation in one file, made while it runs, and put back on an empty machine.

A backup is a tar archive: ``manifest.json`` (what is in it, with sizes and SHA-256, and the rows of each table), the store as it
was at one instant, the copies of imported files, and the keys: these only where the file is sealed with a passphrase or it is asked for,
because keys beside the data protect nothing. The lake is not in it: it is made again from the store.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.db import connection

import yutang
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.sealed_streams import OpeningReader, SealingWriter, SealIsBroken, is_sealed
from yutang.kit.text import N_, Sentence

_STORE, _MANIFEST = "store.sqlite3", "manifest.json"
#: Files beside the store that open it; `secret_key` only ends sessions when it changes.
_KEYS = ("keys.json", "secret_key")
#: Folders of the home whose files belong to the installation.
_FOLDERS = ("imports", "content")
#: What rows of imports look like between reading and loading: made again from the kept copy.
_NOT_KEPT = ("staged",)
_FORMAT = 1

#: Why a backup cannot be restored.
_DAMAGED = Sentence(N_("the store in it is damaged."))
_NOT_WHOLE = Sentence(N_("it is no backup of Yutang, or not a whole one."))
_NEWER = Sentence(N_("a newer version of Yutang made it."))
_CHANGED = Sentence(N_("a file in it is not what was written."))

#: Called with the bytes done and those in all.
Told = Callable[[int, int], None]


class BackupIsForTheEmbeddedStore(DomainError):
    """PostgreSQL has its own tools, which know how to do it."""

    code: ClassVar[str] = "backup_is_for_the_embedded_store"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The store is PostgreSQL: back it up with pg_dump, and beside it keys.json, secret_key, and the folders imports and content "
        "(docs/backup.md has the commands)."
    )


class BackupFileExists(DomainError):
    """A backup is never written over another file."""

    code: ClassVar[str] = "backup_file_exists"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(file)s is there already. Choose another name.")


class BackupCannotBeWritten(DomainError):
    """No room, no right, no folder."""

    code: ClassVar[str] = "backup_cannot_be_written"
    http_status: ClassVar[int] = 507
    message: ClassVar[str] = N_("%(file)s cannot be written (%(detail)s). Nothing was left behind.")


class BackupIsBroken(DomainError):
    """The file is no backup, or not a whole one."""

    code: ClassVar[str] = "backup_is_broken"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(file)s cannot be restored: %(why)s Nothing was changed.")


class PassphraseIsMissing(DomainError):
    """The backup is sealed."""

    code: ClassVar[str] = "passphrase_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(file)s is sealed with a passphrase. Give it with --passphrase-file.")


class PassphraseIsWrong(DomainError):
    """Another passphrase, or a damaged file: cryptography cannot tell the two apart."""

    code: ClassVar[str] = "passphrase_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(file)s does not open: the passphrase is another one, or the file is damaged.")


class HomeIsNotEmpty(DomainError):
    """A restore never overwrites a store."""

    code: ClassVar[str] = "home_is_not_empty"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(home)s holds a store or keys already. Restore into an empty folder: set YUTANG_HOME to it."
    )


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        file: where it lies.
        size: of the file. Bytes.
        made_at: the instant of the store's state, ISO 8601.
        version: of Yutang.
        files: files in it, the store included. Count.
        has_keys: whether the keys are in it.
        is_sealed: whether it is sealed with a passphrase.
        rows: ``{table: rows}``.
    """

    file: Path
    size: int
    made_at: str
    version: str
    files: int
    has_keys: bool
    is_sealed: bool
    rows: Mapping[str, int]


def make_backup(
    *,
    actor: Actor,
    file: Path,
    passphrase: str | None = None,
    with_keys: bool | None = None,
    told: Told = lambda done, total: None,
    now: datetime,
) -> BackupReport:
    """Write the installation into one file, and read it back whole before calling it done.

    Args:
        actor: who asks.
        file: must not exist yet.
        passphrase: seals the file; None: it is not sealed.
        with_keys: None: only where it is sealed.
        told: hears how far it is.
        now: aware UTC.

    Raises:
        BackupIsForTheEmbeddedStore: the store is PostgreSQL.
        BackupFileExists: there is a file of that name.
        BackupCannotBeWritten: no room, no right or no folder.
    """
    actor.require("backups.make")
    if connection.vendor != "sqlite":
        raise BackupIsForTheEmbeddedStore
    if file.exists():
        raise BackupFileExists(file=str(file))
    keys = passphrase is not None if with_keys is None else with_keys
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.YUTANG_HOME) as folder:
            snapshot = Path(folder) / _STORE
            rows = _snapshot_of_store(snapshot)
            members = [(_STORE, snapshot), *_other_files(keys)]
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                _write(target, members, rows, passphrase=passphrase, told=told, now=now)
                target.flush()
                os.fsync(target.fileno())
        report = check_backup(file=draft, passphrase=passphrase)
        draft.rename(file)
    except OSError as error:
        raise BackupCannotBeWritten(file=str(file), detail=error.strerror or type(error).__name__) from error
    finally:
        draft.unlink(missing_ok=True)
    audit(actor=actor, action="backups.make", subject_type="backup", detail={"file": file.name, "keys": keys}, now=now)
    return BackupReport(**{**vars(report), "file": file})


def check_backup(*, file: Path, passphrase: str | None = None) -> BackupReport:
    """Read a backup whole, compare every file with the manifest and look through the store; change nothing.

    Raises:
        BackupIsBroken: it is no backup, or not a whole one.
        PassphraseIsMissing: it is sealed.
        PassphraseIsWrong: it does not open.
    """
    with tempfile.TemporaryDirectory(prefix=".check-", dir=settings.YUTANG_HOME) as folder:
        manifest = _unpacked(file, Path(folder), passphrase)
        return _report(file, manifest, passphrase)


def restore_backup(*, file: Path, home: Path, passphrase: str | None = None) -> BackupReport:
    """Put an installation back into an empty home: all of it, or nothing.

    Args:
        file: a backup.
        home: the home of the installation; it may hold nothing but what a first start makes before there is a store.
        passphrase: of a sealed backup.

    Raises:
        HomeIsNotEmpty: there is a store, or there are keys.
        BackupIsBroken: it is no backup, or not a whole one.
        PassphraseIsMissing: it is sealed.
        PassphraseIsWrong: it does not open.
    """
    store = home / "yutang.sqlite3"
    if store.exists() or (home / "keys.json").exists() or any((home / name).exists() for name in _FOLDERS):
        raise HomeIsNotEmpty(home=str(home))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        unpacked = Path(folder)
        manifest = _unpacked(file, unpacked, passphrase)
        for name in (*_KEYS, *_FOLDERS):
            if (unpacked / name).exists():
                (unpacked / name).replace(home / name)
        # The store comes last: a home that has one is whole.
        (unpacked / _STORE).replace(store)
    return _report(file, manifest, passphrase)


def _snapshot_of_store(target: Path) -> dict[str, int]:
    """Copy the store as it is at one instant, look through the copy, and return the rows of each table."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        # In one step: in several, every change from outside would begin the copy anew.
        connection.connection.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        return _rows_of(copy, target)


def _rows_of(store: sqlite3.Connection, path: Path) -> dict[str, int]:
    """Look through a store, and return the rows of each table."""
    try:
        (verdict,) = store.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise BackupIsBroken(file=path.name, why=_DAMAGED)
        names = [n for (n,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {n: store.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for n in names}  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise BackupIsBroken(file=path.name, why=_DAMAGED) from error


def _other_files(with_keys: bool) -> Iterator[tuple[str, Path]]:
    home = Path(settings.YUTANG_HOME)
    if with_keys:
        yield from ((name, home / name) for name in _KEYS if (home / name).is_file())
    for folder in _FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not set(_NOT_KEPT) & set(path.relative_to(home).parts):
                yield path.relative_to(home).as_posix(), path


def _write(
    target: BinaryIO,
    members: Sequence[tuple[str, Path]],
    rows: Mapping[str, int],
    *,
    passphrase: str | None,
    told: Told,
    now: datetime,
) -> None:
    total, done = sum(path.stat().st_size for _, path in members), 0
    listed: dict[str, dict[str, Any]] = {}
    with (
        _sealed(target, passphrase) as plain,
        gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=1, mtime=int(now.timestamp())) as zipped,
        tarfile.open(fileobj=zipped, mode="w|") as archive,
    ):
        for name, path in members:
            try:
                content = path.open("rb")
            except FileNotFoundError:
                # An import that ended meanwhile gave its copy back.
                continue
            with content:
                size, digest = os.fstat(content.fileno()).st_size, hashlib.sha256()
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime = size, 0o600, int(now.timestamp())
                archive.addfile(member, cast("Any", _Digesting(content, digest)))
            listed[name] = {"size": size, "sha256": digest.hexdigest()}
            done += size
            told(done, total)
        manifest = {
            "format": _FORMAT,
            "version": yutang.__version__,
            "made_at": now.isoformat(),
            "files": listed,
            "rows": dict(rows),
        }
        text = json.dumps(manifest).encode()
        member = tarfile.TarInfo(_MANIFEST)
        member.size, member.mode = len(text), 0o600
        archive.addfile(member, io.BytesIO(text))


class _Digesting:
    """Reads a file and digests what is read."""

    def __init__(self, file: BinaryIO, digest: Any) -> None:
        self._file, self._digest = file, digest

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data


@contextmanager
def _sealed(target: BinaryIO, passphrase: str | None) -> Iterator[BinaryIO]:
    if passphrase is None:
        yield target
        return
    with io.BufferedWriter(SealingWriter(target, passphrase=passphrase), 2**20) as sealed:
        yield cast("BinaryIO", sealed)


def _unpacked(file: Path, folder: Path, passphrase: str | None) -> dict[str, Any]:
    """Unpack a backup into a folder, compare it with its manifest, and return that."""
    try:
        with file.open("rb") as source:
            start = source.read(16)
            source.seek(0)
            if is_sealed(start) and passphrase is None:
                raise PassphraseIsMissing(file=str(file))
            plain: BinaryIO = source
            if is_sealed(start):
                plain = cast("BinaryIO", io.BufferedReader(OpeningReader(source, passphrase=passphrase or ""), 2**20))
            with gzip.GzipFile(fileobj=plain) as zipped:
                with tarfile.open(fileobj=zipped, mode="r|") as archive:
                    # The filter refuses what would lie outside the folder, links and devices.
                    archive.extractall(folder, filter="data")
                # Behind the archive come the checksum and, in a sealed file, the last piece: a cut end is found out here.
                while zipped.read(2**20):
                    pass
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text())
        _compare(file, folder, manifest)
    except SealIsBroken as error:
        raise PassphraseIsWrong(file=str(file)) from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise BackupIsBroken(file=str(file), why=_NOT_WHOLE) from error
    return manifest


def _compare(file: Path, folder: Path, manifest: Mapping[str, Any]) -> None:
    if manifest["format"] > _FORMAT:
        raise BackupIsBroken(file=str(file), why=_NEWER)
    for name, told in manifest["files"].items():
        with (folder / name).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != told["sha256"]:
            raise BackupIsBroken(file=str(file), why=_CHANGED)
    with closing(sqlite3.connect(folder / _STORE)) as store:
        if _rows_of(store, file) != manifest["rows"]:
            raise BackupIsBroken(file=str(file), why=_DAMAGED)


def _report(file: Path, manifest: Mapping[str, Any], passphrase: str | None) -> BackupReport:
    return BackupReport(
        file=file,
        size=file.stat().st_size,
        made_at=manifest["made_at"],
        version=manifest["version"],
        files=len(manifest["files"]),
        has_keys="keys.json" in manifest["files"],
        is_sealed=passphrase is not None,
        rows=manifest["rows"],
    )
