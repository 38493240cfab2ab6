"""`yutang groups`: which groups need somebody, one group, the look of the night, a sign of life, a newcomer's place."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _, say

if TYPE_CHECKING:
    from yutang.communities.views import CommunityView

app = typer.Typer(no_args_is_help=True, help=_("Customer groups: how alive they are, and what to do."))


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="groups")


@app.command("list", help=_("Show groups, the most urgent first."))
@command
def listed(
    life: Annotated[str, typer.Option("--life", help=_("Only forming, alive, quiet, dying or dead ones."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=5_000, help=_("At most so many."))] = 20,
    as_json: Json = False,
) -> Answer:
    """Show groups."""
    from yutang.communities import queries
    from yutang.foundation.access import Actor

    filters = queries.Filters(life=life)
    found = queries.communities(access=Actor.system(), filters=filters, limit=limit)
    return Answer({"groups": [_told(one) for one in found]}, lambda console: _show(console, found))


@app.command(help=_("Show one group: how alive it is, why, and what to do."))
@command
def show(
    group_id: Annotated[int, typer.Argument(help=_("Key of the group, as the list shows it."))], as_json: Json = False
) -> Answer:
    """Show one group."""
    from yutang.communities import queries
    from yutang.foundation.access import Actor

    view = queries.community(access=Actor.system(), community_id=group_id)
    return Answer({"group": _told(view)}, lambda console: _show_one(console, view))


@app.command(help=_("Look at every group now, as each night does."))
@command
def judge(
    day: Annotated[
        str, typer.Option("--day", help=_("The last day that is looked at, like 2026-03-10; yesterday if left out."))
    ] = "",
    as_json: Json = False,
) -> Answer:
    """Look at every group."""
    from yutang.communities import actions
    from yutang.foundation.access import Actor

    last = date.fromisoformat(day) if day else None
    found = actions.judge_groups(actor=Actor.system(), day=last, now=now())
    told = _("%(groups)s groups were looked at; %(changed)s changed, %(needing)s need somebody.") % asdict(found)
    return Answer(asdict(found), told)


@app.command(help=_("Note what came of red packets, a poll or a roll call in a group."))
@command
def probe(
    group_id: Annotated[int, typer.Argument(help=_("Key of the group, as the list shows it."))],
    takers: Annotated[int, typer.Argument(min=0, help=_("How many took one, or answered."))],
    kind: Annotated[str, typer.Option("--kind", help=_("red_packet, poll or roll_call."))] = "red_packet",
    packets: Annotated[int, typer.Option("--packets", min=0, help=_("Red packets that were laid out."))] = 0,
    minutes: Annotated[int, typer.Option("--minutes", min=1, help=_("Counted after so many minutes."))] = 5,
    key: Annotated[str, typer.Option("--key", help=_("The same key notes it once; a new one if left out."))] = "",
    as_json: Json = False,
) -> Answer:
    """Note a probe."""
    from yutang.communities import actions
    from yutang.foundation.access import Actor

    probed = actions.Probed(kind, now(), minutes, packets or None, takers)
    own = f"cli:{key or secrets.token_hex(8)}"
    noted = actions.note_probe(actor=Actor.system(), community_id=group_id, key=own, probed=probed, now=now())
    return Answer({"probe_id": noted}, _("Noted. It counts from the next night on."))


@app.command(help=_("Lead a customer into the fitting group with room."))
@command
def place(
    customer_id: Annotated[int, typer.Argument(help=_("Key of the customer."))],
    name: Annotated[str, typer.Option("--name", help=_("Only groups whose names begin so."))] = "",
    inviter: Annotated[int, typer.Option("--inviter", min=0, help=_("Key of the member who brings them."))] = 0,
    key: Annotated[str, typer.Option("--key", help=_("The same key is the same place; a new one if left out."))] = "",
    as_json: Json = False,
) -> Answer:
    """Lead a customer into a group."""
    from yutang.communities import actions
    from yutang.foundation.access import Actor

    newcomer = actions.Newcomer(f"cli:{key or secrets.token_hex(8)}", customer_id, inviter or None, "hand")
    wish = actions.Wish(name=name)
    (found,) = actions.place_newcomers(actor=Actor.system(), newcomers=[newcomer], wish=wish, now=now())
    return Answer(asdict(found), f"{found.outcome} {found.group_key}".strip())


def _told(view: CommunityView) -> dict[str, Any]:
    told = asdict(view)
    told["reasons"] = [str(one) for one in view.reasons]
    return told


def _show(console: Console, found: tuple[CommunityView, ...]) -> None:
    from yutang.communities.queries import ADVICE, LIFE_TITLES

    table = Table(box=None)
    for title in (_("Key"), _("Name"), _("How alive"), _("Pay attention"), _("Members"), _("To do")):
        table.add_column(title)
    for one in found:
        advice = _(ADVICE[one.advice][0]) if one.advice else ""
        table.add_row(
            str(one.id), one.name, _(LIFE_TITLES[one.life]), _share(one.share), f"{one.members}/{one.capacity}", advice
        )
    console.print(table)


def _show_one(console: Console, view: CommunityView) -> None:
    from yutang.communities.queries import ADVICE, LIFE_TITLES

    console.print(f"{view.name}  {_(LIFE_TITLES[view.life])}  {_share(view.share)}  {view.members}/{view.capacity}")
    for one in view.reasons:
        console.print(f"  {say(one)}")
    if view.advice:
        todo = _("To do: %(what)s") % {"what": _(ADVICE[view.advice][0])}
        console.print(todo)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.0f} %"
