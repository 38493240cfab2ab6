"""The checks of `yutang doctor`, in the order in which they build on each other."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from yutang.cli.output import now
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

if TYPE_CHECKING:
    from yutang.foundation.invariants import Invariant

_LIBRARIES = ("django", "duckdb", "pyarrow", "adbc_driver_sqlite", "python_calamine", "cryptography", "granian")
_LITTLE_SPACE = 1 << 30
_SOME_SPACE = 5 << 30
#: Beyond this share of the connections of PostgreSQL somebody should look.
_MOST_OPEN = 0.8


class Verdict(Enum):
    """How a finding is to be taken."""

    GOOD = "good"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: stable name for programs.
        verdict: good, worth knowing, or broken.
        says: what is true.
        do: what to do about it; None when nothing.
    """

    check: str
    verdict: Verdict
    says: Sentence
    do: Sentence | None = None

    @classmethod
    def fallen(cls, check: str, error: Exception) -> Finding:
        """Return the finding that a check could not be carried out."""
        if isinstance(error, DomainError):
            return cls(check, Verdict.BROKEN, error.sentence)
        says = Sentence(
            N_("The check %(check)s could not be carried out: %(error)s"),
            {"check": check, "error": f"{type(error).__name__}: {error}"},
        )
        return cls(check, Verdict.BROKEN, says)


def installation() -> Iterator[Finding]:
    """Python and the libraries that everything needs."""
    version = Sentence(
        N_("Yutang %(version)s on Python %(python)s"),
        {"version": importlib.import_module("yutang").__version__, "python": platform.python_version()},
    )
    yield Finding("python", Verdict.GOOD, version)
    missing = []
    for name in _LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        says = Sentence(N_("Libraries are missing: %(names)s"), {"names": ", ".join(missing)})
        yield Finding(
            "libraries", Verdict.BROKEN, says, Sentence(N_("Install them again: make setup, or pip install yutang."))
        )
    else:
        yield Finding("libraries", Verdict.GOOD, Sentence(N_("All libraries are there.")))


def home() -> Iterator[Finding]:
    """The folder that holds everything, who may read it, and the space left."""
    folder = _home()
    values = {"folder": str(folder)}
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        says = Sentence(N_("The folder %(folder)s cannot be written."), values)
        do = Sentence(N_("Set YUTANG_HOME to a folder that this user may write."))
        yield Finding("home", Verdict.BROKEN, says, do)
        return
    if stat.S_IMODE(folder.stat().st_mode) & 0o007:
        says = Sentence(N_("Every user of this machine can look into %(folder)s."), values)
        yield Finding("home", Verdict.NOTE, says, Sentence(N_("Run: chmod 700 %(folder)s"), values))
    else:
        yield Finding("home", Verdict.GOOD, Sentence(N_("Everything is kept in %(folder)s."), values))
    free = shutil.disk_usage(folder).free
    says = Sentence(
        N_("%(gib)s GiB are free on the disk."), {"gib": f"{free / (1 << 30):.{1 if free >= 1 << 30 else 2}f}"}
    )
    do = Sentence(N_("Free some space: an import needs about five times the size of its file."))
    if free < _LITTLE_SPACE:
        yield Finding("disk", Verdict.BROKEN, says, do)
    else:
        yield Finding("disk", Verdict.NOTE, says, do) if free < _SOME_SPACE else Finding("disk", Verdict.GOOD, says)


def store() -> Iterator[Finding]:
    """The operational store and its migrations."""
    from django.db import connection

    from yutang.cli.store import pending_migrations, reach

    try:
        reach()
    except DomainError as refusal:
        yield Finding("store", Verdict.BROKEN, refusal.sentence)
        return
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if sqlite else "SHOW server_version")
        version = cursor.fetchone()[0]
    name = "SQLite" if sqlite else "PostgreSQL"
    yield Finding(
        "store", Verdict.GOOD, Sentence(N_("The store is %(name)s %(version)s."), {"name": name, "version": version})
    )
    pending = pending_migrations()
    if pending:
        says = Sentence(N_("%(count)s migrations are missing in the database."), {"count": len(pending)})
        yield Finding("migrations", Verdict.BROKEN, says, Sentence(N_("Run: yutang migrate")))
    else:
        yield Finding("migrations", Verdict.GOOD, Sentence(N_("The tables are up to date.")))


