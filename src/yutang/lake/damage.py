"""Whether the files of the lake are those that were written: a damaged one is refused by name, and never read for a figure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

if TYPE_CHECKING:
    from yutang.lake.manifest import PartitionFile, Snapshot

_MISSING = N_("it is not there")
_SIZE = N_("it is not as long as it was written")
_CONTENT = N_("its content is not what was written")
_NO_JSON = N_("it cannot be read")
_BLOCK = 1 << 20

#: Files that this process has found whole: path, size and time of the last change.
_whole: set[tuple[str, int, int]] = set()


class LakeIsDamaged(DomainError):
    """A file of the lake is missing or is not what was written."""

    code: ClassVar[str] = "lake_is_damaged"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The lake is damaged at %(file)s: %(detail)s. Nothing is lost, since the lake is made from the store. Run: yutang lake rebuild"
    )


def unreadable(path: Path) -> LakeIsDamaged:
    """Return the refusal of a pointer or manifest that is missing or is no JSON of its kind."""
    return LakeIsDamaged(file=str(path), detail=Sentence(_NO_JSON).as_json())


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole.update(block)
    return whole.hexdigest()


def check_file(root: Path, file: PartitionFile) -> None:
    """Refuse a file that is not what was written; each is read once a process, and again when it was changed.

    Raises:
        LakeIsDamaged: it is missing, or its length or content is another.
    """
    path = root / file.file
    if (wrong := _wrong_with(path, file, anew=False)) is not None:
        raise LakeIsDamaged(file=str(path), detail=Sentence(wrong).as_json())


def damaged_partitions(snapshot: Snapshot, *, anew: bool) -> Iterator[tuple[str, str, Path]]:
    """Yield (table, partition, file) of every file of the lake that is not what was written.

    Args:
        snapshot: pinned lake.
        anew: also read what this process has found whole before.
    """
    for table, manifest in snapshot.manifests.items():
        for partition, file in manifest.partitions.items():
            path = snapshot.root / file.file
            if _wrong_with(path, file, anew=anew) is not None:
                yield table, partition, path


def _wrong_with(path: Path, file: PartitionFile, *, anew: bool) -> str | None:
    """Return what is wrong with a file; None where nothing is."""
    try:
        told = path.stat()
        if told.st_size != file.size_bytes:
            return _SIZE
        known = (str(path), told.st_size, told.st_mtime_ns)
        if file.digest and (anew or known not in _whole):
            if digest_of(path) != file.digest:
                return _CONTENT
            _whole.add(known)
    except FileNotFoundError:
        return _MISSING
    except OSError:
        return _NO_JSON
    return None
