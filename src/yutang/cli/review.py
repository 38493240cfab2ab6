"""`yutang review`: why sales moved, what traffic cost, who comes back, what is bought next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor
from yutang.kit.text import N_, Sentence

if TYPE_CHECKING:
    from yutang.insight.queries import (
        CohortGroup,
        Comparison,
        CustomersBehind,
        Funnel,
        FunnelStage,
        Period,
        SalesChange,
        TrafficCost,
    )

app = typer.Typer(no_args_is_help=True, help=_("Look back: why sales moved, what traffic cost, who comes back."))

_SHOWN_GROUPS = 20

From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help=_("First day; 30 days before --to if left out."))
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to",
        formats=["%Y-%m-%d"],
        help=_("Day after the last; the day after the last known day that is over if left out."),
    ),
]
Against = Annotated[
    str, typer.Option("--against", help=_("What to compare with: previous, year (52 weeks earlier), or FROM/TO."))
]
By = Annotated[str, typer.Option("--by", help=_("all, store, region, channel, staff, product or category."))]
Formula = Annotated[str, typer.Option("--formula", help=_("traffic, buyers or new_returning."))]
Store = Annotated[list[str] | None, typer.Option("--store", help=_("Only this store, by code; may be repeated."))]
Currency = Annotated[str | None, typer.Option("--currency", help=_("The one with the most orders if left out."))]


class PeriodIsUnreadable(DomainError):
    """What stands behind `--against` is no period."""

    code = "period_is_unreadable"
    http_status = 422
    message = N_(
        "“%(written)s” is no period to compare with. Write previous, year, or two days as 2026-01-01/2026-02-01."
    )


class NoSuchStoreCode(DomainError):
    """No store has the code."""

    code = "no_such_store"
    http_status = 404
    message = N_("There is no store with the code %(asked)s; there are: %(known)s.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="review")


@app.command(help=_("Say why sales moved between two periods, to the last cent."))
@command
def sales(
    from_: From = None,
    to: To = None,
    against: Against = "previous",
    by: By = "store",
    formula: Formula = "traffic",
    method: Annotated[str, typer.Option("--method", help=_("shapley or lmdi."))] = "shapley",
    store: Store = None,
    currency: Currency = None,
    as_json: Json = False,
) -> Answer:
    """Explain a change of sales."""
    from yutang.insight.queries import sales_change

    asked = _comparison(from_, to, against, by=by, formula=formula, stores=store, currency=currency)
    found = sales_change(**_asking(), asked=asked, method=method)  # type: ignore[arg-type]
    return Answer(_change_data(found), lambda console: _show_change(console, found))


@app.command(help=_("Name the customers behind one part of a change of sales."))
@command
def behind(
    part: Annotated[str, typer.Argument(help=_("Code of the part, for example buyers; `review sales` names them."))],
    group: Annotated[
        str | None, typer.Option("--group", help=_("Key of the group, as `review sales --json` has it."))
    ] = None,
    from_: From = None,
    to: To = None,
    against: Against = "previous",
    by: By = "all",
    formula: Formula = "traffic",
    store: Store = None,
    currency: Currency = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("How many customers."))] = 50,
    after: Annotated[str | None, typer.Option("--after", help=_("`next` of the page before."))] = None,
    as_json: Json = False,
) -> Answer:
    """List the customers behind a part."""
    from yutang.insight.queries import customers_behind

    asked = _comparison(from_, to, against, by=by, formula=formula, stores=store, currency=currency)
    found = customers_behind(**_asking(), asked=asked, part=part, group_key=group, after=after, limit=limit)
    data = {
        "count": found.count,
        "difference_minor": found.difference_minor,
        "currency": found.currency,
        "next": found.next_key,
        "customers": [{**asdict(one), "difference_minor": one.difference_minor} for one in found.customers],
    }
    return Answer(data, lambda console: _show_behind(console, found))


@app.command(help=_("Say what bought traffic cost by channel: an order, a newcomer, a kept customer."))
@command
def traffic(from_: From = None, to: To = None, store: Store = None, as_json: Json = False) -> Answer:
    """Compare owned with bought traffic."""
    from yutang.insight.queries import traffic_cost

    period, _before = _periods(from_, to, "previous")
    found = traffic_cost(**_asking(), period=period, store_ids=stores_of(store))
    return Answer(_traffic_data(found), lambda console: _show_traffic(console, found))


@app.command(help=_("Show who comes back, and how long it takes to the second order."))
@command
def cohorts(
    by: Annotated[str, typer.Option("--by", help=_("Of the first order: month, store, channel or product."))] = "month",
    months: Annotated[int, typer.Option("--months", min=1, max=36, help=_("How many months back."))] = 12,
    store: Store = None,
    as_json: Json = False,
) -> Answer:
    """Show cohorts."""
    from yutang.insight.queries import coming_back

    found = coming_back(**_asking(), by=by, months=months, store_ids=stores_of(store))  # type: ignore[arg-type]
    data = {
        "by": found.by,
        "since": found.since,
        "known_until": found.known_until,
        "customers": found.customers,
        "came_back": found.came_back,
        "median_days": found.median_days,
        "within_days": {str(days): found.share_within(days) for days in (30, 60, 90, 180, 365)},
        "waiting": [asdict(step) for step in found.steps],
        "groups": [{**asdict(group), "name": _name(group.name)} for group in found.groups],
    }
    return Answer(data, lambda console: _show_cohorts(console, found.groups))


@app.command(help=_("Show how far people come on a way of steps, all within a window after the first."))
@command
def funnel(
    step: Annotated[
        list[str],
        typer.Option(
            "--step",
            help=_(
                "A step: a kind of event, or order:paid; @ and a key of a store, ~ and a channel limit it. Repeat it, in order."
            ),
        ),
    ],
    within: Annotated[str, typer.Option("--within", help=_("From the first step to the last: 30m, 12h, 7d."))] = "7d",
    from_: From = None,
    to: To = None,
    by: Annotated[str, typer.Option("--by", help=_("all, store or channel, of where people began."))] = "all",
    store: Store = None,
    as_json: Json = False,
) -> Answer:
    """Show a funnel."""
    from yutang.insight.queries import FunnelAsked, FunnelStep, Period, window_read
    from yutang.insight.queries import funnel as asked_funnel

    today = _asking()["today"]
    end = to.date() if to else today + timedelta(days=1)
    wanted = stores_of(store)
    found = asked_funnel(
        access=_asking()["access"],
        asked=FunnelAsked(
            steps=tuple(FunnelStep.read(one) for one in step),
            within=window_read(within),
            period=Period(from_.date() if from_ else end - timedelta(days=30), end),
            by=by,  # type: ignore[arg-type]
            store_ids=None if wanted is None else tuple(wanted),
        ),
    )
    data = {
        "from": found.asked.period.start,
        "to": found.asked.period.end,
        "within_seconds": round(found.asked.within.total_seconds()),
        "stages": [_stage_data(stage) for stage in found.stages],
        "groups": [
            {"key": one.key, "name": _name(one.name), "stages": [_stage_data(stage) for stage in one.stages]}
            for one in found.groups
        ],
    }
    return Answer(data, lambda console: _show_funnel(console, found))


@app.command(name="next", help=_("Show what is bought next after each product, where that is more than chance."))
@command
def next_(as_json: Json = False) -> Answer:
    """Show what is bought next."""
    from yutang.insight.queries import next_products

    found = next_products(**_asking())

    def show(console: Console) -> None:
        table = Table(_("After"), _("Next"), _("People"), _("Of"), _("Share"), _("Times as often"), _("At least"))
        for each in found:
            share = f"{each.ratio:.0%}"
            table.add_row(
                each.first, each.following, str(each.both), str(each.first_people), share, f"{each.lift:.1f}",
                f"{each.low:.1f}",
            )  # fmt: skip
        console.print(table if found else _(_NOTHING_NEXT))

    return Answer({"pairs": [asdict(each) for each in found]}, show)


_NOTHING_NEXT = N_(
    "Nothing can be said of what is bought next: orders name no products, or too few people bought the same two one after "
    "the other."
)


def _asking() -> dict[str, Any]:
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import business_today

    return {"access": Actor.system(), "today": business_today(now())}


def _periods(from_: datetime | None, to: datetime | None, against: str) -> tuple[Period, Period]:
    """Return the period asked about and the one to compare with."""
    from yutang.insight.queries import Period, dashboard, period_a_year_before, period_before

    end = to.date() if to else dashboard(**_asking(), days=1).period.end
    period = Period(from_.date() if from_ else end - timedelta(days=30), end)
    known: dict[str, Callable[[Period], Period]] = {"previous": period_before, "year": period_a_year_before}
    if against in known:
        return period, known[against](period)
    first, _sign, last = against.partition("/")
    try:
        return period, Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise PeriodIsUnreadable(written=against) from error


def _comparison(
    from_: datetime | None,
    to: datetime | None,
    against: str,
    *,
    by: str,
    formula: str,
    stores: list[str] | None,
    currency: str | None,
) -> Comparison:
    from yutang.insight.queries import Comparison

    period, before = _periods(from_, to, against)
    return Comparison(period, before, by, formula, stores_of(stores), currency)  # type: ignore[arg-type]


def stores_of(codes: list[str] | None) -> list[int] | None:
    """Return the keys of stores by code; None where none is named."""
    from yutang.foundation.access import Actor
    from yutang.foundation.queries import stores

    if not codes:
        return None
    known = {store.code: store.id for store in stores(access=Actor.system())}
    for code in codes:
        if code not in known:
            raise NoSuchStoreCode(asked=code, known=", ".join(sorted(known)) or Sentence(N_("none")))
    return [known[code] for code in codes]


def _name(name: Sentence | str) -> str:
    return say(name) if isinstance(name, Sentence) else name


def _money(minor: int | None, currency: str) -> str:
    return "-" if minor is None else f"{from_minor(minor, currency=currency):,}"


def _change_data(found: SalesChange) -> dict[str, Any]:
    return {
        "period": {"from": found.now.start, "to": found.now.end},
        "against": {"from": found.before.start, "to": found.before.end},
        "currency": found.currency,
        "by": found.by,
        "formula": found.formula,
        "method": found.method,
        "sales_minor": found.now_minor,
        "sales_before_minor": found.before_minor,
        "difference_minor": found.difference_minor,
        "causes": say(found.causes),
        "parts": dict(found.parts),
        "counts": {name: {"before": pair[0], "now": pair[1]} for name, pair in found.rungs.items()},
        "uses_footfall": found.has_traffic,
        "known_until": found.known_until,
        "groups": [
            {
                "key": group.key,
                "name": _name(group.name),
                "status": group.split.status,
                "sales_minor": group.split.now_minor,
                "sales_before_minor": group.split.before_minor,
                "difference_minor": group.difference_minor,
                "parts": dict(group.split.parts),
                "counts": {name: {"before": had, "now": has} for name, (had, has) in group.split.rungs.items()},
            }
            for group in found.groups
        ],
    }


def _show_change(console: Console, found: SalesChange) -> None:
    from yutang.insight.queries import PARTS

    console.print(say(found.causes), style="bold", markup=False)
    parts = Table(_("Cause"), _("Amount"))
    for code, amount in found.parts.items():
        parts.add_row(_(PARTS[code][0]), _money(amount, found.currency))
    parts.add_row(_("All together"), _money(found.difference_minor, found.currency), style="bold")
    console.print(parts)
    table = Table(_("Where"), _("Before"), _("Now"), _("Difference"), _("Largest cause"))
    for group in found.groups[:_SHOWN_GROUPS]:
        figures = (group.split.before_minor, group.split.now_minor, group.difference_minor)
        largest = max(group.split.parts.items(), key=lambda part: abs(part[1]), default=("", 0))
        cause = f"{_(PARTS[largest[0]][0])} {_money(largest[1], found.currency)}" if largest[0] else "-"
        table.add_row(_name(group.name), *(_money(each, found.currency) for each in figures), cause)
    console.print(table)
    if len(found.groups) > _SHOWN_GROUPS:
        left = len(found.groups) - _SHOWN_GROUPS
        console.print(
            _("%(n)s more groups are counted in, but not shown; --json has them.") % {"n": left}, markup=False
        )


def _show_behind(console: Console, found: CustomersBehind) -> None:
    if not found.customers:
        console.print(_("No known customer stands behind this part."))
        return
    table = Table(_("Customer"), _("Orders before"), _("Orders now"), _("Before"), _("Now"), _("Difference"))
    for one in found.customers:
        amounts = (one.before_minor, one.now_minor, one.difference_minor)
        written = (_money(each, found.currency) for each in amounts)
        table.add_row(str(one.customer_id), str(one.orders_before), str(one.orders_now), *written)
    console.print(table)


def _traffic_data(found: TrafficCost) -> dict[str, Any]:
    figures = (
        "orders",
        "sales_minor",
        "cost_per_order_minor",
        "cost_per_newcomer_minor",
        "cost_per_kept_minor",
        "owned_ratio",
    )
    told = [
        {**asdict(each), "name": _name(each.name), **{name: getattr(each, name) for name in figures}}
        for each in (*found.channels, found.total)
    ]
    return {
        "period": {"from": found.period.start, "to": found.period.end},
        "currency": found.currency,
        "channels": told[:-1],
        "total": told[-1],
        "unplaced": [{"channel": channel, "cost_minor": minor} for channel, minor in found.unplaced],
        "ripe_before": found.ripe_before,
    }


def _show_traffic(console: Console, found: TrafficCost) -> None:
    table = Table(
        _("Channel"), _("Orders"), _("of earlier buyers"), _("Newcomers"), _("Cost"), _("Cost an order"),
        _("Cost a newcomer"), _("Cost a kept customer"),
    )  # fmt: skip
    for each in (*found.channels, found.total):
        costs = (each.cost_minor, each.cost_per_order_minor, each.cost_per_newcomer_minor, each.cost_per_kept_minor)
        # Platforms that hide their buyers tell neither newcomers nor earlier buyers.
        hides = each.orders > 0 and each.orders == each.anonymous_orders
        known = ("-", "-") if hides else (f"{each.returning_orders:,}", f"{each.newcomers:,}")
        name = _name(each.name) or _("All together")
        table.add_row(name, f"{each.orders:,}", *known, *(_money(minor, found.currency) for minor in costs))
    console.print(table)
    for channel, minor in found.unplaced:
        said = _("Nobody said where the buyers of %(channel)s order; its cost of %(cost)s stands in the total only.")
        console.print(said % {"channel": channel, "cost": _money(minor, found.currency)}, markup=False)


def _stage_data(stage: FunnelStage) -> dict[str, Any]:
    return {**asdict(stage), "step": stage.step.text}


def _show_funnel(console: Console, found: Funnel) -> None:
    table = Table(
        _("Where"), _("Step"), _("People"), _("Of the first step"), _("Of the step before"), _("Half within (seconds)")
    )
    groups = [(_("All together"), found.stages), *((_name(one.name), one.stages) for one in found.groups)]
    for name, stages in groups:
        for stage in stages:
            shares = ("-" if one is None else f"{one:.1%}" for one in (stage.first_ratio, stage.before_ratio))
            wait = "-" if stage.median_seconds is None else f"{stage.median_seconds:,.0f}"
            table.add_row(name, stage.step.text, f"{stage.people:,}", *shares, wait)
    console.print(table)


def _show_cohorts(console: Console, groups: tuple[CohortGroup, ...]) -> None:
    table = Table(_("First order"), _("Customers"), _("Came back"), _("Half by day"), _("Within 90 days"))
    for group in groups:
        within = "-" if group.within_90 is None else f"{group.within_90:.0%}"
        half = str(group.median_days) if group.median_days is not None else "-"
        table.add_row(_name(group.name), f"{group.customers:,}", f"{group.came_back:,}", half, within)
    console.print(table if groups else _("No customer came in these months. Look farther back with --months."))
