"""Own models of groups of customers: fitted to their earlier orders, kept where they foresaw the later ones better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import numpy as np

from yutang.foundation.queries import organisation_setting, regions
from yutang.insight.methods import bg_nbd, gamma_gamma
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.comparison import Duel, beside_luck, beyond_chance, duel
from yutang.insight.methods.gamma_gamma import GammaGamma
from yutang.insight.methods.likelihood import Fit
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray, IntArray
from yutang.insight.organisation import VALUE_GROUPS_SETTING
from yutang.insight.value_models import Places, foresight, places_of
from yutang.insight.valuing import (
    LEAST_REPEATERS,
    LEAST_SPAN_DAYS,
    VALUE_MODELS,
    Summary,
    carries_values,
    fit_models,
    fit_spend,
    kept_form,
    purchase_summary,
)
from yutang.kit.errors import DomainError
from yutang.lake.engines.base import Engine

#: What is foreseen at most to compare models: as long as values look ahead. Days.
MOST_HELD_OUT_DAYS = 365
#: So many random groups tell what luck is worth, of so many customers each at most.
DRAWS, MOST_DRAWN = 24, 10_000
#: A chance below this is taken as this: e**-700 is the smallest that can be written.
_IMPOSSIBLE = -700.0

#: A comparison, or why there was none.
Found: TypeAlias = Duel | str

#: What became of a group's own model: it is used; the one for all foresaw better; its lead may be chance; too few customers
#: to tell; no clear best values.
USED, BEHIND, CHANCE, FEW, NO_FIT = "used", "behind", "chance", "few", "no_fit"
#: Why no groups were looked at: nobody wants them; all are in one; orders are known for too few days, or carry no model,
#: with half of the days held out.
NOT_WANTED, ONE_GROUP, TOO_SHORT, CANNOT_CHECK = "not_wanted", "one_group", "too_short", "cannot_check"


@dataclass(frozen=True)
class Verdict:
    """What became of one of a group's own models, and its comparison with the one for all; None where there was none."""

    outcome: str
    duel: Duel | None = None


@dataclass(frozen=True)
class GroupChoice:
    """A group and its models.

    Attributes:
        key: as in `Places`.
        customers: with a sale. Count; `repeaters`, of whom came back.
        orders: its own BG/NBD; `spend`, its own Gamma-Gamma.
        fits: those that are used, as `kept_form` writes them, fitted to all days; empty where none is.
    """

    key: str
    customers: int
    repeaters: int
    orders: Verdict
    spend: Verdict
    fits: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Which groups have models of their own, and why.

    Attributes:
        by: what customers are grouped by, one of `PLACES`; empty where nobody wants groups.
        reason: why no groups were compared; empty where they were.
        held_from: first day that was held out to compare; None where nothing was.
        held_days: how many days were. Count.
        groups: by customers, the largest first.
    """

    by: str
    reason: str = ""
    held_from: date | None = None
    held_days: int = 0
    groups: tuple[GroupChoice, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the choice as it is kept and shown."""
        held_from = self.held_from.isoformat() if self.held_from else None
        return {**asdict(self), "held_from": held_from, "groups": [asdict(group) for group in self.groups]}


def grouping_wanted() -> str:
    """Return by what customers are to be grouped; empty for nothing.

    Where nobody decided, a chain of several regions is grouped by them, everybody else by the platform of the first sale.
    """
    wanted = str(organisation_setting(VALUE_GROUPS_SETTING.key))
    if wanted == "auto":
        return "region" if len(regions()) > 1 else "platform"
    return "" if wanted == "none" else wanted


def choose_models(
    engine: Engine, summary: Summary, *, by: str, begun: date, known_before: date, currency: str
) -> tuple[Choice, Places | None]:
    """Return which groups get models of their own, with their places.

    The later half of the known days, a year at most, is held out. Models fitted to a group's earlier orders and models fitted
    to everybody's foresee the group's later ones; own ones are used that did better in both measures of `Duel`, by more than own
    models of random groups do, over all groups together. Those are then fitted to all days. Nothing from `known_before` on is
    looked at.

    Args:
        engine: over the lake.
        summary: of all customers up to `known_before`; what it holds out is not looked at.
        by: one of `PLACES`; empty for no groups.
        begun: day of the first sale.
        known_before: exclusive end of what is known.
        currency: in which spend is counted.
    """
    if not by:
        return Choice("", NOT_WANTED), None
    days = min((known_before - begun).days // 2, MOST_HELD_OUT_DAYS)
    ends = known_before - timedelta(days=days)
    if (ends - begun).days <= LEAST_SPAN_DAYS:
        return Choice(by, TOO_SHORT), None
    places = places_of(engine, by=by, as_of=known_before)
    if len(places.keys) < 2:
        return Choice(by, ONE_GROUP), None
    early = purchase_summary(engine, calibration_end=ends, as_of=known_before, currency=currency)
    try:
        shared = fit_models(early, currency=currency)
    except DomainError:
        return Choice(by, CANNOT_CHECK), None
    compared = compare_groups(early, places=places, shared=shared, days=days)
    return Choice(by, "", ends, days, settle(summary, places=places, compared=compared)), places


def compare_groups(
    early: Summary, *, places: Places, shared: Mapping[str, Fit], days: int
) -> dict[str, dict[str, Found]]:
    """Return the comparisons of each group's own models, by key of the group and name of the model.

    Args:
        early: with what was held out.
        places: of the customers.
        shared: models fitted to everybody's earlier orders.
        days: how many were held out. Count.
    """
    orders, spend = BgNbd(**shared["bg_nbd"].parameters), GammaGamma(**shared["gamma_gamma"].parameters)

    def one(rows: IntArray) -> dict[str, Found]:
        part = early.of(rows)
        return {"bg_nbd": _duel_of_orders(part, orders, days), "gamma_gamma": _duel_of_spend(part, spend)}

    groups = _rows_by_place(early, places)
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(places.keys, pool.map(one, groups), strict=True))
        if not any(each.may_be_used for group in found.values() for each in _duels(group)):
            return found
        sizes = [len(rows) for rows, each in zip(groups, found.values(), strict=True) if _duels(each)]
        drawn = min([*sizes, MOST_DRAWN])
        chance = np.random.default_rng(early.customers)
        random = [np.sort(chance.choice(early.customers, drawn, replace=False)) for _ in range(DRAWS)]
        draws = list(pool.map(one, random))
    size = dict(zip(places.keys, (len(rows) for rows in groups), strict=True))
    return {
        key: {name: _beside(each, name, draws, size[key], drawn, early.customers) for name, each in group.items()}
        for key, group in found.items()
    }