def connections() -> Iterator[Finding]:
    """How many connections the server of PostgreSQL has left."""
    from django.db import connection

    from yutang.foundation.pooling import connections_of_the_server

    if connection.vendor != "postgresql":
        return
    used, most = connections_of_the_server()
    says = Sentence(
        N_("%(used)s of the %(most)s connections that the server takes are open."), {"used": used, "most": most}
    )
    if used > _MOST_OPEN * most:
        do = Sentence(
            N_("Lower YUTANG_POOL or the number of web processes, put PgBouncer in front, or raise max_connections.")
        )
        yield Finding("connections", Verdict.NOTE, says, do)
    else:
        yield Finding("connections", Verdict.GOOD, says)


def replica() -> Iterator[Finding]:
    """Whether reports may read from the replica."""
    from django.conf import settings

    from yutang.foundation.replica import has_replica, standing

    if not has_replica():
        return
    stands = standing()
    if stands.fault in {"follows_nobody", "of_another_store"}:
        says = {
            "follows_nobody": N_(
                "The server of YUTANG_REPLICA_URL follows no other one; reports are read from the primary."
            ),
            "of_another_store": N_(
                "The server of YUTANG_REPLICA_URL holds another store; reports are read from the primary."
            ),
        }[stands.fault]
        do = Sentence(
            N_("Set YUTANG_REPLICA_URL to a standby that streams from the server of DATABASE_URL, or leave it out.")
        )
        yield Finding("replica", Verdict.BROKEN, Sentence(says), do)
        return
    values = {"lag": f"{stands.lag_seconds or 0:.0f}", "most": settings.YUTANG_REPLICA_LAG_SECONDS}
    if stands.fault:
        says_away = Sentence(N_("The replica does not answer; reports are read from the primary."))
        yield Finding(
            "replica", Verdict.NOTE, says_away, Sentence(N_("Look whether the server of YUTANG_REPLICA_URL runs."))
        )
    elif not stands.is_fresh:
        behind = Sentence(
            N_("The replica is %(lag)s seconds behind, more than %(most)s; reports are read from the primary."), values
        )
        yield Finding(
            "replica",
            Verdict.NOTE,
            behind,
            Sentence(N_("Look at its load, its log and the network between the two servers.")),
        )
    else:
        yield Finding(
            "replica",
            Verdict.GOOD,
            Sentence(N_("Reports are read from the replica, which is %(lag)s seconds behind."), values),
        )


def keys() -> Iterator[Finding]:
    """The keys of sealed personal data, and whether they open what the store holds."""
    from django.db import DatabaseError

    from yutang.foundation.sealed_records import ensure_keys, opens_a_record

    try:
        ring, opens = ensure_keys(), opens_a_record()
    except DatabaseError:
        says = Sentence(
            N_("Whether the keys are those of the store cannot be told before it answers and is up to date.")
        )
        yield Finding("keys", Verdict.NOTE, says)
        return
    if opens is False:
        says = Sentence(N_("The keys open none of the newest sealed records."))
        do = Sentence(
            N_("Put keys.json back from the backup of this installation, or the database that belongs to it.")
        )
        yield Finding("keys", Verdict.BROKEN, says, do)
        return
    says = Sentence(N_("Personal data is sealed with key %(key)s."), {"key": ring.current})
    do = Sentence(N_("Keep a copy of keys.json apart from the backups: without it nobody can read the data."))
    yield Finding("keys", Verdict.GOOD, says, do)


def rights() -> Iterator[Finding]:
    """Who may read the keys, the secret of sessions and the store."""
    from django.db import connection

    from yutang.foundation.keyring import keys_path

    files = [keys_path(), _home() / "secret_key"]
    if connection.vendor == "sqlite" and stat.S_IMODE(_home().stat().st_mode) & 0o077:
        files.append(Path(connection.settings_dict["NAME"]))
    for path in files:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            values = {"path": str(path)}
            says = Sentence(N_("Others can read %(path)s."), values)
            yield Finding("key_rights", Verdict.BROKEN, says, Sentence(N_("Run: chmod 600 %(path)s"), values))


