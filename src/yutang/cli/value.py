"""`yutang value`: fit the models of customer value, value the customers, look how well it is foreseen, write it out."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor
from yutang.kit.text import N_, Sentence, filled

if TYPE_CHECKING:
    from yutang.insight.methods.forecasts import ByFrequency
    from yutang.insight.methods.reliability import Reliability
    from yutang.insight.value_actions import FitReport
    from yutang.insight.value_checks import Week
    from yutang.insight.value_trust import Trust

app = typer.Typer(no_args_is_help=True, help=_("Customer value: fit models, value customers, check, export."))

#: Written `2026-03-31`; the command takes it as the last day that counts, as people say it.
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help=_("Last day that counts; without it, the last day with a sale.")
    ),
]
CalibrationEnd = Annotated[
    datetime | None,
    typer.Option(
        "--calibration-end",
        formats=["%Y-%m-%d"],
        help=_("Last day that the models see; the days after it, up to --as-of, are foreseen."),
    ),
]

#: Steps of the bars that are drawn in text.
_BAR = 40

#: Endings of files that pictures are written to.
_PICTURES = (".svg", ".html")


class PictureIsNeither(DomainError):
    """A picture is written as SVG or as a page."""

    code = "picture_is_neither"
    http_status = 422
    message = N_("A picture is written as .svg or .html, not as %(file)s: give the file one of these endings.")


class GroupingIsUnknown(DomainError):
    """Customers are not grouped by this."""

    code = "grouping_is_unknown"
    http_status = 422
    message = N_("Customers cannot be grouped by %(asked)s. Name auto, region, store, platform, or none.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="value")


@app.command(help=_("Fit the models of customer value: BG/NBD, Pareto/NBD, Gamma-Gamma."))
@command
def fit(as_of: AsOf = None, calibration_end: CalibrationEnd = None, as_json: Json = False) -> Answer:
    """Fit the models."""
    from yutang.foundation.access import Actor
    from yutang.insight.value_actions import fit_values
    from yutang.insight.valuing import MODELS

    with progress_bar(_("Fitting the models")):
        report = fit_values(
            actor=Actor.system(),
            as_of=_day_after(as_of),
            calibration_end=_day_after(calibration_end),
            models=MODELS,
            now=now(),
        )
    return Answer(_as_data(report), lambda console: _show_fit(console, report))


@app.command(help=_("Give every customer a value by the fitted models, and keep it."))
@command
def score(as_of: AsOf = None, as_json: Json = False) -> Answer:
    """Value the customers."""
    from yutang.foundation.access import Actor
    from yutang.insight.value_actions import score_values

    with progress_bar(_("Valuing the customers")):
        report = score_values(actor=Actor.system(), as_of=_day_after(as_of), now=now())
    said = filled(
        _("%(customers)s customers are expected to bring %(value)s %(currency)s in 365 days from %(date)s on."),
        {
            "customers": f"{report.customers:,}",
            "value": f"{from_minor(report.value_minor, currency=report.currency):,}",
            "currency": report.currency,
            "date": report.as_of.isoformat(),
        },
    )
    shown = {**asdict(report), "as_of": _last_day(report.as_of), "since": _last_day(report.since)}
    return Answer(shown, said)


@app.command(help=_("Hold what the models foresee against what happened: week by week, by past frequency, by chance."))
@command
def validate(
    as_of: AsOf = None,
    calibration_end: CalibrationEnd = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=_("Draw it too, into this file: .svg, or .html with the words beside it.")),
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Check the models on what they did not see."""
    from yutang.foundation.access import Actor
    from yutang.insight.value_actions import validate_values
    from yutang.insight.value_trust import trust_in

    if out is not None and out.suffix.lower() not in _PICTURES:
        raise PictureIsNeither(file=out.name)
    with progress_bar(_("Checking the models")):
        found = validate_values(
            actor=Actor.system(),
            as_of=_day_after(as_of),
            calibration_end=_day_after(calibration_end),
            now=now(),
        )
    checks = found.checks.as_json()
    trust = trust_in(holdout=found.report.holdout, checks=checks)
    if out is not None:
        _draw(out, checks, trust)
    shown = {
        **_as_data(found.report),
        **checks,
        "trust": {"grade": trust.grade, "said": [say(each) for each in _said(trust)]},
        "file": str(out) if out else None,
    }

    def show(console: Console) -> None:
        _show_fit(console, found.report)
        _show_frequencies(console, list(found.checks.by_frequency))
        if found.checks.soon:
            _show_chances(console, found.checks.soon, found.checks.soon_days)
        _show_weeks(console, list(found.checks.weeks))
        for sentence in _said(trust):
            console.print(say(sentence), markup=False)
        if out:
            console.print(_("Drawn into %(file)s.") % {"file": out}, markup=False)

    return Answer(shown, show)


