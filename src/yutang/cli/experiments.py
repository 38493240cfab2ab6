"""`yutang experiments`: what is held out of what, and what a measure brought compared with those held out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, filled

if TYPE_CHECKING:
    from yutang.experiments.queries import Comparison, Effect, ExperimentView, Result

app = typer.Typer(no_args_is_help=True, help=_("Holdouts: who is left out of what, and what the others brought more."))
_VERDICTS = {
    "more": N_("more"),
    "less": N_("less"),
    "open": N_("not sure yet"),
}
_FEW = N_("not enough yet")


class NothingToCompare(DomainError):
    """Neither an experiment nor a table was named."""

    code: ClassVar[str] = "nothing_to_compare"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Name an experiment, or a table with --file, --arm, --held-out and --outcome.")


class DayIsWrong(DomainError):
    """A day cannot be read."""

    code: ClassVar[str] = "day_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(value)s is no day. Write it like 2026-03-31.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="experiments")


@app.command("list", help=_("Show every experiment, its arms, and what it says of the share who bought."))
@command
def list_all(as_json: Json = False) -> Answer:
    """Show the experiments."""
    from yutang.experiments import queries
    from yutang.foundation.access import Actor

    found = queries.experiments(access=Actor.system())
    shown = [{**asdict(view), "result": result_data(result) if result else None} for view, result in found]
    return Answer({"experiments": shown}, lambda console: _show_list(console, found))


@app.command(help=_("Say what an experiment brought, or what a table from elsewhere says."))
@command
def effect(
    key: Annotated[str | None, typer.Argument(help=_("Key of the experiment, such as campaign:summer."))] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help=_("Last day that counts; as far as orders are known if left out."))
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", exists=True, dir_okay=False, help=_("A table (CSV, also compressed) in place of an experiment.")
        ),
    ] = None,
    arm: Annotated[str | None, typer.Option("--arm", help=_("Column with the arm of each row."))] = None,
    held_out: Annotated[str | None, typer.Option("--held-out", help=_("Value of the arm that was left out."))] = None,
    treated: Annotated[
        str | None, typer.Option("--treated", help=_("Value of the arm that is compared, where there are several."))
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help=_("Column with what happened; may be repeated."))
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help=_("Column with the person; rows of one person are added up."))
    ] = None,
    before: Annotated[
        list[str] | None,
        typer.Option(
            "--before", help=_("OUTCOME=COLUMN with the same before the draw, to be taken out; may be repeated.")
        ),
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Say what followed."""
    from yutang.experiments import queries
    from yutang.foundation.access import Actor

    if file is not None and arm is not None and outcome:
        pairs = dict(one.partition("=")[::2] for one in before or ())
        table = queries.read_table(path=file)
        first, second, found = queries.compared_table(
            table=table, arm=arm, outcomes=outcome, unit=unit, held_out=held_out, treated=treated, before=pairs
        )
        told = {
            "file": file.name,
            "treated": first,
            "held_out": second,
            "outcomes": [_comparison(one) for one in found],
        }
        return Answer(told, lambda console: _show_comparison(console, found))
    if key is None:
        raise NothingToCompare
    view = queries.experiment_view(access=Actor.system(), key=key)
    result = queries.result_now(access=Actor.system(), key=key, as_of=_day(as_of), now=now())
    return Answer(
        {"experiment": asdict(view), "result": result_data(result)}, lambda console: _show_result(console, view, result)
    )


def result_data(result: Result) -> dict[str, Any]:
    """Return a result as JSON."""
    return {
        "as_of": result.as_of,
        "currency": result.currency,
        "arms": [asdict(one) for one in result.arms],
        "measures": [
            {"measure": one.measure.code, "arm": one.arm, "effect": effect_data(one.effect)} for one in result.measures
        ],
        "worth": [{**asdict(one), "minor_a_week": one.a_week(one.minor)} for one in result.worth],
        "missing": asdict(result.missing),
        "shares_check": asdict(result.shares_check) if result.shares_check else None,
    }


