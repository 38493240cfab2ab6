"""Which files make up each table: one manifest a table, one pointer for the whole lake, swapped by one rename."""

from __future__ import annotations

import contextlib
import fcntl
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.damage import unreadable
from yutang.lake.files import flush_folder, write_json

#: How long a file that no current manifest names is kept for readers that pinned an older one.
GRACE = timedelta(minutes=15)
#: For so long after a swap the version before, whose answers are prepared, is shown until those of the new one are.
SHOWN_FOR = timedelta(minutes=30)
_CURRENT, _PREPARED = "current.json", "prepared.json"
_PARTS_OF_A_POINTER = frozenset({"version", "manifests", "sync", "written_at", "retired"})


class LakeIsBusy(DomainError):
    """Another sync holds the lake for longer than the caller wants to wait."""

    code = "lake_is_busy"
    http_status = 409
    message = N_("The lake is being written by another run. Try again in a few minutes.")


@dataclass(frozen=True)
class PartitionFile:
    """One Parquet file: all rows of one partition.

    Attributes:
        file: path relative to the lake's root.
        rows: rows in the file. Count.
        size_bytes: size of the file. Bytes.
        digest: SHA-256 of the file in hexadecimal; empty in lakes of before it was kept.
    """

    file: str
    rows: int
    size_bytes: int
    digest: str = ""


