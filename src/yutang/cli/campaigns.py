"""`yutang campaigns`: look at campaigns, ask the policy about one, let it go, pause and end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.text import N_, filled

if TYPE_CHECKING:
    from yutang.channels.queries import CampaignView, PreviewView, Tally

app = typer.Typer(no_args_is_help=True, help=_("Campaigns: one message to many, under the contact policy."))

Number = Annotated[int, typer.Argument(metavar="CAMPAIGN", min=1, help=_("Number of the campaign."))]

_STATES = {
    "draft": N_("draft"),
    "ready": N_("waits for its time"),
    "running": N_("running"),
    "paused": N_("paused"),
    "ended": N_("ended"),
}
_FATES = {
    "now": N_("get it now"),
    "at": N_("get it later"),
    "replace": N_("too early for a promotion"),
    "refuse": N_("get nothing"),
    "held": N_("held out"),
}
#: As they stand on the page of a campaign.
_STATIONS = {
    "planned": N_("Planned"),
    "created": N_("Given to the platform"),
    "notified": N_("Staff were asked"),
    "confirmed": N_("Staff confirmed"),
    "delivered": N_("Delivered"),
}
_MOST = 500


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="campaigns")


@app.command(name="list", help=_("Show the campaigns, newest first, with their counts."))
@command
def list_(as_json: Json = False) -> Answer:
    """Show the campaigns."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    access = Actor.system()
    keys = queries.campaign_keys(access=access, filters=queries.CampaignFilters(), limit=_MOST)
    views = queries.campaigns_of(access=access, campaign_ids=keys)
    counts = queries.tallies(access=access, campaign_ids=keys)
    rows = [(views[key], counts[key]) for key in keys if key in views]
    told = [{**_told(view), **asdict(tally)} for view, tally in rows]
    return Answer({"campaigns": told}, lambda console: _show(console, rows))


@app.command(help=_("Show one campaign: what it is, how far its messages came, what came back."))
@command
def show(campaign: Number, as_json: Json = False) -> Answer:
    """Show a campaign."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    access = Actor.system()
    view = queries.campaign(access=access, campaign_id=campaign)
    told = queries.campaign_progress(access=access, campaign_id=campaign, now=now())
    results = queries.campaign_results(access=access, campaign_id=campaign)
    answer = {
        **_told(view),
        "way": dict(told.way),
        "by_other_way": {"at_once": told.at_once, "later": told.other_way},
        "states": dict(results.states),
        "refusals": dict(results.refusals),
        "faults": dict(results.faults),
        "held_out": told.held,
        "clicked": results.readers + results.anonymous_visits,
        "replies": told.replies,
        "opt_outs": told.opt_outs,
        "bought": told.bought,
        "waits_for_staff": results.waits_for_staff[1],
    }
    return Answer(answer, lambda console: _show_one(console, view, answer))


@app.command(
    help=_("Ask the policy what it says of a campaign: who gets it, who later, who not, and why. Nothing is sent.")
)
@command
def preview(campaign: Number, as_json: Json = False) -> Answer:
    """Ask the policy."""
    from yutang.channels import actions, queries
    from yutang.foundation.access import Actor

    actor = Actor.system()
    is_there = actions.ask_for_preview(actor=actor, campaign_id=campaign, now=now())
    if not is_there:
        said = filled(
            _("The audience is large: a job asks the policy. Look again: yutang campaigns show %(id)s"),
            {"id": campaign},
        )
        return Answer({"campaign_id": campaign, "made": False}, said)
    found = queries.preview_view(access=actor, campaign_id=campaign, now=now())
    assert found is not None  # It was made a moment ago.
    told = {
        "campaign_id": campaign,
        "made": True,
        "asked": found.asked,
        "receivers": found.getting,
        "outcomes": dict(found.outcomes),
        "reasons": {fate: dict(counts) for fate, counts in found.reasons.items()},
        "days": {day.isoformat(): n for day, n in found.days.items()},
        "ways": dict(found.ways),
        "confirmations": None if found.confirmations is None else asdict(found.confirmations),
    }
    return Answer(told, lambda console: _show_preview(console, found))


@app.command(help=_("Let a campaign go that the policy was asked about, or let it go on after a pause."))
@command
def start(
    campaign: Number,
    people: Annotated[
        int | None, typer.Option("--people", min=0, help=_("Receivers of a large campaign, as the preview tells."))
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Let a campaign go."""
    from yutang.channels import actions
    from yutang.foundation.access import Actor

    state = actions.launch_campaign(actor=Actor.system(), campaign_id=campaign, people=people, now=now())
    return Answer(
        {"campaign_id": campaign, "state": state}, filled(_("The campaign: %(state)s."), {"state": _(_STATES[state])})
    )