def effect_data(found: Effect | None) -> dict[str, Any] | None:
    """Return an effect as JSON; None where there is not enough to say anything."""
    if found is None:
        return None
    shown = {key: value for key, value in asdict(found).items() if key != "difference"}
    difference = found.difference
    return {
        **shown,
        "raw": difference.raw,
        "treated_mean": difference.treated_mean,
        "held_out_mean": difference.held_out_mean,
        "narrowing": difference.narrowing,
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "outcome": one.outcome,
        "kind": one.kind,
        "units": {"treated": one.units[0], "held_out": one.units[1]},
        "means": {"treated": one.means[0], "held_out": one.means[1]},
        "effect": effect_data(one.effect),
    }


def _day(written: str | None) -> date | None:
    """Return the exclusive day after the one that was written."""
    from datetime import timedelta

    try:
        return None if written is None else datetime.strptime(written, "%Y-%m-%d").date() + timedelta(days=1)  # noqa: DTZ007
    except ValueError as error:
        raise DayIsWrong(value=written) from error


def _show_list(console: Console, found: tuple[tuple[ExperimentView, Result | None], ...]) -> None:
    if not found:
        console.print(_("Nothing is held out yet."))
        return
    table = Table(_("Experiment"), _("Title"), _("Arms"), _("Share who bought"), _("Verdict"))
    for view, result in found:
        arms = ", ".join(f"{code} {share:.0%}: {view.drawn[code]:,}" for code, share in view.shares.items())
        first = next(iter(result.of("bought")), None) if result else None
        said = first.effect if first else None
        told = _points(said.value, said.low_always, said.high_always) if said else ""
        table.add_row(view.key, view.title, arms, told, _(_VERDICTS[said.verdict]) if said else _(_FEW))
    console.print(table)


def _show_result(console: Console, view: ExperimentView, result: Result) -> None:
    console.print(f"{view.title} ({view.key})", style="bold")
    arms = Table(_("Arm"), _("Drawn"), _("Counted"))
    for one in result.arms:
        arms.add_row(one.code, f"{view.drawn[one.code]:,}", f"{one.units:,}")
    console.print(arms)
    table = Table(_("Measure"), _("Arm"), _("Difference"), _("Holds at any number of looks"), _("Verdict"))
    for row in result.measures:
        said = row.effect
        if said is None:
            table.add_row(_(row.measure.title), row.arm, "", "", _(_FEW))
            continue
        table.add_row(
            _(row.measure.title),
            row.arm,
            _written(row.measure.kind, said.value),
            f"{_written(row.measure.kind, said.low_always)} … {_written(row.measure.kind, said.high_always)}",
            _(_VERDICTS[said.verdict]),
        )
    console.print(table)
    if result.shares_check is not None and result.shares_check.is_alarm:
        console.print(
            _("The arms are not as large as they were drawn: something else than chance chose. Believe no effect.")
        )
    if result.missing.more:
        said_more = _("%(people)s more people are needed to see a difference of %(points)s points four times in five.")
        console.print(
            filled(said_more, {"people": f"{result.missing.more:,}", "points": f"{100 * view.wanted_ratio:g}"})
        )


def _show_comparison(console: Console, found: tuple[Comparison, ...]) -> None:
    table = Table(_("Outcome"), _("Treated"), _("Held out"), _("Difference"), _("One look"), _("Any number of looks"))
    for one in found:
        said = one.effect
        ends = (
            [f"{_written(one.kind, low)} … {_written(one.kind, high)}" for low, high in _ends(said)]
            if said
            else [_(_FEW), ""]
        )
        value = _written(one.kind, said.value) if said else ""
        table.add_row(one.outcome, *(_mean(one.kind, mean) for mean in one.means), value, *ends)
    console.print(table)


def _ends(said: Effect) -> tuple[tuple[float, float], tuple[float, float]]:
    return (said.low, said.high), (said.low_always, said.high_always)


def _mean(kind: str, mean: float) -> str:
    return f"{100 * mean:.2f} %" if kind == "share" else f"{mean:,.4f}"


def _written(kind: str, value: float) -> str:
    if kind == "share":
        return _("%(n)s points") % {"n": f"{100 * value:+.2f}"}
    return f"{value / 100:+,.2f}" if kind == "money" else f"{value:+.4f}"


def _points(value: float, low: float, high: float) -> str:
    return f"{100 * value:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
