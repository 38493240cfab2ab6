"""`yutang policy`: show the contact policy, try a changed one on what went out, ask what it says of one message."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console
from rich.table import Table

from yutang.cli.output import Answer, Json, command, now
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, filled

if TYPE_CHECKING:
    from yutang.channels.queries import PolicyValues, Replay

app = typer.Typer(no_args_is_help=True, help=_("The contact policy: show it, try a change on the past, ask it."))

_FATES = {
    "now": N_("As it went out"),
    "at": N_("Later"),
    "replace": N_("Something useful instead"),
    "refuse": N_("Refused"),
}
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help=_("A value to be tried, as NAME=VALUE; may be repeated. `yutang policy show` names them.")
    ),
]


class ReceiverIsMissing(DomainError):
    """A decision is about one person or one group."""

    code: ClassVar[str] = "receiver_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Name one receiver: --customer with --channel, or --group.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="policy")


@app.command(help=_("Show every value of the contact policy, and what it may be."))
@command
def show(as_json: Json = False) -> Answer:
    """Show the policy."""
    from yutang.channels import queries

    policy = queries.current_policy()
    groups = queries.policy_values(policy=policy)
    return Answer(
        {"version": queries.version_of(policy=policy), "values": policy.as_json()},
        lambda console: _show_values(console, groups),
    )


@app.command(help=_("Say what a changed policy would have said to what went out, and what that would have cost."))
@command
def simulate(
    values: Values = None,
    days: Annotated[int, typer.Option(min=1, max=730, help=_("Days back that are played."))] = 90,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", exists=True, dir_okay=False, help=_("A list of messages (CSV) in place of what went out here.")
        ),
    ] = None,
    time_zone: Annotated[
        str, typer.Option("--time-zone", help=_("Zone of local times in the files."))
    ] = "Asia/Shanghai",
    as_json: Json = False,
) -> Answer:
    """Play the past again."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    present = queries.current_policy()
    policy = queries.changed_policy(policy=present, values=dict(_value(each) for each in values or ()))
    if file is not None:
        text = file.read_text(encoding="utf-8-sig")
        sendings = queries.read_sendings(text=text, time_zone=time_zone)
        tried, told = (queries.replayed(sendings=sendings, policy=one) for one in (policy, present))
        known_until = None
    else:
        found = queries.replay_of_history(access=Actor.system(), policy=policy, days=days, now=now())
        tried, told, known_until = found.tried, found.present, found.known_until
    return Answer(
        {"policy": policy.as_json(), "known_until": known_until, "tried": _as_data(tried), "present": _as_data(told)},
        lambda console: _show_replay(console, tried, told, known_until),
    )


@app.command(help=_("Ask what the policy says of a message now; nothing is kept."))
@command
def decide(
    customer: Annotated[int | None, typer.Option("--customer", help=_("Key of the person."))] = None,
    group: Annotated[str | None, typer.Option("--group", help=_("Key of the group."))] = None,
    channel: Annotated[str, typer.Option(help=_("wecom, sms, email or phone."))] = "wecom",
    intent: Annotated[str, typer.Option(help=_("transactional, service, value, research or promotion."))] = "promotion",
    content: Annotated[str, typer.Option(help=_("Key of what is sent."))] = "",
    as_json: Json = False,
) -> Answer:
    """Ask the policy."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    asking: dict[str, Any] = {"access": Actor.system(), "intent": intent, "content": content, "now": now()}
    if (customer is None) == (group is None):
        raise ReceiverIsMissing
    if customer is not None:
        decision = queries.decision_for_person(customer_id=customer, channel=channel, **asking)
    else:
        decision = queries.decision_for_group(group_key=group or "", **asking)
    when = "" if decision.at is None or decision.outcome == "now" else f" {decision.at.astimezone():%Y-%m-%d %H:%M}"
    said = f"{_(_ANSWERS[decision.outcome])}{when}\n{say(decision.words)}"
    shown = {**asdict(decision), "words": say(decision.words)}
    return Answer(shown, said)


_ANSWERS = {
    "now": N_("It may go out now."),
    "at": N_("It may go out later:"),
    "replace": N_("Send something useful instead."),
    "refuse": N_("It may not go out."),
}


def _value(written: str) -> tuple[str, Any]:
    """Return a name and its value as they were written on the command line."""
    name, _sign, text = written.partition("=")
    try:
        return name.strip(), json.loads(text)
    except ValueError:
        return name.strip(), text.strip()


def _as_data(replay: Replay) -> dict[str, Any]:
    return {**asdict(replay), "weeks": {week.isoformat(): dict(fates) for week, fates in replay.weeks.items()}}


def _show_values(console: Console, groups: tuple[PolicyValues, ...]) -> None:
    table = Table(_("Name"), _("Meaning"), _("Value"), _("Default"))
    for group in groups:
        table.add_section()
        for one in group.values:
            table.add_row(one.name, _(one.title), _shown(one.value), _shown(one.default))
    console.print(table)


def _show_replay(console: Console, tried: Replay, present: Replay, known_until: datetime | None) -> None:
    from yutang.channels.queries import REASON_TITLES

    console.print(
        filled(
            _("%(sendings)s messages to %(receivers)s receivers; %(unknown)s to people who are not known."),
            {"sendings": f"{tried.sendings:,}", "receivers": f"{tried.receivers:,}", "unknown": f"{tried.unknown:,}"},
        )
    )
    if known_until is not None:
        at = f"{known_until.astimezone():%Y-%m-%d %H:%M}"
        console.print(filled(_("As of %(at)s; what went out later was not played."), {"at": at}))
    table = Table(_("What would have become of them"))
    for title in (_("Policy to be tried"), _("Present policy")):
        table.add_column(title, justify="right")
    for fate, title in _FATES.items():
        table.add_row(_(title), f"{tried.fates[fate]:,}", f"{present.fates[fate]:,}")
    table.add_section()
    for reason in dict.fromkeys([*tried.reasons, *present.reasons]):
        table.add_row(
            _(REASON_TITLES[reason]), f"{tried.reasons.get(reason, 0):,}", f"{present.reasons.get(reason, 0):,}"
        )
    table.add_section()
    for title, name in (
        (N_("Receivers spared a message"), "spared"),
        (N_("Worth of what did not go out"), "lost_minor"),
    ):
        amounts = [getattr(one, name) / (100 if name == "lost_minor" else 1) for one in (tried, present)]
        table.add_row(_(title), *(f"{amount:,.2f}" if name == "lost_minor" else f"{amount:,.0f}" for amount in amounts))
    table.add_row(_("Messages of unknown worth among them"), *(f"{one.lost_unvalued:,}" for one in (tried, present)))
    console.print(table)


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
