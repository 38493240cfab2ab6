"""Chances and windows against the truth of simulated chains: seasons, weekdays and prepaid cards are in it, the model knows of none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest

from yutang.insight.methods import bg_nbd
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.folding import Folding
from yutang.insight.methods.purchases import distinct_histories
from yutang.insight.methods.side_by_side import Sales
from yutang.insight.methods.stages import STAGES, chances_of, stage_codes
from yutang.simulator.behaviour import BLOCK, Behaviour
from yutang.simulator.chain import made_up_chain
from yutang.simulator.chance import Dice
from yutang.simulator.people import People
from yutang.simulator.plan import Plan

_HELD_OUT_DAYS = 200


@dataclass(frozen=True)
class Known:
    """What a shop knows on a day, what a model makes of it, and the truth."""

    x: Any
    t_x: Any
    age: Any
    alive: Any
    wait: Any
    model: BgNbd

    @property
    def p_alive(self) -> Any:
        return bg_nbd.p_alive(model=self.model, x=self.x, t_x=self.t_x / 7, T=self.age / 7)


@pytest.fixture(scope="module", params=[1, 2])
def known(request: pytest.FixtureRequest) -> Known:
    """Three blocks of people of a chain, seen 200 days before its end."""
    plan = Plan(
        seed=request.param,
        customers=3 * BLOCK,
        stores=20,
        from_date=date(2024, 7, 1),
        to_date=date(2026, 7, 1),
        causes=(),
    ).tidy()
    dice = Dice(plan.seed)
    behaviour = Behaviour(plan, dice, People(plan, dice, made_up_chain(plan, dice)), ())
    today = plan.days - _HELD_OUT_DAYS
    parts: list[tuple[Any, ...]] = []
    for block in range(3):
        lives, purchases = behaviour.block(block, np.arange(block * BLOCK, (block + 1) * BLOCK, dtype=np.int64))
        day = purchases.second // 86_400
        nothing = np.zeros(len(day), dtype=np.int64)
        folding = Folding(most=len(day), calibration_end=today)
        folding.take(Sales(purchases.position, day, nothing))
        upcoming = np.full(BLOCK, 10_000)
        np.minimum.at(upcoming, purchases.position[day >= today], day[day >= today])
        alive = (lives.ended < 0) | (lives.ended // 86_400 >= today)
        for found in folding.counted():
            people = found.customer_ids
            parts.append((found.x, found.t_x, found.T, alive[people], upcoming[people] - (today - 1)))
    x, t_x, age, alive, wait = (np.concatenate(each) for each in zip(*parts, strict=True))
    fit = bg_nbd.fit_bg_nbd(distinct_histories(x=x, t_x=t_x, T=age, units_a_day=1 / 7))
    assert fit.converged
    return Known(x, t_x, age, alive, wait, BgNbd(**fit.parameters))


def test_of_those_with_a_chance_so_many_are_there(known: Known) -> None:
    chance, back = known.p_alive, known.x > 0

    for low in np.arange(0, 1, 0.1):
        among = back & (chance >= low) & (chance < low + 0.1)
        if among.sum() > 500:
            assert known.alive[among].mean() == pytest.approx(chance[among].mean(), abs=0.05)
    share = known.alive[back].mean()
    assert np.mean((chance - known.alive)[back] ** 2) < 0.72 * share * (1 - share)


def test_windows_of_the_next_order_hold_four_in_five(known: Known) -> None:
    begins, ends = (
        np.maximum(np.rint(bg_nbd.wait_quantile(model=known.model, x=known.x, since=known.age / 7, share=share) * 7), 1)
        for share in (0.1, 0.9)
    )
    # Only of these it is known whether the window held.
    seen = known.alive & (ends < _HELD_OUT_DAYS)

    held = (known.wait >= begins) & (known.wait <= ends)

    assert seen.sum() > 2_000
    assert 0.75 < held[seen].mean() < 0.85


def test_stages_are_in_the_order_of_the_truth(known: Known) -> None:
    order_days, recency = known.x + 1, known.age - known.t_x
    chances = chances_of(model=known.model, order_days=order_days, recency_days=recency, active_days=known.t_x)
    codes = stage_codes(
        order_days=order_days,
        recency_days=recency,
        rhythm_days=np.where(known.x > 0, known.t_x // np.maximum(known.x, 1), 0),
        typical_days=30,
        chances=chances,
    )

    there = {name: known.alive[(codes == STAGES.index(name)) & (known.x > 0)].mean() for name in STAGES[2:]}

    assert there["growing"] > 0.6
    assert there["loyal"] > 0.6
    assert 0.25 < there["at_risk"] < 0.6
    assert 0.08 < there["asleep"] < 0.25
    assert there["lost"] < 0.1