@app.command(help=_("Show by what customers are grouped for models of their own, or change it."))
@command
def groups(
    by: Annotated[
        str | None, typer.Option("--by", help=_("auto, region, store, platform, or none; counts from the next fit on."))
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Show or change the groups."""
    from yutang.foundation.access import Actor
    from yutang.foundation.actions import change_setting
    from yutang.foundation.queries import organisation_setting
    from yutang.insight.organisation import VALUE_GROUPS_SETTING
    from yutang.insight.queries import current_fit

    if by is not None:
        if not VALUE_GROUPS_SETTING.accepts(by):
            raise GroupingIsUnknown(asked=by)
        change_setting(actor=Actor.system(), key=VALUE_GROUPS_SETTING.key, value=by, now=now())
    wanted, kept = organisation_setting(VALUE_GROUPS_SETTING.key), current_fit()
    choice = kept.choice if kept and kept.choice else None

    def show(console: Console) -> None:
        console.print(
            _("Grouped by: %(by)s (auto: region in a chain of several regions, else platform).") % {"by": wanted},
            markup=False,
        )
        if choice:
            _show_groups(console, choice)

    return Answer({"by": wanted, "groups": choice}, show)


@app.command(help=_("Write the values of all customers as CSV, by the keys of customers, without names."))
@command
def export(
    file: Annotated[Path, typer.Argument(help=_("File to write."))],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=_("Only the most valuable."))] = None,
    as_json: Json = False,
) -> Answer:
    """Export the values."""
    from yutang.cli.imports import FileCouldNotBeWritten
    from yutang.foundation.access import Actor
    from yutang.insight.value_actions import export_values

    try:
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            rows = _write_values(out, export_values(actor=Actor.system(), limit=limit, now=now()))
    except OSError as error:
        raise FileCouldNotBeWritten(file=str(file), detail=str(error.strerror)) from error
    said = filled(_("%(rows)s customers were written to %(file)s."), {"rows": f"{rows:,}", "file": file})
    return Answer({"file": str(file), "rows": rows}, said)


def _write_values(out: Any, cards: Any) -> int:
    writer = csv.writer(out)
    names = (
        "customer_id", "store_id", "p_alive", "orders_30", "orders_90", "orders_365", "order", "value", "low", "high",
        "currency", "next_order_date", "next_from_date", "next_to_date",
    )  # fmt: skip
    writer.writerow(names)
    rows = 0
    for card in cards:
        money = [
            from_minor(each, currency=card.currency)
            for each in (card.order_minor, card.value_minor, card.low_minor, card.high_minor)
        ]
        chances = (card.p_alive, card.orders_30, card.orders_90, card.orders_365)
        days = (card.next_order_date, card.next_from_date, card.next_to_date)
        writer.writerow([card.customer_id, card.store_id, *chances, *money, card.currency, *days])
        rows += 1
    return rows


def _as_data(report: FitReport) -> dict[str, Any]:
    """Return a fit for programs: the models at the top, days as the last that count."""
    return {
        "as_of": _last_day(report.held_out_before or report.known_before),
        "calibration_end": _last_day(report.known_before) if report.held_out_before else None,
        "currency": report.currency,
        "time_unit": "week",
        "customers": report.customers,
        "repeaters": report.repeaters,
        **report.fits,
        "holdout": report.holdout or None,
        "groups": report.choice,
        "seconds": report.seconds,
        "fit_id": report.fit_id,
    }


def _show_fit(console: Console, report: FitReport) -> None:
    said = filled(
        _("%(customers)s customers, of whom %(repeaters)s came back; orders up to %(date)s; times in weeks."),
        {
            "customers": f"{report.customers:,}",
            "repeaters": f"{report.repeaters:,}",
            "date": _last_day(report.known_before).isoformat(),
        },
    )
    console.print(said, markup=False)
    table = Table(_("Model"), _("Parameters (± standard error)"), _("Log-likelihood"), _("Converged"))
    for name, kept in report.fits.items():
        table.add_row(
            name, _parameters(kept), f"{kept['log_likelihood']:,.3f}", _("yes") if kept["converged"] else _("no")
        )
    console.print(table)
    for name in (name for name, kept in report.fits.items() if not kept["converged"]):
        console.print(_(_NOT_CONVERGED) % {"model": name}, markup=False)
    _show_groups(console, report.choice)
    if report.holdout:
        _show_holdout(console, report.holdout)


_NOT_CONVERGED = N_(
    "%(model)s has no clear best values on these orders, usually because hardly anybody is seen to stop. It is fitted for "
    "comparison only: values stand on bg_nbd and gamma_gamma."
)
#: Why no groups were compared.
_NO_GROUPS = {
    "not_wanted": N_("Nobody wants models of groups (setting insight.value_groups): everybody has the models for all."),
    "one_group": N_("All customers bought first in one and the same group: everybody has the models for all."),
    "too_short": N_("Orders are known for too few days to compare models of groups: everybody has the models for all."),
    "cannot_check": N_("Half of the days carry no models to compare groups by: everybody has the models for all."),
}
#: What became of a group's own model.
_OUTCOMES = {
    "used": N_("own model is used"),
    "behind": N_("the one for all foresees as well"),
    "chance": N_("ahead, but that may be chance"),
    "few": N_("too few customers"),
    "no_fit": N_("no clear best values"),
}


def _show_groups(console: Console, choice: Mapping[str, Any]) -> None:
    reason = choice["reason"]
    if reason:
        console.print(_(_NO_GROUPS[reason]), markup=False)
        return
    said = _(
        "Own models against those for all, on %(days)s days held out from %(date)s on; error: root of the mean square."
    )
    console.print(said % {"days": choice["held_days"], "date": choice["held_from"]}, markup=False)
    headings = (_("Group of customers"), _("Customers"), _("Model"), _("Error own / all"), _("By chance"), "")
    table = Table(*headings)
    for group in choice["groups"]:
        for kind, title in (("orders", "BG/NBD"), ("spend", "Gamma-Gamma")):
            verdict, outcome = group[kind], group[kind]["outcome"]
            name, people = (_group_name(group["key"]), f"{group['customers']:,}") if kind == "orders" else ("", "")
            table.add_row(name, people, title, *_duel_cells(verdict["duel"]), _(_OUTCOMES[outcome]))
    console.print(table)


def _duel_cells(duel: Mapping[str, Any] | None) -> tuple[str, str]:
    if duel is None:
        return "", ""
    return f"{duel['own_error']:,.2f} / {duel['other_error']:,.2f}", f"{duel['chance']:.3f}"


def _group_name(key: str) -> str:
    from yutang.foundation.access import Actor
    from yutang.insight.queries.groups import model_group_name

    name = model_group_name(key, access=Actor.system())
    return say(name) if isinstance(name, Sentence) else name


def _parameters(kept: Mapping[str, Any]) -> str:
    return "  ".join(
        f"{name} {kept[name]:.3f}" + (f" ± {error:.3f}" if error is not None else "")
        for name, error in kept["standard_errors"].items()
    )


def _show_holdout(console: Console, holdout: Mapping[str, Any]) -> None:
    said = filled(
        _("Held out: %(days)s days with %(actual)s orders of these customers."),
        {
            "days": holdout["days"],
            "actual": f"{holdout['actual']:,}",
        },
    )
    console.print(said, markup=False)
    titles = {
        "model": _("BG/NBD"),
        "shared": _("BG/NBD, one for all"),
        "as_before": _("everybody as before"),
        "all_alike": _("everybody alike"),
        "nothing": _("nobody orders"),
    }
    table = Table(_("Forecast"), _("Orders"), _("Bias"), _("Mean error"), _("Correlation"))
    alone = {"shared": holdout["shared"]} if "shared" in holdout else {}
    for name, each in {"model": holdout, **alone, **holdout["naive"]}.items():
        bias = "" if each["bias"] is None else f"{each['bias']:+.1%}"
        correlation = "" if each["correlation"] is None else f"{each['correlation']:.3f}"
        table.add_row(titles[name], f"{each['expected']:,.0f}", bias, f"{each['mae']:.3f}", correlation)
    console.print(table)


def _show_frequencies(console: Console, groups: list[ByFrequency]) -> None:
    table = Table(_("Came back before"), _("Customers"), _("Orders a customer"), _("Foreseen"))
    for place, group in enumerate(groups):
        more = "+" if place == len(groups) - 1 and group.x >= 7 else ""
        table.add_row(f"{group.x}{more}", f"{group.customers:,}", f"{group.actual:.2f}", f"{group.expected:.2f}")
    console.print(table)


def _show_chances(console: Console, found: Reliability, days: int) -> None:
    said = filled(_("Chance of an order within %(days)s days, and of how many it came true:"), {"days": days})
    console.print(said, markup=False)
    table = Table(_("Chance"), _("Customers"), _("Ordered"), _("95% interval"))
    for each in found.bins:
        interval = f"{each.low:.1%} – {each.high:.1%}"
        table.add_row(f"{each.expected:.1%}", f"{each.customers:,}", f"{each.actual:.1%}", interval)
    console.print(table)
    said = _("Brier score %(brier)s; %(constant)s with one chance for all.")
    console.print(said % {"brier": f"{found.brier:.4f}", "constant": f"{found.brier_constant:.4f}"}, markup=False)


def _said(trust: Trust) -> list[Sentence]:
    return [trust.verdict, trust.total, *([trust.chances] if trust.chances else [])]


def _draw(file: Path, checks: Mapping[str, Any], trust: Trust) -> None:
    from yutang.cli.imports import FileCouldNotBeWritten
    from yutang.cli.value_drawing import page_of, picture_of

    said = [say(each) for each in _said(trust)]
    try:
        text = picture_of(checks) if file.suffix.lower() == ".svg" else page_of(checks, said=said)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileCouldNotBeWritten(file=str(file), detail=str(error.strerror)) from error


def _show_weeks(console: Console, weeks: list[Week]) -> None:
    """Draw repeat purchases week by week: a bar for what happened, a mark where the model foresaw it."""
    most = max((max(week.actual, week.expected) for week in weeks), default=0) or 1
    console.print(_("Week by week: █ happened, ┃ foreseen; ▸ held out"), markup=False)
    for week in weeks:
        bar = list("█" * round(week.actual / most * _BAR))
        bar += " " * (_BAR + 1 - len(bar))
        bar[round(week.expected / most * _BAR)] = "┃"
        mark = "▸" if week.is_held_out else " "
        console.print(f"{week.ends_on} {mark} {''.join(bar)} {week.actual:>7,} {week.expected:>9,.1f}", markup=False)


def _day_after(last: datetime | None) -> date | None:
    """Return the exclusive day that belongs to the last day that counts."""
    return last.date() + timedelta(days=1) if last else None


def _last_day(exclusive: date) -> date:
    return exclusive - timedelta(days=1)
