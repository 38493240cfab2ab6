"""Operational store to lake: touched partitions are rewritten whole, then one swap makes them visible."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection, connections
from django.db.models import Max, Min

from yutang.foundation import replica
from yutang.ingest.models import TouchedPartition
from yutang.ingest.published import PUBLISHED, PublishedTable, StoreDialect
from yutang.ingest.untaken import oldest_of, untaken
from yutang.ingest.watermark import Watermark
from yutang.lake.damage import LakeIsDamaged, damaged_partitions
from yutang.lake.export import ExportFailed, Extract, Store, run_export
from yutang.lake.manifest import Lake, Manifest, PartitionFile, Snapshot
from yutang.lake.partitions import WHOLE
from yutang.lake.results import forget_older_answers

logger = logging.getLogger(__name__)

#: Parameters of libpq that lead to another store when they change; user, password and TLS do not.
_PARTS_OF_A_STORE = ("host", "port", "dbname", "hostaddr", "service", "options")
#: How long touches are kept: a lake that was not synced for longer is written anew.
_TOUCHES_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class TableSync:
    """What a sync wrote of one table."""

    table: str
    partitions: int
    rows: int
    whole: bool


@dataclass(frozen=True)
class SyncReport:
    """What a sync did.

    Attributes:
        version: version of the lake afterwards.
        tables: what was written, by table; empty where nothing was touched.
        touches: touched partitions that were taken in. Count of rows.
        seconds: how long it took. Seconds.
    """

    version: str
    tables: tuple[TableSync, ...]
    touches: int
    seconds: float


@dataclass(frozen=True)
class TableStatus:
    """One table of the lake as it lies on disk."""

    table: str
    version: int
    partitions: int
    rows: int
    size_bytes: int


@dataclass(frozen=True)
class LakeStatus:
    """How the lake stands.

    Attributes:
        folder: where it lies.
        version: empty where it was never written.
        written_at: instant of the last swap (UTC, ISO 8601), or empty.
        waiting: touches that the lake does not hold yet. Count.
        must_rebuild: the next sync writes everything anew.
        tables: what it holds.
    """

    folder: str
    version: str
    written_at: str
    waiting: int
    must_rebuild: bool
    tables: tuple[TableStatus, ...]


def the_lake() -> Lake:
    """Return the lake of this installation."""
    folder = getattr(settings, "YUTANG_LAKE", None) or Path(settings.YUTANG_HOME) / "lake"
    return Lake(Path(folder))


def sync_lake(*, now: datetime) -> SyncReport:
    """Bring what was touched since the last sync into the lake.

    Only one run writes at a time; a second one waits and then finds what is left. A run that is killed leaves the lake
    as it was. A damaged lake heals: a partition whose file is not what was written is written again, and everything where it cannot
    be told which files make up the lake.

    Raises:
        LakeIsBusy: another run held the lake for ten minutes.
        ExportFailed: the exporting child failed; nothing changed.
    """
    lake = the_lake()
    with lake.writing():
        snapshot = _readable(lake, now=now)
        return _write(lake, snapshot, now=now, anew=must_rebuild(snapshot))


def rebuild_lake(*, now: datetime) -> SyncReport:
    """Write the whole lake anew from the operational store.

    Raises:
        LakeIsBusy: another run held the lake for ten minutes.
        ExportFailed: the exporting child failed; nothing changed.
    """
    lake = the_lake()
    with lake.writing():
        return _write(lake, _readable(lake, now=now), now=now, anew=True)


def oldest_untaken_change() -> datetime | None:
    """Return when the oldest change was made that the lake lacks; None where it has all."""
    return oldest_of(untaken(watermark_of(the_lake().snapshot())))


def lake_status() -> LakeStatus:
    """Return how the lake stands, without touching it."""
    snapshot = the_lake().snapshot()
    tables = tuple(
        TableStatus(
            table=name,
            version=manifest.version,
            partitions=len(manifest.partitions),
            rows=manifest.rows,
            size_bytes=sum(each.size_bytes for each in manifest.partitions.values()),
        )
        for name, manifest in sorted(snapshot.manifests.items())
    )
    return LakeStatus(
        folder=str(snapshot.root),
        version=snapshot.version,
        written_at=snapshot.written_at,
        waiting=untaken(watermark_of(snapshot)).count,
        must_rebuild=must_rebuild(snapshot),
        tables=tables,
    )


def _readable(lake: Lake, *, now: datetime) -> Snapshot:
    """Return the lake; one that cannot tell which files make it up is put aside, and is empty then."""
    try:
        lake.prepared(now=now)
        return lake.snapshot()
    except LakeIsDamaged:
        logger.exception("the lake is written anew")
        lake.set_aside(now=now)
        return lake.snapshot()


def _write(lake: Lake, before: Snapshot, *, now: datetime, anew: bool) -> SyncReport:
    started = time.monotonic()
    # Touches are read before the export begins: what they tell of is committed, so the export sees it.
    watermark = Watermark() if anew else watermark_of(before)
    touches = untaken(watermark)
    wanted = wanted_partitions(before, touches.partitions, anew=anew)
    _add_damaged(wanted, before)
    swept = set(before.manifests) - {table.name for table in PUBLISHED}
    if not (wanted or swept or touches.count or anew):
        return SyncReport(before.version, (), 0, time.monotonic() - started)
    extracts = [_extract_of(PUBLISHED[name], partitions) for name, partitions in wanted.items()]
    files = _exported(extracts, lake.root) if extracts else {}
    manifests = {table.name: before.manifests[table.name] for table in PUBLISHED if table.name in before.manifests}
    for name, partitions in wanted.items():
        manifests[name] = _next_manifest(PUBLISHED[name], before.manifests.get(name), partitions, files[name])
    sync = {"store": _store_fingerprint(), "watermark": watermark.with_runs(touches.runs).as_json()}
    after = lake.swap(manifests=manifests, sync=sync, now=now)
    lake.collect_garbage(now=now)
    forget_older_answers(after, lake.prepared(now=now))
    _forget_old_touches(now=now)
    tables = tuple(
        TableSync(name, len(files[name]), sum(each.rows for each in files[name].values()), whole=partitions is None)
        for name, partitions in wanted.items()
    )
    return SyncReport(after.version, tables, touches.count, time.monotonic() - started)


def _exported(extracts: Sequence[Extract], root: Path) -> dict[str, dict[str, PartitionFile]]:
    """Export from the replica, if it shows all that the touches tell of, else from the primary.

    Raises:
        ExportFailed: the exporting child failed.
    """
    if replica.follows_now():
        try:
            return run_export(store=the_replica(), extracts=extracts, root=root)
        except ExportFailed:
            # A replica breaks off what is read for long, where it has to make way for what the primary removed.
            logger.warning("the export from the replica failed and is made from the primary", exc_info=True)
    return run_export(store=the_store(), extracts=extracts, root=root)


def _add_damaged(wanted: dict[str, frozenset[str] | None], before: Snapshot) -> None:
    """Let partitions be written again whose files are not what was written."""
    for name, partition, path in damaged_partitions(before, anew=False):
        if name in PUBLISHED and (known := wanted.get(name, frozenset())) is not None:
            logger.error("%s is damaged and is written again", path)
            wanted[name] = None if PUBLISHED[name].month_column is None else known | {partition}


def wanted_partitions(
    before: Snapshot, touched: Mapping[str, frozenset[str]], *, anew: bool
) -> dict[str, frozenset[str] | None]:
    """Return the partitions to write by table; None: the whole table."""
    wanted: dict[str, frozenset[str] | None] = {}
    for table in PUBLISHED:
        held = before.manifests.get(table.name)
        if (
            anew
            or held is None
            or held.declaration != table.declaration
            or any(name in touched for name in table.follows)
        ):
            wanted[table.name] = None
        elif table.name in touched:
            whole = table.month_column is None or WHOLE in touched[table.name]
            wanted[table.name] = None if whole else touched[table.name]
    return wanted


def _next_manifest(
    table: PublishedTable,
    held: Manifest | None,
    written: frozenset[str] | None,
    files: Mapping[str, PartitionFile],
) -> Manifest:
    kept = {} if written is None or held is None else {k: v for k, v in held.partitions.items() if k not in written}
    return Manifest(
        table=table.name,
        version=held.version + 1 if held else 1,
        columns=dict(table.columns),
        declaration=table.declaration,
        partitions=kept | dict(files),
    )


def _extract_of(table: PublishedTable, partitions: frozenset[str] | None) -> Extract:
    return table.extract(dialect=store_dialect(), partitions=partitions)


def must_rebuild(snapshot: Snapshot) -> bool:
    """Return whether the touches in the store cannot tell what this lake lacks."""
    if not snapshot.version or snapshot.sync.get("store") != _store_fingerprint():
        return True
    highest = watermark_of(snapshot).highest
    span = TouchedPartition.objects.aggregate(lowest=Min("id"), highest=Max("id"))
    if span["highest"] is None:
        return highest > 0
    return bool(span["highest"] < highest or span["lowest"] > highest + 1)


def watermark_of(snapshot: Snapshot) -> Watermark:
    """Return which touches a version of the lake holds."""
    return Watermark.from_json(snapshot.sync["watermark"]) if "watermark" in snapshot.sync else Watermark()


def _forget_old_touches(*, now: datetime) -> None:
    """Delete touches that every living lake has taken in; the newest stays, so that ids can be compared."""
    newest = TouchedPartition.objects.aggregate(newest=Max("id"))["newest"]
    if newest is not None:
        TouchedPartition.objects.filter(touched_at__lt=now - _TOUCHES_KEPT, id__lt=newest).delete()


def store_dialect() -> StoreDialect:
    """Return the dialect in which the operational store is asked."""
    return "postgres" if connection.vendor == "postgresql" else "sqlite"


def the_store() -> Store:
    """Return how an export reaches the operational store."""
    if connection.vendor != "postgresql":
        return Store(dialect="sqlite", address=str(Path(connection.settings_dict["NAME"]).resolve()))
    return _reached_by(_libpq_parameters(connection))


def the_replica() -> Store:
    """Return how an export reaches the replica; there must be one."""
    return _reached_by(_libpq_parameters(connections[replica.ALIAS]))


def _reached_by(parameters: Mapping[str, str]) -> Store:
    # A URI of libpq takes %20 for a space, and no plus sign.
    return Store(dialect="postgres", address=f"postgresql:///?{urlencode(parameters, quote_via=quote)}")


def _libpq_parameters(reached: Any) -> dict[str, str]:
    """Return how Django reaches PostgreSQL, as parameters of libpq: whatever the address says of host, TLS, service and so on."""
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = reached.get_connection_params()
    return {name: str(value) for name, value in given.items() if name in known and value not in (None, "")}


def _store_fingerprint() -> str:
    """Return what tells this store from another one: a lake of another store is written anew."""
    if connection.vendor == "postgresql":
        given = _libpq_parameters(connection)
        parts = [given.get(name, "") for name in _PARTS_OF_A_STORE]
    else:
        parts = ["", "", str(connection.settings_dict["NAME"])]
    told = "|".join([connection.vendor, *parts])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
