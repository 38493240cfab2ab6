"""Whether the lake is whole, and says what the store says: file by file, and partition by partition against a fresh export."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from yutang.foundation.invariants import NAMED, Seen
from yutang.ingest.lake_sync import must_rebuild, store_dialect, the_lake, the_store, wanted_partitions, watermark_of
from yutang.ingest.published import PUBLISHED, PublishedTable
from yutang.ingest.untaken import untaken
from yutang.lake.comparing import Content, content_of
from yutang.lake.damage import LakeIsDamaged, check_file, damaged_partitions
from yutang.lake.export import run_export
from yutang.lake.manifest import Lake, Manifest, PartitionFile, Snapshot


def files_are_whole() -> Seen:
    """Look whether every file that makes up the lake is the one that was written."""
    lake = the_lake()
    try:
        snapshot = lake.snapshot()
        damaged = [str(path) for _table, _partition, path in damaged_partitions(snapshot, anew=True)]
        if damaged and lake.snapshot().version != snapshot.version:
            # A sync has swapped meanwhile, and may have taken files away that nobody needs any more.
            snapshot = lake.snapshot()
            damaged = [str(path) for _table, _partition, path in damaged_partitions(snapshot, anew=True)]
    except LakeIsDamaged as refusal:
        return Seen(1, 1, (str(refusal.data["file"]),))
    files = sum(len(manifest.partitions) for manifest in snapshot.manifests.values())
    return Seen(files, len(damaged), tuple(damaged[:NAMED]))


def says_what_the_store_says() -> Seen:
    """Look whether every partition of the lake holds what an export of this moment finds in the store.

    One table at a time is exported beside the lake and compared by the number and the sum of hashes of its rows. Partitions that
    were touched since the lake was written are left out: the next sync brings them.
    """
    lake = the_lake()
    looked = broken = left_out = 0
    where: list[str] = []
    for table in PUBLISHED:
        found = _compared(lake, table)
        looked, broken, left_out = looked + found.looked, broken + found.broken, left_out + found.left_out
        where += found.where
    return Seen(looked, broken, tuple(where[:NAMED]), left_out)


def _compared(lake: Lake, table: PublishedTable) -> Seen:
    try:
        # Pinned before the export reads: what was changed between the two has left a mark that is not taken in.
        snapshot = lake.snapshot()
    except LakeIsDamaged:
        # That is told by `files_are_whole`.
        return Seen(0, left_out=1)
    manifest = snapshot.manifests.get(table.name)
    if manifest is None or must_rebuild(snapshot):
        return Seen(0, left_out=1 if snapshot.version else 0)
    with tempfile.TemporaryDirectory(prefix=".check-", dir=lake.root) as folder:
        extract = table.extract(dialect=store_dialect())
        files = run_export(store=the_store(), extracts=[extract], root=Path(folder))[table.name]
        truth = {name: content_of(Path(folder) / file.file, table.columns) for name, file in files.items()}
    changing = _changing(snapshot, table)
    if changing is None:
        return Seen(0, left_out=len(manifest.partitions))
    judged = sorted((manifest.partitions.keys() | truth.keys()) - changing)
    wrong = [name for name in judged if not _equal(snapshot, manifest, name, truth)]
    return Seen(len(judged), len(wrong), tuple(f"{table.name} {name}" for name in wrong[:NAMED]), len(changing))


def _changing(snapshot: Snapshot, table: PublishedTable) -> frozenset[str] | None:
    """Return the partitions of a table that were touched since the lake was written, or are to be marked yet; None: all."""
    # What is not marked yet may be marked in between, and is found by the one or the other.
    fresh = table.not_marked()
    wanted = wanted_partitions(snapshot, untaken(watermark_of(snapshot)).partitions, anew=False)
    touched = wanted.get(table.name, frozenset())
    return None if touched is None else touched | fresh


def _equal(snapshot: Snapshot, manifest: Manifest, name: str, truth: Mapping[str, Content]) -> bool:
    """Return whether a partition of the lake has the content that it should; one without rows has no file."""
    held = manifest.partitions.get(name)
    return (_content(snapshot, held, manifest.columns) if held else Content()) == truth.get(name, Content())


def _content(snapshot: Snapshot, file: PartitionFile, columns: Mapping[str, str]) -> Content | None:
    try:
        check_file(snapshot.root, file)
    except LakeIsDamaged:
        return None
    return content_of(snapshot.root / file.file, columns)
