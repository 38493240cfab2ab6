"""`yutang worker` and `yutang migrate`: what `yutang up` does by itself, for installations that start each part alone."""

from __future__ import annotations

from typing import Annotated

import typer

from yutang.cli.output import Answer, Json, command
from yutang.cli.text import _


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.command(hidden=True, help=_("Do background work until stopped."))(worker)
    parent.command(hidden=True, help=_("Bring the database up to date."))(migrate_store)
    parent.registered_commands[-1].name = "migrate"


@command
def worker(
    name: Annotated[str, typer.Option("--name", help=_("Name of the worker; no two live ones share it."))] = "",
    until_idle: Annotated[bool, typer.Option("--until-idle", help=_("End when nothing is due."))] = False,
    as_json: Json = False,
) -> Answer:
    """Do background work until stopped."""
    from yutang.foundation.jobs import run_worker

    attempts = run_worker(name=name or None, until_idle=until_idle, schedules=not until_idle)
    return Answer({"attempts": attempts}, _("The worker has ended after %(attempts)s jobs.") % {"attempts": attempts})


@command(prepare=False)
def migrate_store(as_json: Json = False) -> Answer:
    """Bring the database up to date."""
    from yutang.cli.store import migrate, missing_migrations

    missing = sorted(missing_migrations())
    migrate()
    return Answer({"applied": missing}, _("The database is up to date."))
