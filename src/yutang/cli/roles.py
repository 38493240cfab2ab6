"""`yutang roles`: what the roles give, and the organisation's own."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _

app = typer.Typer(
    no_args_is_help=True, help=_("Roles: the named ones, and those that you put together out of permissions.")
)

Key = Annotated[str, typer.Argument(help=_("Key of the role, such as own-3."))]
Permissions = Annotated[list[str] | None, typer.Option("--permission", help=_("A permission that the role gives."))]
Chain = Annotated[bool, typer.Option("--whole-chain", help=_("Who has the role sees every store."))]


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="roles")


@app.command("list", help=_("Show every role with its permissions."))
@command
def list_roles(as_json: Json = False) -> Answer:
    """List the roles."""
    from yutang.foundation import queries
    from yutang.foundation.access import PERMISSIONS

    found: list[dict[str, Any]] = [
        {
            "key": one.key,
            "name": one.name,
            "named": one.is_named,
            "whole_chain": one.is_chain_wide,
            "staff": one.staff,
            "second_factor": one.needs_second_factor,
            "permissions": sorted(one.permissions),
        }
        for one in queries.roles()
    ]

    def show(console: Console) -> None:
        table = Table(_("Role"), _("Name"), _("Members of staff"), _("Permissions"))
        for one in found:
            every = len(one["permissions"]) == len(PERMISSIONS)
            given = _("all") if every else ", ".join(one["permissions"])
            table.add_row(one["key"], _(one["name"]) if one["named"] else one["name"], str(one["staff"]), given)
        console.print(table)

    return Answer({"roles": found}, show)


@app.command(help=_("Put a role together out of permissions."))
@command
def add(
    name: Annotated[str, typer.Argument(help=_("What people call the role."))],
    permission: Permissions = None,
    whole_chain: Chain = False,
    as_json: Json = False,
) -> Answer:
    """Add an own role."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    key = actions.create_role(
        actor=Actor.system(), name=name, permissions=permission or (), is_chain_wide=whole_chain, now=now()
    )
    told = {"key": key, "name": name}
    return Answer(told, _("The role %(name)s has the key %(key)s.") % told)


@app.command(help=_("Give an own role another name, other permissions and another reach."))
@command
def change(
    key: Key,
    name: Annotated[str, typer.Option("--name", help=_("What people call the role."))],
    permission: Permissions = None,
    whole_chain: Chain = False,
    as_json: Json = False,
) -> Answer:
    """Change an own role."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.change_role(
        actor=Actor.system(),
        key=key,
        name=name,
        permissions=permission or (),
        is_chain_wide=whole_chain,
        now=now(),
    )
    told = {"key": key, "name": name}
    return Answer(told, _("The role %(key)s was changed.") % told)


@app.command(help=_("Delete an own role that nobody has."))
@command
def remove(key: Key, as_json: Json = False) -> Answer:
    """Delete an own role."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.delete_role(actor=Actor.system(), key=key, now=now())
    return Answer({"key": key}, _("The role %(key)s was deleted.") % {"key": key})
