"""A process with a primary and a replica: ``python -m tests.foundation.replica_samples FOLDER`` prints what it found, one JSON object."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from yutang.cli import checkup  # noqa: E402
from yutang.foundation import replica  # noqa: E402
from yutang.foundation.models import Setting  # noqa: E402
from yutang.ingest import lake_sync  # noqa: E402
from yutang.lake.columns import ARROW_TYPES  # noqa: E402
from yutang.lake.export import Extract  # noqa: E402
from yutang.orders.models import Shop  # noqa: E402

FOUND: dict[str, Any] = {}


def main(folder: Path) -> None:
    """Go through what a replica does, and does not, one after the other."""
    replica._LOOK_EVERY = replica._REST = 0.0
    replica._PATIENCE = 1.0
    with connection.schema_editor() as editor:
        editor.create_model(Setting)
        editor.create_model(Shop)
    Setting.objects.create(key="foundation.keyring", value={"fingerprint": "ours"})
    shop("first")
    until(lambda: replica.standing().lag_seconds == 0.0)
    reads()
    exports(folder)
    lags()
    falls()
    print(json.dumps(FOUND))


def reads() -> None:
    """What goes where within the block while the replica stands still a little behind."""
    on_replica("SELECT pg_wal_replay_pause()")
    shop("second")
    with replica.reports() as elsewhere:
        FOUND["reads elsewhere"] = elsewhere
        FOUND["within"] = names()
        FOUND["raw"] = [name for (name,) in replica.fetch_report("SELECT name FROM orders_shop ORDER BY id")]
        FOUND["deciding"] = Setting.objects.filter(key="x").db
        Shop.objects.create(platform="p", name="third")
        found = Shop.objects.get(name="first")
        found.platform = "changed"
        found.save(update_fields=["platform"])
        with transaction.atomic():
            FOUND["in a transaction"] = names()
    FOUND["outside"] = names()
    FOUND["saved"] = Shop.objects.get(name="first").platform
    with connections[replica.ALIAS].cursor() as cursor:
        try:
            cursor.execute("CREATE TABLE x (id int)")
        except django.db.DatabaseError as error:
            FOUND["writing there"] = type(error.__cause__).__name__
    on_replica("SELECT pg_wal_replay_resume()")


def exports(folder: Path) -> None:
    """An export shows everything that was committed before it, replica or not."""
    told = []
    for number in range(15):
        shop(f"export {number}")
        told.append((replica.follows_now(), f"export {number}" in exported(folder)))
    FOUND["exports that follow"] = sum(follows for follows, _ in told)
    FOUND["exports that miss"] = [n for n, (_, shows) in enumerate(told) if not shows]
    on_replica("SELECT pg_wal_replay_pause()")
    shop("unseen")
    FOUND["export while it stands still"] = [replica.follows_now(), "unseen" in exported(folder)]
    with transaction.atomic():
        FOUND["follows within a transaction"] = replica.follows_now()
    on_replica("SELECT pg_wal_replay_resume()")
    until(lambda: replica.standing().lag_seconds == 0.0)


def lags() -> None:
    """A replica that is further behind than it may be is not read from, and is again when it has come up."""
    settings.YUTANG_REPLICA_LAG_SECONDS = 1
    time.sleep(1.5)
    FOUND["lag of a quiet store"] = replica.standing().lag_seconds
    on_replica("SELECT pg_wal_replay_pause()")
    shop("late")
    time.sleep(1.5)
    with replica.reports() as elsewhere:
        FOUND["lags"] = [elsewhere, "late" in names(), replica.standing().lag_seconds > 1.0]
    FOUND["doctor of one that lags"] = doctor()
    Setting.objects.filter(key="foundation.keyring").update(value={"fingerprint": "another"})
    FOUND["of another store"] = replica.standing().fault
    on_replica("SELECT pg_wal_replay_resume()")
    until(lambda: replica.standing().is_fresh)
    FOUND["doctor of a good one"] = doctor()


def falls() -> None:
    """A replica that goes away, before or while it is read, is done without."""
    calls: list[bool] = []

    @replica.reads_reports
    def report() -> list[str]:
        calls.append(replica._reading.get())
        if len(calls) == 1:
            told("stop")
        return names()

    FOUND["falls while it is read"] = ["late" in report(), calls]
    with replica.reports() as elsewhere:
        FOUND["away"] = [elsewhere, "late" in names(), replica.standing().fault]
    FOUND["doctor of one that is away"] = doctor()
    FOUND["follows while away"] = replica.follows_now()
    told("start")
    until(lambda: replica.standing().is_fresh)
    with replica.reports() as elsewhere:
        FOUND["is back"] = [elsewhere, "late" in names()]


def shop(name: str) -> None:
    Shop.objects.create(platform="p", name=name)


def names() -> list[str]:
    return list(Shop.objects.order_by("pk").values_list("name", flat=True))


def exported(folder: Path) -> set[str]:
    """Return the names that an export finds, as the lake would hold them."""
    import pyarrow.parquet as pq

    assert "string" in ARROW_TYPES
    extract = Extract("shops", "SELECT name AS name FROM orders_shop", {"name": "string"}, None)
    files = lake_sync._exported([extract], folder)["shops"]
    return {name for file in files.values() for name in pq.read_table(folder / file.file)["name"].to_pylist()}


def doctor() -> list[str]:
    return [finding.verdict.value for finding in checkup.replica()]


def on_replica(sql: str) -> None:
    with psycopg.connect(os.environ["YUTANG_REPLICA_URL"], autocommit=True) as session:
        session.execute(sql.encode())


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must happen."""
    while not holds():
        time.sleep(0.1)


def told(line: str) -> None:
    """Let whoever started this process do something, and wait until it has."""
    print(line, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