def _duels(found: Mapping[str, Found]) -> list[Duel]:
    return [each for each in found.values() if isinstance(each, Duel)]


def _beside(
    found: Found, name: str, draws: Sequence[Mapping[str, Found]], size: int, least: int, everybody: int
) -> Found:
    """Return a comparison with what luck is worth for a group of its size."""
    if isinstance(found, str):
        return found
    random = [drawn for each in draws if isinstance(drawn := each[name], Duel)]
    # The variance of parameters falls with the customers; what a group shares with everybody does not vary.
    return beside_luck(found, draws=random, scale=(1 / size - 1 / everybody) / (1 / least - 1 / everybody))


def _duel_of_orders(part: Summary, shared: BgNbd, days: int) -> Found:
    if part.repeaters < LEAST_REPEATERS:
        return FEW
    fit = bg_nbd.fit_bg_nbd(part.histories())
    if not carries_values("bg_nbd", fit):
        return NO_FIT
    own = BgNbd(**fit.parameters)

    def score(model: BgNbd) -> FloatArray:
        chance = bg_nbd.log_chance_of_orders(
            model=model,
            x=part.x,
            t_x=part.t_x / WEEK_DAYS,
            T=part.T / WEEK_DAYS,
            t=days / WEEK_DAYS,
            orders=part.holdout,
        )
        return np.maximum(chance, _IMPOSSIBLE)

    return duel(
        happened=part.holdout.astype(np.float64),
        own=foresight(part, model=own, days=days).orders,
        other=foresight(part, model=shared, days=days).orders,
        own_score=score(own),
        other_score=score(shared),
    )


def _duel_of_spend(part: Summary, shared: GammaGamma) -> Found:
    later = part.of(np.flatnonzero((part.later_orders > 0) & (part.later_spend > 0)))
    if min(int(part.spends.sum()), later.customers) < LEAST_REPEATERS:
        return FEW
    fit = fit_spend(part)
    if not carries_values("gamma_gamma", fit):
        return NO_FIT
    own = GammaGamma(**fit.parameters)

    def score(model: GammaGamma) -> FloatArray:
        return gamma_gamma.log_density_of_spend(
            model=model,
            x=later.spend_orders,
            mean_spend=later.mean_spend,
            orders=later.later_orders,
            spend=later.later_spend,
        )

    def mean(model: GammaGamma) -> FloatArray:
        return gamma_gamma.expected_spend(model=model, x=later.spend_orders, mean_spend=later.mean_spend)

    return duel(
        happened=later.later_spend / later.later_orders,
        own=mean(own),
        other=mean(shared),
        own_score=score(own),
        other_score=score(shared),
    )


def settle(summary: Summary, *, places: Places, compared: Mapping[str, Mapping[str, Found]]) -> tuple[GroupChoice, ...]:
    """Return what follows from the comparisons, the largest group first, with the models that are used, fitted to all days."""
    told = {(key, name): found for key, group in compared.items() for name, found in group.items()}
    duels = {which: found for which, found in told.items() if isinstance(found, Duel)}
    stands = dict(zip(duels, beyond_chance([each.chance for each in duels.values()]), strict=True))

    def one(place: int, rows: IntArray) -> GroupChoice:
        key, part = places.keys[place], summary.of(rows)
        verdicts, fits = {}, {}
        for name in VALUE_MODELS:
            verdict = _verdict(told[key, name], stands.get((key, name), False))
            if verdict.outcome == USED:
                fit = bg_nbd.fit_bg_nbd(part.histories()) if name == "bg_nbd" else fit_spend(part)
                if carries_values(name, fit):
                    fits[name] = kept_form(fit)
                else:
                    verdict = Verdict(NO_FIT, verdict.duel)
            verdicts[name] = verdict
        return GroupChoice(key, part.customers, part.repeaters, verdicts["bg_nbd"], verdicts["gamma_gamma"], fits)

    with ThreadPoolExecutor(2) as pool:
        groups = pool.map(one, range(len(places.keys)), _rows_by_place(summary, places))
        return tuple(sorted(groups, key=lambda group: (-group.customers, group.key)))


def _verdict(found: Found, is_beyond_chance: bool) -> Verdict:
    if isinstance(found, str):
        return Verdict(found)
    if not found.is_better:
        return Verdict(BEHIND, found)
    return Verdict(USED if is_beyond_chance else CHANCE, found)


def _rows_by_place(summary: Summary, places: Places) -> list[IntArray]:
    """Return the positions of the customers of each place."""
    place = places.of(summary.customer_id)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], np.arange(len(places.keys) + 1))
    return [order[ends[k] : ends[k + 1]] for k in range(len(places.keys))]