@app.command(help=_("Let a campaign rest: what is planned waits."))
@command
def pause(campaign: Number, as_json: Json = False) -> Answer:
    """Pause a campaign."""
    from yutang.channels import actions
    from yutang.foundation.access import Actor

    actions.pause_campaign(actor=Actor.system(), campaign_id=campaign, now=now())
    return Answer({"campaign_id": campaign, "state": "paused"}, _("The campaign rests."))


@app.command(help=_("End a campaign for good: what is planned is refused, what nobody confirmed is taken back."))
@command
def stop(campaign: Number, as_json: Json = False) -> Answer:
    """End a campaign."""
    from yutang.channels import actions
    from yutang.foundation.access import Actor

    actions.stop_campaign(actor=Actor.system(), campaign_id=campaign, now=now())
    return Answer({"campaign_id": campaign, "state": "ended"}, _("The campaign has ended."))


def _told(view: CampaignView) -> dict[str, Any]:
    names = ("id", "key", "name", "state", "channel", "fallback", "intent", "content", "held_out_percent")
    instants = {name: getattr(view, name) for name in ("starts_at", "planned_at")}
    return {name: getattr(view, name) for name in names} | {
        name: None if at is None else at.isoformat() for name, at in instants.items()
    }


def _show(console: Console, rows: list[tuple[CampaignView, Tally]]) -> None:
    from yutang.channels.queries import CHANNEL_TITLES

    table = Table(_("No."), _("Name"), _("State"), _("Channel"))
    for title in (_("Planned"), _("Sent"), _("Delivered"), _("Clicked"), _("Bought")):
        table.add_column(title, no_wrap=True, justify="right")
    for column in table.columns:
        if column.header != _("Name"):
            column.no_wrap = True
    for view, tally in rows:
        counts = (tally.planned, tally.sent, tally.delivered, tally.clicked, tally.bought)
        channel = _(CHANNEL_TITLES[view.channel]) if view.channel else ""
        table.add_row(str(view.id), view.name, _(_STATES[view.state]), channel, *(f"{n:,}" for n in counts))
    console.print(table)


def _show_one(console: Console, view: CampaignView, answer: dict[str, Any]) -> None:
    console.print(f"{view.id} {view.name}: {_(_STATES[view.state])}")
    table = Table(_("How far it is"), _("Messages"))
    for station, n in answer["way"].items():
        table.add_row(_(_STATIONS[station]), f"{n:,}")
    table.add_section()
    for title, name in (
        (_("Held out"), "held_out"),
        (_("Clicked"), "clicked"),
        (_("Bought"), "bought"),
        (_("Waits for staff"), "waits_for_staff"),
    ):
        table.add_row(title, f"{answer[name]:,}")
    console.print(table)
    _show_reasons(console, answer["refusals"])


def _show_preview(console: Console, found: PreviewView) -> None:
    table = Table(_("What the policy says"), _("Receivers"))
    for fate, title in _FATES.items():
        table.add_row(_(title), f"{found.outcomes.get(fate, 0):,}")
    console.print(table)
    _show_ways(console, found.ways)
    _show_reasons(console, found.reasons.get("refuse", {}))
    if found.confirmations is not None and found.confirmations.named:
        table = Table(_("Member of staff"), _("Confirmations"), _("Receivers"))
        for userid, tasks, receivers in found.confirmations.named:
            table.add_row(userid, f"{tasks:,}", f"{receivers:,}")
        console.print(table)


def _show_ways(console: Console, ways: Mapping[str, int]) -> None:
    from yutang.channels.queries import CHANNEL_TITLES

    if len(ways) > 1:
        table = Table(_("By which way"), _("Receivers"))
        for way, n in ways.items():
            table.add_row(_(CHANNEL_TITLES[way]), f"{n:,}")
        console.print(table)


def _show_reasons(console: Console, reasons: Any) -> None:
    from yutang.channels.queries import REASON_TITLES

    if reasons:
        table = Table(_("Who gets nothing, and why"), _("Receivers"))
        for code, n in sorted(reasons.items(), key=lambda one: -one[1]):
            table.add_row(_(REASON_TITLES[code]), f"{n:,}")
        console.print(table)
