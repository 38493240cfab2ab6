"""`yutang webhooks`: which systems are told what happens, and whether they took it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from yutang.cli.output import Answer, Json, command, now
from yutang.cli.text import _
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.webhooks.queries import DeliveryView, EndpointView

app = typer.Typer(
    no_args_is_help=True, help=_("Webhooks: which systems are told what happens, and whether they took it.")
)

EndpointId = Annotated[int, typer.Argument(help=_("Number of the webhook."))]

_HEALTH = {"new": N_("new"), "well": N_("well"), "failing": N_("failing"), "off": N_("off")}
_STATUSES = {"waiting": N_("waiting"), "taken": N_("taken"), "dead": N_("given up")}


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="webhooks")


@app.command(help=_("Register a webhook; its secret is printed once and kept sealed."))
@command
def add(
    name: Annotated[str, typer.Argument(help=_("What it is for."))],
    url: Annotated[str, typer.Argument(help=_("Where messages are posted to."))],
    event: Annotated[
        list[str], typer.Option("--event", help=_("An event that it is told, several times for several."))
    ],
    store: Annotated[
        list[str] | None, typer.Option("--store", help=_("Code of a store of which it is told; all when left out."))
    ] = None,
    with_people: Annotated[
        bool, typer.Option("--with-people", help=_("Write people into the message with masked name and phone."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Register a webhook."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    made = actions.create_endpoint(
        actor=Actor.system(),
        name=name,
        url=url,
        events=event,
        store_codes=tuple(store or ()),
        with_people=with_people,
        now=now(),
    )
    told = {"endpoint_id": made.id, "name": name, "secret": made.secret}
    return Answer(told, _("Webhook %(endpoint_id)s; its secret, shown this once: %(secret)s") % told)


@app.command(name="list", help=_("Show all webhooks: what each is told, and how it does."))
@command
def list_(as_json: Json = False) -> Answer:
    """Show the webhooks."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import queries

    found = queries.endpoints(access=Actor.system())
    return Answer({"webhooks": [asdict(one) for one in found]}, lambda console: _show(console, found))


@app.command(help=_("Show the latest messages to a webhook and what became of them."))
@command
def deliveries(
    endpoint_id: EndpointId,
    status: Annotated[str, typer.Option("--status", help=_("Only: waiting, taken or dead."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("How many at most."))] = 20,
    as_json: Json = False,
) -> Answer:
    """Show deliveries."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import queries

    found = queries.deliveries(access=Actor.system(), endpoint_id=endpoint_id, status=status, limit=limit)
    return Answer({"deliveries": [asdict(one) for one in found]}, lambda console: _show_deliveries(console, found))


@app.command(name="test", help=_("Have a test message sent to a webhook by the worker."))
@command
def send_test(endpoint_id: EndpointId, as_json: Json = False) -> Answer:
    """Send a test."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    delivery_id = actions.send_test(actor=Actor.system(), endpoint_id=endpoint_id, now=now())
    told = {"endpoint_id": endpoint_id, "delivery_id": delivery_id}
    return Answer(told, _("Delivery %(delivery_id)s is on its way: yutang webhooks deliveries %(endpoint_id)s") % told)


@app.command(help=_("Send a webhook again all that was given up, or one message."))
@command
def replay(
    endpoint_id: EndpointId,
    delivery: Annotated[int | None, typer.Option("--delivery", help=_("Only this delivery, also a taken one."))] = None,
    as_json: Json = False,
) -> Answer:
    """Send messages again."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    actor, count = Actor.system(), 1
    if delivery is not None:
        actions.replay_delivery(actor=actor, delivery_id=delivery, now=now())
    else:
        count = actions.replay_dead(actor=actor, endpoint_id=endpoint_id, now=now())
    told = {"endpoint_id": endpoint_id, "deliveries": count}
    return Answer(told, _("Messages that are sent again: %(deliveries)s.") % told)


@app.command(help=_("Send a webhook nothing for the time being; what happens meanwhile waits for it."))
@command
def off(endpoint_id: EndpointId, as_json: Json = False) -> Answer:
    """Switch a webhook off."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    actions.switch_endpoint_off(actor=Actor.system(), endpoint_id=endpoint_id, now=now())
    return Answer({"endpoint_id": endpoint_id, "health": "off"}, _("The webhook is switched off."))


@app.command(help=_("Send to a webhook again, and what waited for it."))
@command
def on(endpoint_id: EndpointId, as_json: Json = False) -> Answer:
    """Switch a webhook on."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    actions.switch_endpoint_on(actor=Actor.system(), endpoint_id=endpoint_id, now=now())
    return Answer({"endpoint_id": endpoint_id, "health": "new"}, _("The webhook is switched on."))


@app.command(help=_("Give a webhook a new secret, printed once; the one before signs too for a day."))
@command
def secret(endpoint_id: EndpointId, as_json: Json = False) -> Answer:
    """Renew the secret."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    made = actions.renew_secret(actor=Actor.system(), endpoint_id=endpoint_id, now=now())
    told = {"endpoint_id": made.id, "secret": made.secret}
    return Answer(told, _("The new secret, shown this once: %(secret)s") % told)


@app.command(help=_("Forget a webhook, and what it was told."))
@command
def remove(endpoint_id: EndpointId, as_json: Json = False) -> Answer:
    """Delete a webhook."""
    from yutang.foundation.access import Actor
    from yutang.webhooks import actions

    actions.delete_endpoint(actor=Actor.system(), endpoint_id=endpoint_id, now=now())
    return Answer({"endpoint_id": endpoint_id}, _("The webhook is deleted."))


def _show(console: Console, found: tuple[EndpointView, ...]) -> None:
    # The address is never cut: what it is told has a line of its own below it.
    table = Table(_("Number"), _("Name"), _("Health"), _("Waiting"), _("Given up"), _("Stores"))
    for one in found:
        stores = _("all") if one.store_codes is None else ", ".join(one.store_codes)
        table.add_row(str(one.id), one.name, _(_HEALTH[one.health]), str(one.waiting), str(one.dead), stores)
    console.print(table)
    for one in found:
        console.print(f"{one.id}  {one.url}", markup=False, soft_wrap=True)
        console.print(f"   {', '.join(one.events)}", markup=False, soft_wrap=True)


def _show_deliveries(console: Console, found: tuple[DeliveryView, ...]) -> None:
    table = Table(_("Delivery"), _("Told"), _("Status"), _("Attempts"), _("Answer"), _("Tried"), _("Next attempt"))
    for one in found:
        answer = str(one.answer_status) if one.answer_status else one.fault
        tried = one.tried_at.isoformat(timespec="seconds") if one.tried_at else ""
        following = one.next_at.isoformat(timespec="seconds") if one.next_at else ""
        table.add_row(str(one.id), one.event, _(_STATUSES[one.status]), str(one.attempts), answer, tried, following)
    console.print(table)
