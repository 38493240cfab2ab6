"""`yutang user`: who may log in."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yutang.cli.output import Answer, Json, command, now
from yutang.cli.text import _

app = typer.Typer(no_args_is_help=True, help=_("Staff who may log in: add, list, new password, deactivate."))

Username = Annotated[str, typer.Argument(help=_("Name to log in with."))]
PasswordFromStdin = Annotated[
    bool, typer.Option("--password-stdin", help=_("Read the password from standard input instead of making one."))
]


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="user")


@app.command(help=_("Add somebody; without --password-stdin a password is made and printed once."))
@command
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help=_("Name that others see; the log-in name when left out."))] = "",
    role: Annotated[str, typer.Option("--role", help=_("What they may do."))] = "store_manager",
    store: Annotated[list[str] | None, typer.Option("--store", help=_("Code of a store they belong to."))] = None,
    password_stdin: PasswordFromStdin = False,
    as_json: Json = False,
) -> Answer:
    """Add a member of staff."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    password = _password(password_stdin)
    staff_id = actions.create_staff(
        actor=Actor.system(),
        username=username,
        display_name=name or username,
        role=role,
        password=password,
        store_codes=store or (),
        now=now(),
    )
    return _with_password({"id": staff_id, "username": username, "role": role}, password, made=not password_stdin)


@app.command(help=_("Give somebody a new password; made and printed once without --password-stdin."))
@command
def password(username: Username, password_stdin: PasswordFromStdin = False, as_json: Json = False) -> Answer:
    """Set a new password."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    new = _password(password_stdin)
    actions.set_password(actor=Actor.system(), username=username, password=new, now=now())
    return _with_password({"username": username}, new, made=not password_stdin)


@app.command("list", help=_("Show everybody, their role and stores."))
@command
def list_staff(as_json: Json = False) -> Answer:
    """List the staff."""
    from yutang.foundation import queries
    from yutang.foundation.access import Actor

    codes = {store.id: store.code for store in queries.stores(access=Actor.system())}
    people: list[dict[str, Any]] = [
        {
            "id": person.id,
            "username": person.username,
            "name": person.display_name,
            "role": person.role,
            "stores": sorted(codes[store_id] for store_id in person.store_ids),
            "active": person.is_active,
        }
        for person in queries.staff_members()
    ]

    def show(console: Console) -> None:
        table = Table(_("Log-in name"), _("Name"), _("Role"), _("Stores"), _("May log in"))
        for person in people:
            stores = ", ".join(person["stores"])
            table.add_row(person["username"], person["name"], person["role"], stores, "✓" if person["active"] else "✗")
        console.print(table)

    return Answer({"staff": people}, show)


@app.command(help=_("Bar somebody who left from logging in."))
@command
def deactivate(username: Username, as_json: Json = False) -> Answer:
    """Bar a member of staff from logging in."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.deactivate_staff(actor=Actor.system(), username=username, now=now())
    return Answer(
        {"username": username, "active": False}, _("%(username)s cannot log in any more.") % {"username": username}
    )


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(12)


def _with_password(data: dict[str, object], new: str, *, made: bool) -> Answer:
    """Answer with the password only when it was made here: it is stored nowhere in clear."""
    if not made:
        return Answer(data, _("%(username)s can log in with the new password.") % data)
    shown = _("%(username)s can log in. Password, shown this once: %(password)s") % {**data, "password": new}
    return Answer({**data, "password": new}, shown)