def lake() -> Iterator[Finding]:
    """The analytical copy."""
    from yutang.ingest.lake_sync import lake_status

    status = lake_status()
    if not status.version:
        says = Sentence(N_("The lake is empty: nothing has been synced yet."))
        yield Finding("lake", Verdict.NOTE, says, Sentence(N_("Import files, or run: yutang lake sync")))
        return
    values = {"rows": sum(table.rows for table in status.tables), "waiting": status.waiting}
    if status.must_rebuild:
        says = Sentence(
            N_(
                "The lake holds %(rows)s rows, but not of this store as it stands: the store was moved, copied or restored. "
                "The next sync writes everything anew."
            ),
            values,
        )
        yield Finding("lake", Verdict.NOTE, says, Sentence(N_("Run: yutang lake sync")))
        return
    yield Finding("lake", Verdict.GOOD, Sentence(N_("The lake holds %(rows)s rows; %(waiting)s changes wait."), values))


def engine() -> Iterator[Finding]:
    """What answers questions to the lake, and whether it can answer all of them."""
    from yutang.lake.catalogue import catalogue_of
    from yutang.lake.engines.choosing import chosen_engine, engine_named
    from yutang.lake.engines.words import words_of

    try:
        chosen = chosen_engine()
        chosen.reach()
    except DomainError as refusal:
        do = Sentence(N_("Start what YUTANG_ENGINE names, correct it, or set YUTANG_ENGINE=duckdb."))
        yield Finding("engine", Verdict.BROKEN, refusal.sentence, do)
        return
    names = [q.name for q in catalogue_of("yutang") if chosen.words is not None and words_of(q.sql) - chosen.words]
    if names:
        says = Sentence(N_("Queries that this engine cannot answer: %(names)s"), {"names": ", ".join(names)})
        do = Sentence(N_("Set YUTANG_ENGINE=duckdb where they are asked."))
        yield Finding("engine", Verdict.BROKEN, says, do)
    else:
        yield Finding(
            "engine", Verdict.GOOD, Sentence(N_("The lake is asked by %(engine)s."), {"engine": engine_named()})
        )


def work() -> Iterator[Finding]:
    """Whether somebody does the background work, and what failed."""
    from yutang.foundation import queries

    alive = queries.live_workers(now=now())
    counts = queries.job_counts()
    if alive:
        yield Finding("worker", Verdict.GOOD, Sentence(N_("Workers that live: %(count)s."), {"count": len(alive)}))
    else:
        says = Sentence(N_("No worker is at work; %(waiting)s jobs wait."), {"waiting": counts["waiting"]})
        yield Finding("worker", Verdict.NOTE, says, Sentence(N_("Run: yutang up")))
    if counts["dead"]:
        says = Sentence(N_("%(count)s jobs failed for good."), {"count": counts["dead"]})
        do = Sentence(N_("See why with: yutang jobs list --status dead, then: yutang jobs retry NUMBER"))
        yield Finding("failed_jobs", Verdict.NOTE, says, do)
    if stuck := queries.stuck_events():
        says = Sentence(N_("%(count)s events could not be delivered after many attempts."), {"count": stuck})
        yield Finding("events", Verdict.NOTE, says, Sentence(N_("The log of the worker says why.")))


def events() -> Iterator[Finding]:
    """Whether PostgreSQL has room for the events of the months ahead."""
    from yutang.api.event_months import event_months
    from yutang.foundation.months import month_of, months_on

    kept = event_months()
    if not kept.by_month:
        return
    next_month = months_on(month_of(now().date()), 1)
    if kept.ready_until is None or kept.ready_until <= next_month:
        says = Sentence(
            N_("No room was made for the events of the month ahead; they are kept together with other strays.")
        )
        yield Finding(
            "event_months", Verdict.NOTE, says, Sentence(N_("Run: yutang worker, which makes it in the night."))
        )
        return
    values = {"until": kept.ready_until.isoformat(), "strays": kept.strays}
    says = Sentence(
        N_("Events are kept by month, with room until %(until)s; %(strays)s of other months wait for theirs."), values
    )
    yield Finding("event_months", Verdict.GOOD, says)


