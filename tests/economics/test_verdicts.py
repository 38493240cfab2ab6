"""What is claimed of a programme and what newcomers say about it; the scarf give-away and healthy programmes, replayed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.bench_economics import FIRST, ORGANIC, looked_along

from yutang.economics.methods.verdicts import Bounds, Newcomers, Organic, bounds_from, cost_per_kept, verdict_on
from yutang.simulator.giveaways import HEALTHY, SCARF, giveaway

#: Other seeds than the method was made with, and than the benchmark reports.
SEEDS = range(FIRST + 50_000, FIRST + 50_100)


def newcomers(
    n: int, *, gone: int = 0, at_once: int = 0, kept: int = 0, silent: int = 0, cost: float = 1_000
) -> Newcomers:
    """Return newcomers mixed evenly, whoever is gone beginning with those who left at once."""
    order = np.random.default_rng(7).permutation(n)
    place = np.arange(n)
    is_gone = (place < gone)[order]
    return Newcomers(
        age=np.linspace(200, 0, n),
        cost=np.full(n, cost),
        is_gone=is_gone,
        is_kept=((place >= gone) & (place < gone + kept))[order],
        left_at_once=(place < at_once)[order],
        may_order_early=(~is_gone & (place >= gone + silent)[order]),
    )


class TestBounds:
    def test_follow_the_organic_newcomers_kindly(self) -> None:
        bounds = bounds_from(worth=4_000, organic=Organic(newcomers=1_000, kept=800, left_at_once=60, ordered=200))

        assert bounds.least_kept is not None
        assert 0.37 < bounds.least_kept < 0.40
        assert bounds.least_ordered is not None
        assert 0.07 < bounds.least_ordered < 0.09
        assert bounds.most_left_at_once is not None
        assert 0.15 <= bounds.most_left_at_once < 0.20

    def test_claim_little_where_nothing_is_known(self) -> None:
        assert bounds_from(worth=4_000, organic=None) == Bounds(4_000, 0.30, None, None)

    def test_claim_no_share_next_to_nothing(self) -> None:
        bounds = bounds_from(worth=4_000, organic=Organic(newcomers=100, kept=70, left_at_once=2, ordered=1))

        assert bounds.least_ordered is None


class TestVerdict:
    BOUNDS = bounds_from(worth=4_000, organic=ORGANIC)

    def test_nothing_is_said_without_newcomers(self) -> None:
        assert verdict_on(newcomers(0), self.BOUNDS).refuted == ""

    def test_who_leaves_at_once_is_evidence_before_the_days_are_over(self) -> None:
        verdict = verdict_on(newcomers(40, gone=20, at_once=20), self.BOUNDS)

        assert verdict.refuted == "left_at_once"

    def test_open_newcomers_refute_nothing(self) -> None:
        verdict = verdict_on(newcomers(400), self.BOUNDS)

        assert verdict.refuted == ""
        assert all(value < 0.2 for value in verdict.evidence.values())

    def test_a_kept_newcomer_that_costs_more_than_it_is_worth(self) -> None:
        # 1,000 a newcomer, of whom a fifth stays: 5,000 a kept one.
        verdict = verdict_on(newcomers(150, gone=120, kept=30), Bounds(2_500, None, None, None))

        assert verdict.refuted == "cost"

    def test_whoever_never_says_a_word(self) -> None:
        verdict = verdict_on(newcomers(400, kept=400, silent=398, cost=100), self.BOUNDS)

        assert verdict.refuted == "ordered"

    def test_cost_of_a_kept_one_has_its_interval(self) -> None:
        (found,) = cost_per_kept(cost=[100_000], kept=[50], open_=[0], n=[100])
        (early,) = cost_per_kept(cost=[1_000], kept=[0], open_=[1], n=[1])

        assert found.low < 2_000 < found.high
        assert early.low == pytest.approx(1_000)
        assert early.high == float("inf")


class TestScarfGiveaway:
    def test_is_paused_before_a_third_of_the_budget_in_95_of_100(self) -> None:
        in_time = [looked_along(giveaway(SCARF, seed=seed), ORGANIC) for seed in SEEDS]

        assert sum(one.claim != "" and one.newcomers < SCARF.newcomers / 3 for one in in_time) >= 95

    def test_a_healthy_programme_is_paused_in_fewer_than_5_of_100(self) -> None:
        paused = [seed for seed in SEEDS if looked_along(giveaway(HEALTHY, seed=seed), ORGANIC, every_hours=24).claim]

        assert len(paused) < 5

    def test_also_where_nothing_is_known_of_organic_newcomers(self) -> None:
        some = SEEDS[:40]
        in_time = [looked_along(giveaway(SCARF, seed=seed), None) for seed in some]
        paused = [seed for seed in some if looked_along(giveaway(HEALTHY, seed=seed), None, every_hours=24).claim]

        assert sum(one.claim != "" for one in in_time) >= 38
        assert len(paused) <= 2

    def test_a_programme_just_at_its_worth_is_let_go_on(self) -> None:
        # Everybody costs exactly what a newcomer is worth on average: the claim holds by a hair.
        kind = replace(HEALTHY, leaving=(0.05, 0.05), fading=(0.0, 0.0), cost_to_worth=(0.95, 0.95))
        paused = [seed for seed in SEEDS if looked_along(giveaway(kind, seed=seed), ORGANIC, every_hours=24).claim]

        assert len(paused) < 8

    def test_the_same_seed_makes_the_same_giveaway(self) -> None:
        one, again, other = (giveaway(SCARF, seed=seed) for seed in (1, 1, 2))

        assert (one.joined == again.joined).all()
        assert one.unit_cost == again.unit_cost
        assert not np.array_equal(one.joined, other.joined)
