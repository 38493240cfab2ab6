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
from pathlib import Path
from typing import Any

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.files import flush_folder, write_json

#: How long a file that no current manifest names is kept for readers that pinned an older one.
GRACE = timedelta(minutes=15)


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
    """

    file: str
    rows: int
    size_bytes: int


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
        pointer = self._pointer()
        if not pointer:
            return Snapshot(root=self.root)
        manifests = {table: self._manifest(table, version) for table, version in pointer["manifests"].items()}
        return Snapshot(
            root=self.root,
            version=pointer["version"],
            manifests=manifests,
            sync=pointer["sync"],
            written_at=pointer["written_at"],
        )

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
            "retired": self._retired_after(before=before, manifests=manifests, now=now),
        }
        write_json(self.root / "current.json", pointer)
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
        current = self.snapshot()
        kept = {each.file for manifest in current.manifests.values() for each in manifest.partitions.values()}
        kept |= {f"{table}/{_manifest_name(manifest.version)}" for table, manifest in current.manifests.items()}
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
            write_json(self.root / "current.json", pointer)
        return len(gone)

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

    def _pointer(self) -> dict[str, Any] | None:
        try:
            pointer: dict[str, Any] = json.loads((self.root / "current.json").read_bytes())
        except FileNotFoundError:
            return None
        return pointer

    def _manifest(self, table: str, version: int) -> Manifest:
        return Manifest.from_json(json.loads(self._manifest_path(table, version).read_bytes()))

    def _manifest_path(self, table: str, version: int) -> Path:
        return self.root / table / _manifest_name(version)


def flush_new_files(paths: list[Path]) -> None:
    """Flush the folders of new files to disk, so that a manifest never names a file that a power cut took."""
    for folder in {path.parent for path in paths}:
        flush_folder(folder)


def _manifest_name(version: int) -> str:
    return f"manifest-{version}.json"
