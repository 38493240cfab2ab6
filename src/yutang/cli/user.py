"""`yutang user`: who may log in."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.text import filled

app = typer.Typer(
    no_args_is_help=True, help=_("Staff who may log in: add, invite, list, role and stores, password, bar, hand over.")
)

Username = Annotated[str, typer.Argument(help=_("Name to log in with."))]
Stores = Annotated[list[str] | None, typer.Option("--store", help=_("Code of a store they belong to."))]
Regions = Annotated[
    list[str] | None, typer.Option("--region", help=_("Name of a region they have, with all stores that belong to it."))
]
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
    store: Stores = None,
    region: Regions = None,
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
        region_names=region or (),
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
    roles = {one.key: one.name for one in queries.roles() if not one.is_named}
    people: list[dict[str, Any]] = [
        {
            "id": person.id,
            "username": person.username,
            "name": person.display_name,
            "role": person.role,
            "stores": sorted(codes[store_id] for store_id in person.store_ids),
            "active": person.is_active,
            "can_log_in": person.can_log_in,
        }
        for person in queries.staff_members()
    ]

    def show(console: Console) -> None:
        table = Table(_("Log-in name"), _("Name"), _("Role"), _("Stores"), _("May log in"))
        for person in people:
            stores = ", ".join(person["stores"])
            role, may = roles.get(person["role"]) or person["role"], "✓" if person["can_log_in"] else "✗"
            table.add_row(person["username"], person["name"], role, stores, may)
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


@app.command(help=_("Let somebody who was barred log in again."))
@command
def activate(username: Username, as_json: Json = False) -> Answer:
    """Let a member of staff log in again."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.activate_staff(actor=Actor.system(), username=username, now=now())
    told = {"username": username}
    return Answer({**told, "active": True}, _("%(username)s may log in again.") % told)


@app.command(
    help=_("Make a link by which somebody sets the own password; printed once, it holds for 72 hours and once.")
)
@command
def invite(
    username: Username,
    address: Annotated[str, typer.Option("--address", help=_("Address under which people reach the console."))] = "",
    as_json: Json = False,
) -> Answer:
    """Make a log-in link."""
    from django.urls import reverse

    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    secret = actions.make_invitation(actor=Actor.system(), username=username, now=now())
    link = address.rstrip("/") + reverse("welcome", args=[secret])
    told = {"username": username, "link": link}
    return Answer(told, _("Link for %(username)s, shown this once: %(link)s") % told)


@app.command(help=_("Give somebody a role, stores and regions in place of those that they have."))
@command
def place(
    username: Username,
    role: Annotated[str, typer.Option("--role", help=_("What they may do."))],
    store: Stores = None,
    region: Regions = None,
    as_json: Json = False,
) -> Answer:
    """Change role and stores."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.change_place(
        actor=Actor.system(),
        username=username,
        role=role,
        store_codes=store or (),
        region_names=region or (),
        now=now(),
    )
    told = {"username": username, "role": role, "stores": store or [], "regions": region or []}
    return Answer(told, _("%(username)s has the role %(role)s now.") % told)


@app.command("reset-second-factor", help=_("Take off the second factor of somebody who lost the phone."))
@command
def reset_second_factor(username: Username, as_json: Json = False) -> Answer:
    """Take a second factor off."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.reset_second_factor(actor=Actor.system(), username=username, now=now())
    told = {"username": username}
    return Answer(told, _("%(username)s logs in with the password alone now.") % told)


@app.command("end-sessions", help=_("Log somebody out everywhere."))
@command
def end_sessions(username: Username, as_json: Json = False) -> Answer:
    """End all sessions of a person."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    ended = actions.end_sessions_of(actor=Actor.system(), username=username, now=now())
    told = {"username": username, "sessions": ended}
    return Answer(told, _("Sessions of %(username)s that were ended: %(sessions)s") % told)


@app.command(
    "hand-over", help=_("Give somebody's customers and open tasks to another one; barred afterwards unless --stays.")
)
@command
def hand_over(
    username: Username,
    to: Annotated[str, typer.Option("--to", help=_("Log-in name of who takes over."))],
    stays: Annotated[bool, typer.Option("--stays", help=_("Do not bar them from logging in afterwards."))] = False,
    within_reach: Annotated[
        bool, typer.Option("--within-reach", help=_("Only what belongs to stores that they see; bars nobody."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Hand over the work of a person."""
    from yutang.foundation.access import Actor
    from yutang.worklist import actions

    whole = actions.hand_over_work if stays else actions.let_go
    act = actions.hand_over_within_reach if within_reach else whole
    handed = act(actor=Actor.system(), username=username, to_username=to, now=now())
    told = {"username": username, "to": to, "customers": handed.customers, "tasks": handed.proposals}
    done = filled(_("%(to)s has taken over %(customers)s customers and %(tasks)s tasks."), told)
    if not within_reach:
        return Answer(told, done)
    told |= {"stay": handed.beyond}
    stay = filled(_("Customers of other stores who stay where they are: %(stay)s"), told)
    return Answer(told, f"{done}\n{stay}")


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(12)


def _with_password(data: dict[str, object], new: str, *, made: bool) -> Answer:
    """Answer with the password only when it was made here: it is stored nowhere in clear."""
    if not made:
        return Answer(data, _("%(username)s can log in with the new password.") % data)
    shown = _("%(username)s can log in. Password, shown this once: %(password)s") % {**data, "password": new}
    return Answer({**data, "password": new}, shown)
