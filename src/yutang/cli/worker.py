"""`yutang worker` and `yutang migrate`: what `yutang up` does by itself, for installations that start each part alone."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar

import typer

from yutang.cli.output import Answer, Json, command
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Which work there is: everything, and what WeCom tells, for which a worker of its own has time also while files are imported.
QUEUES = ("default", "wecom")

#: How far a gentle worker steps back: a page gets about nine tenths of a core that both want (`man 7 sched`).
_GENTLY = 10


class NoSuchQueue(DomainError):
    """There is no such kind of work."""

    code: ClassVar[str] = "no_such_queue"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(queues)s” names work that there is not. There is: %(there)s.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.command(hidden=True, help=_("Do background work until stopped."))(worker)
    parent.command(hidden=True, help=_("Bring the database up to date."))(migrate_store)
    parent.registered_commands[-1].name = "migrate"


@command
def worker(
    name: Annotated[str, typer.Option("--name", help=_("Name of the worker; no two live ones share it."))] = "",
    until_idle: Annotated[bool, typer.Option("--until-idle", help=_("End when nothing is due."))] = False,
    queues: Annotated[
        str, typer.Option("--queues", help=_("Which work it takes, with commas between; all when left out."))
    ] = ",".join(QUEUES),
    gently: Annotated[
        bool, typer.Option("--gently", help=_("Let other processes of this machine go first, such as the web server."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Do background work until stopped."""
    from yutang.foundation.jobs import run_worker
    from yutang.foundation.pooling import most_shared, share_connections

    wanted = [one.strip() for one in queues.split(",")]
    if not set(wanted) <= set(QUEUES):
        raise NoSuchQueue(queues=queues[:80], there=", ".join(QUEUES))
    if gently:
        os.nice(_GENTLY)
    # The lease of a job is renewed beside it.
    share_connections(most=most_shared() and max(most_shared(), 2))
    attempts = run_worker(
        name=name or None, queues=wanted, until_idle=until_idle, schedules=not until_idle and "default" in wanted
    )
    return Answer({"attempts": attempts}, _("The worker has ended after %(attempts)s jobs.") % {"attempts": attempts})


@command(prepare=False)
def migrate_store(as_json: Json = False) -> Answer:
    """Bring the database up to date."""
    from yutang.cli.store import migrate, missing_migrations

    missing = sorted(missing_migrations())
    migrate()
    return Answer({"applied": missing}, _("The database is up to date."))