def orders() -> Iterator[Finding]:
    """Whether PostgreSQL has room for the orders of the months ahead."""
    from yutang.foundation.months import month_of, months_on
    from yutang.orders.arrivals import order_months, today_of

    kept = order_months()
    if not kept.by_month:
        return
    month = month_of(today_of(now()))
    if (
        kept.present is None
        or kept.ready_until is None
        or kept.present < month
        or kept.ready_until <= months_on(month, 1)
    ):
        says = Sentence(N_("No room was made for the orders of this month or the next; they go on in an earlier part."))
        do = Sentence(N_("Run: yutang worker, which makes it in the night."))
        yield Finding("order_months", Verdict.NOTE, says, do)
        return
    values = {"until": kept.ready_until.isoformat()}
    says = Sentence(N_("Orders are kept by the month in which they came, with room until %(until)s."), values)
    yield Finding("order_months", Verdict.GOOD, says)


def webhooks() -> Iterator[Finding]:
    """Whether other systems take what they are told."""
    from yutang.webhooks.queries import webhook_counts

    counts = webhook_counts()
    if counts["off"] or counts["failing"]:
        says = Sentence(
            N_("%(failing)s webhooks fail, %(off)s were switched off because they failed for days or are gone."), counts
        )
        yield Finding("webhooks", Verdict.NOTE, says, Sentence(N_("See which with: yutang webhooks list")))
    if counts["dead"]:
        says = Sentence(N_("%(dead)s messages of webhooks were given up after many attempts."), counts)
        do = Sentence(N_("Once the receiver works again: yutang webhooks replay NUMBER"))
        yield Finding("dead_webhooks", Verdict.NOTE, says, do)


def screens() -> Iterator[Finding]:
    """What the console needs besides Python."""
    from django.contrib.staticfiles import finders

    from yutang.cli import catalogues

    if catalogues.stale():
        says = Sentence(N_("The translations are not compiled; screens may be in English."))
        yield Finding("translations", Verdict.NOTE, says, Sentence(N_("Run: yutang up, which compiles them.")))
    else:
        yield Finding("translations", Verdict.GOOD, Sentence(N_("The translations are compiled.")))
    if finders.find("vendor/echarts.min.js") is None:
        says = Sentence(N_("The chart library is missing; tables are shown without charts."))
        yield Finding("charts", Verdict.NOTE, says, Sentence(N_("Run: make vendor")))
    else:
        yield Finding("charts", Verdict.GOOD, Sentence(N_("The chart library is there.")))
    says = Sentence(N_("Fonts are the reader's own: this machine needs none, and no browser."))
    yield Finding("fonts", Verdict.GOOD, says)


def deep_finding(invariant: Invariant) -> Finding:
    """Return how something stands that must always hold; a look that falls itself is a finding."""
    from yutang.foundation.invariants import seen

    try:
        found = seen(invariant)
    except Exception as error:
        return Finding.fallen(invariant.name, error)
    values = {"holds": Sentence(invariant.holds), "looked": found.looked, "left_out": found.left_out}
    if found.broken:
        values |= {"broken": found.broken, "where": ", ".join(found.where)}
        says = Sentence(N_("Not so at %(broken)s of %(looked)s: %(holds)s (%(where)s)."), values)
        return Finding(invariant.name, Verdict.BROKEN, says, Sentence(invariant.do))
    if found.left_out and not found.looked:
        says = Sentence(
            N_("%(holds)s: that could not be looked at. What is to be written anew, or changes just now, is left out."),
            values,
        )
        return Finding(invariant.name, Verdict.NOTE, says, Sentence(N_("Run: yutang lake sync, and look again.")))
    if found.left_out:
        says = Sentence(
            N_("%(holds)s: %(looked)s looked at, %(left_out)s left out because they change just now."), values
        )
        return Finding(invariant.name, Verdict.GOOD, says)
    return Finding(invariant.name, Verdict.GOOD, Sentence(N_("%(holds)s: %(looked)s looked at."), values))


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    installation,
    home,
    store,
    connections,
    replica,
    keys,
    rights,
    lake,
    engine,
    work,
    events,
    orders,
    webhooks,
    screens,
)
#: Without a store that answers and is up to date these have nothing to say.
NEED_THE_STORE = (connections, replica, lake, work, events, orders, webhooks)


def _home() -> Path:
    from django.conf import settings

    return Path(settings.YUTANG_HOME)
