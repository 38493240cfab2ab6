"""Answers kept beside the lake, by its version: every process of the machine finds them, a swap forgets them."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from yutang.lake.files import write_beside, write_json
from yutang.lake.manifest import Snapshot

#: Seconds for which answers of an older version stay, for readers that still work on it.
_KEPT_SECONDS = 600


def kept_answer(snapshot: Snapshot, *, name: str, key: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
    """Return the answer kept for this version of the lake, computing and keeping it where there is none.

    Args:
        snapshot: pinned lake.
        name: what is answered, with a version of its form.
        key: everything that the answer depends on besides the lake; JSON-able.
        compute: makes the answer; JSON-able.
    """
    if not snapshot.version:
        return compute()
    path = _path_of(snapshot, name, key)
    if (kept := _read(path)) is not None:
        return kept["answer"]
    answer = compute()
    write_json(path, {"answer": answer, "digest": _digest_of(answer)})
    return answer


def answer_if_kept(snapshot: Snapshot, *, name: str, key: Mapping[str, Any]) -> Any | None:
    """Return the answer that `kept_answer` keeps under this name and key; None where it was not computed yet."""
    kept = _read(_path_of(snapshot, name, key)) if snapshot.version else None
    return kept["answer"] if kept else None


def kept_rows(snapshot: Snapshot, *, name: str, key: Mapping[str, Any], compute: Callable[[], pa.Table]) -> pa.Table:
    """Return the rows kept for this version of the lake, computing and keeping them where there are none.

    Args:
        snapshot: pinned lake.
        name: what the rows are, with a version of their form.
        key: everything that they depend on besides the lake; JSON-able.
        compute: makes the rows.
    """
    if not snapshot.version:
        return compute()
    path = _path_of(snapshot, name, key).with_suffix(".parquet")
    try:
        return pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        # There is none yet, or it is damaged: it is made from the lake in either case.
        rows = compute()
    write_beside(path, lambda beside: pq.write_table(rows, beside, compression="zstd", write_page_checksum=True))
    return rows


def forget_older_answers(*snapshots: Snapshot) -> None:
    """Delete the answers of other versions than these of one lake, except very young ones."""
    living = {each.version for each in snapshots}
    for folder in (snapshots[0].root / "cache").glob("*"):
        if folder.name not in living and folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> dict[str, Any] | None:
    """Return what is kept; None where there is nothing, or what there is was damaged."""
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        return kept if kept["digest"] == _digest_of(kept["answer"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest_of(answer: Any) -> str:
    told = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _path_of(snapshot: Snapshot, name: str, key: Mapping[str, Any]) -> Path:
    digest = hashlib.blake2b(json.dumps([name, key], sort_keys=True).encode(), digest_size=16).hexdigest()
    return snapshot.root / "cache" / snapshot.version / f"{digest}.json"