@dataclass(frozen=True)
class Manifest:
    """The files of one table in one version.

    Attributes:
        table: name of the published table.
        version: counts up with every change of the table.
        columns: ``{name: type}``, types of `columns.ARROW_TYPES`.
        declaration: digest of what was selected; another digest means that the table must be written anew.
        partitions: ``{partition: file}``.
    """

    table: str
    version: int
    columns: Mapping[str, str]
    declaration: str
    partitions: Mapping[str, PartitionFile] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the table over all partitions."""
        return sum(each.rows for each in self.partitions.values())

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Manifest:
        """Return the manifest that was stored as JSON."""
        partitions = {name: PartitionFile(**each) for name, each in stored["partitions"].items()}
        return cls(**{**stored, "partitions": partitions})


@dataclass(frozen=True)
class Snapshot:
    """The whole lake as one reader sees it: pinned, so that later swaps do not change it.

    Attributes:
        root: folder of the lake.
        version: changes with every swap; empty where the lake was never written.
        manifests: ``{table: manifest}``.
        sync: what the sync keeps for itself between runs (watermark, store); JSON-able.
        written_at: instant of the swap (UTC, ISO 8601), empty where the lake was never written.
    """

    root: Path
    version: str = ""
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    sync: Mapping[str, Any] = field(default_factory=dict)
    written_at: str = ""

    def paths_of(self, table: str) -> list[Path]:
        """Return the files of a table, by partition."""
        partitions = self.manifests[table].partitions
        return [self.root / partitions[name].file for name in sorted(partitions)]


class Lake:
    """The lake in one folder. Readers take a `snapshot`; one writer at a time swaps."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def snapshot(self) -> Snapshot:
        """Return the lake as it is now; empty where nothing was written yet."""
        return self._snapshot_of(self._pointer())

    def prepared(self, *, now: datetime) -> Snapshot:
        """Return the last version whose answers were prepared, for figures that need not be of this minute.

        The current one where none was prepared yet, or where one has waited for its answers for longer than `SHOWN_FOR`.
        """
        current, prepared = self._pointer(), self._pointer(_PREPARED)
        if current is None or prepared is None or prepared["version"] == current["version"]:
            return self._snapshot_of(current)
        if now - datetime.fromisoformat(current.get("unprepared_since", current["written_at"])) > SHOWN_FOR:
            return self._snapshot_of(current)
        return self._snapshot_of(prepared)

    def note_prepared(self, snapshot: Snapshot) -> None:
        """Let `prepared` answer with this version; nothing happens where it is not the current one any more."""
        with self.writing():
            pointer = self._pointer()
            if pointer is not None and pointer["version"] == snapshot.version:
                write_json(self.root / _PREPARED, pointer)

    def _snapshot_of(self, pointer: Mapping[str, Any] | None) -> Snapshot:
        if not pointer:
            return Snapshot(root=self.root)
        manifests = _manifests_of(self.root, pointer["version"], tuple(pointer["manifests"].items()))
        return Snapshot(
            root=self.root,
            version=pointer["version"],
            manifests=manifests,
            sync=pointer["sync"],
            written_at=pointer["written_at"],
        )

    def set_aside(self, *, now: datetime) -> None:
        """Put what says which files make up the lake aside, so that it is empty. The caller holds the `writing` lock.

        For a lake whose pointer or manifests cannot be read; the damaged pointer stays beside it to be looked at.
        """
        with contextlib.suppress(FileNotFoundError):
            (self.root / _CURRENT).replace(self.root / f"damaged-{now:%Y%m%dT%H%M%S%f}.json")
        (self.root / _PREPARED).unlink(missing_ok=True)

    def swap(self, *, manifests: Mapping[str, Manifest], sync: Mapping[str, Any], now: datetime) -> Snapshot:
        """Make the given manifests the lake's content. The caller holds the `writing` lock.

        Every named file must already lie on disk. A table that is not given leaves the lake.
        """
        before = self.snapshot()
        for table, manifest in manifests.items():
            path = self._manifest_path(table, manifest.version)
            if before.manifests.get(table) != manifest or not path.exists():
                write_json(path, asdict(manifest))
        number = int(before.version.partition("-")[0] or 0) + 1
        pointer = {
            "version": f"{number}-{secrets.token_hex(4)}",
            "manifests": {table: manifest.version for table, manifest in manifests.items()},
            "sync": dict(sync),
            "written_at": now.isoformat(),
            "unprepared_since": self._unprepared_since(now),
            "retired": self._retired_after(before=before, manifests=manifests, now=now),
        }
        if {name: each.declaration for name, each in before.manifests.items()} != {
            name: each.declaration for name, each in manifests.items()
        }:
            # Queries of this program may need what the older version lacks.
            (self.root / _PREPARED).unlink(missing_ok=True)
        write_json(self.root / _CURRENT, pointer)
        return self.snapshot()

    @contextlib.contextmanager
    def writing(self, *, wait_seconds: float = 600.0) -> Iterator[None]:
        """Hold the lake for writing; the lock ends with the process that holds it.

        Raises:
            LakeIsBusy: another writer held it for the whole waiting time.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait_seconds
        with (self.root / ".lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise LakeIsBusy from None
                    time.sleep(0.05)
            yield

    def collect_garbage(self, *, now: datetime, grace: timedelta = GRACE) -> int:
        """Delete files that no reader can still need and return how many. The caller holds the `writing` lock."""
        pointer = self._pointer()
        if not pointer:
            return 0
        # Whoever took the prepared version at the last moment may still read it.
        seen = [self.snapshot(), self.prepared(now=now - grace)]
        kept = {
            file.file for each in seen for manifest in each.manifests.values() for file in manifest.partitions.values()
        }
        kept |= {
            f"{table}/{_manifest_name(manifest.version)}" for each in seen for table, manifest in each.manifests.items()
        }
        retired: dict[str, str] = pointer["retired"]
        expired = {name for name, at in retired.items() if datetime.fromisoformat(at) <= now - grace} - kept
        orphans = (
            {
                path.relative_to(self.root).as_posix()
                for path in self.root.glob("*/*")
                if path.is_file() and path.suffix in {".parquet", ".json"} and path.parent.name != "cache"
            }
            - kept
            - set(retired)
        )
        old = now.timestamp() - grace.total_seconds()
        gone = expired | {name for name in orphans if (self.root / name).stat().st_mtime <= old}
        for name in sorted(gone):
            (self.root / name).unlink(missing_ok=True)
        if expired:
            pointer["retired"] = {name: at for name, at in retired.items() if name not in expired}
            write_json(self.root / _CURRENT, pointer)
        return len(gone)

    def _unprepared_since(self, now: datetime) -> str:
        """Return since when there is a version whose answers are not prepared, once a swap is made."""
        prepared, current = self._pointer(_PREPARED), self._pointer()
        if current is None or (prepared is not None and prepared["version"] == current["version"]):
            return now.isoformat()
        return str(current.get("unprepared_since", now.isoformat()))

    def _retired_after(self, *, before: Snapshot, manifests: Mapping[str, Manifest], now: datetime) -> dict[str, str]:
        """Return what is waiting for its end after a swap: ``{file: since when}``."""
        retired: dict[str, str] = (self._pointer() or {}).get("retired", {})
        kept = {each.file for manifest in manifests.values() for each in manifest.partitions.values()}
        for table, manifest in before.manifests.items():
            left = {each.file for each in manifest.partitions.values()} - kept
            if manifests.get(table) != manifest:
                left.add(f"{table}/{_manifest_name(manifest.version)}")
            retired |= {name: now.isoformat() for name in left}
        return retired

    def _pointer(self, name: str = _CURRENT) -> dict[str, Any] | None:
        path = self.root / name
        try:
            pointer: dict[str, Any] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise unreadable(path) from error
        if not isinstance(pointer, dict) or not pointer.keys() >= _PARTS_OF_A_POINTER:
            raise unreadable(path)
        return pointer

    def _manifest_path(self, table: str, version: int) -> Path:
        return self.root / table / _manifest_name(version)


def flush_new_files(paths: list[Path]) -> None:
    """Flush the folders of new files to disk, so that a manifest never names a file that a power cut took."""
    for folder in {path.parent for path in paths}:
        flush_folder(folder)


@lru_cache(maxsize=16)
def _manifests_of(root: Path, _version: str, named: tuple[tuple[str, int], ...]) -> Mapping[str, Manifest]:
    """Return the manifests of a version of a lake: every page asks for all of them, and what a version holds never changes."""
    return {table: _manifest_in(root / table / _manifest_name(number)) for table, number in named}


def _manifest_in(path: Path) -> Manifest:
    try:
        return Manifest.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise unreadable(path) from error


def _manifest_name(version: int) -> str:
    return f"manifest-{version}.json"
