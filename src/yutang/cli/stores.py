"""`yutang stores`: the stores, and where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yutang.cli.output import Answer, Json, command, now
from yutang.cli.text import _

app = typer.Typer(no_args_is_help=True, help=_("Stores: list them, and write where they stand."))

PlacesFile = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help=_("CSV file with the columns code, latitude and longitude (编号, 纬度, 经度)."),
    ),
]


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="stores")


@app.command("list", help=_("Show the stores with region, city and place."))
@command
def list_stores(as_json: Json = False) -> Answer:
    """List the stores."""
    from yutang.foundation import queries
    from yutang.foundation.access import Actor

    found: list[dict[str, Any]] = [
        {
            "code": one.code,
            "name": one.name,
            "region": one.region.name if one.region else None,
            "city": one.city,
            "time_zone": one.time_zone,
            "opened_on": one.opened_on,
            "closed_on": one.closed_on,
            "latitude": one.place.latitude if one.place else None,
            "longitude": one.place.longitude if one.place else None,
        }
        for one in queries.stores(access=Actor.system())
    ]

    def show(console: Console) -> None:
        table = Table(_("Code"), _("Name"), _("Region"), _("City"), _("Latitude"), _("Longitude"))
        for one in found:
            place = ["" if one[name] is None else str(one[name]) for name in ("latitude", "longitude")]
            table.add_row(one["code"], one["name"], one["region"] or "", one["city"], *place)
        console.print(table)

    return Answer({"stores": found}, show)


@app.command(help=_("Write where stores stand, from a list; all of it or nothing."))
@command
def locate(path: PlacesFile, as_json: Json = False) -> Answer:
    """Write where stores stand."""
    from yutang.foundation import actions, queries
    from yutang.foundation.access import Actor

    places = queries.places_in(content=path.read_bytes())
    changed = actions.locate_stores(actor=Actor.system(), places=places, now=now())
    said = _("%(named)s stores named, %(changed)s changed.") % {"named": len(places), "changed": changed}
    return Answer({"named": len(places), "changed": changed}, said)
