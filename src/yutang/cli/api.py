"""`yutang api`: tokens with which other systems come in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.api.queries import TokenView

app = typer.Typer(no_args_is_help=True, help=_("The door for programs: tokens with which other systems come in."))
tokens = typer.Typer(no_args_is_help=True, help=_("Tokens: make one, list them, revoke one."))
app.add_typer(tokens, name="tokens")

_KINDS = {"personal": N_("personal"), "service": N_("service")}
_STATUSES = {"active": N_("active"), "expired": N_("expired"), "revoked": N_("revoked")}


class TokenActsForNobody(DomainError):
    """A token is somebody's, or a service's."""

    code = "token_acts_for_nobody"
    http_status = 422
    message = N_("Say for whom the token acts: --for NAME for a member of staff, or --may PERMISSION for a service.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="api")


@tokens.command(
    help=_(
        "Make a token; it is printed once and stored nowhere. With --for it acts as a member of staff, else as a service."
    )
)
@command
def create(
    name: Annotated[str, typer.Argument(help=_("What the token is for."))],
    username: Annotated[
        str, typer.Option("--for", help=_("Log-in name of the member of staff for whom it acts."))
    ] = "",
    may: Annotated[
        list[str] | None,
        typer.Option("--may", help=_("A permission, several times for several, such as customers.view.")),
    ] = None,
    store: Annotated[
        list[str] | None, typer.Option("--store", help=_("Code of a store that it reaches; all when left out."))
    ] = None,
    days: Annotated[int, typer.Option("--days", help=_("How long it lasts. Days."))] = 365,
    per_minute: Annotated[
        int, typer.Option("--per-minute", help=_("Calls that it may make within one minute."))
    ] = 1_200,
    as_json: Json = False,
) -> Answer:
    """Make a token."""
    from yutang.api import actions
    from yutang.foundation.access import Actor

    system, codes, at = Actor.system(), tuple(store or ()), now()
    if username:
        made = actions.create_personal_token(
            actor=system,
            name=name,
            username=username,
            permissions=may,
            store_codes=codes,
            days=days,
            per_minute=per_minute,
            now=at,
        )
    elif may:
        made = actions.create_service_token(
            actor=system, name=name, permissions=may, store_codes=codes, days=days, per_minute=per_minute, now=at
        )
    else:
        raise TokenActsForNobody
    told = {"token_id": made.id, "name": name, "token": made.secret, "expires_at": made.expires_at}
    return Answer(told, _("Token %(token_id)s, shown this once: %(token)s") % told)


@tokens.command(
    name="list", help=_("Show all tokens, the newest first: for whom, what they may do, when they were last used.")
)
@command
def list_(as_json: Json = False) -> Answer:
    """Show the tokens."""
    from yutang.api import queries
    from yutang.foundation.access import Actor

    found = queries.tokens(access=Actor.system(), now=now())
    return Answer({"tokens": [asdict(token) for token in found]}, lambda console: _show(console, found))


@tokens.command(help=_("End a token at once."))
@command
def revoke(token_id: Annotated[int, typer.Argument(help=_("Number of the token."))], as_json: Json = False) -> Answer:
    """Revoke a token."""
    from yutang.api import actions
    from yutang.foundation.access import Actor

    actions.revoke_token(actor=Actor.system(), token_id=token_id, now=now())
    return Answer({"token_id": token_id, "status": "revoked"}, _("Token %(id)s is revoked.") % {"id": token_id})


def _show(console: Console, found: tuple[TokenView, ...]) -> None:
    table = Table(
        _("Token"), _("Name"), _("Kind"), _("For"), _("May"), _("Stores"), _("Expires"), _("Last used"), _("Status")
    )
    for token in found:
        table.add_row(
            f"{token.id} …{token.hint}",
            token.name,
            _(_KINDS[token.kind]),
            token.staff,
            _("everything of its person") if token.permissions is None else ", ".join(token.permissions),
            _("all") if token.store_codes is None else ", ".join(token.store_codes),
            token.expires_at.date().isoformat(),
            token.last_used_at.date().isoformat() if token.last_used_at else _("never"),
            _(_STATUSES[token.status]),
        )
    console.print(table)
