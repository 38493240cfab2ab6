"""Chances of numbers of orders, densities of spend, duels of forecasts, and whether chances come true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from yutang.insight.methods import bg_nbd, gamma_gamma
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.comparison import Duel, beside_luck, beyond_chance, duel
from yutang.insight.methods.gamma_gamma import GammaGamma
from yutang.insight.methods.reliability import reliability, share_interval

BG = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)


def numbers(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


class TestChanceOfOrders:
    @given(
        x=st.integers(0, 20),
        waited=st.floats(0.1, 40),
        since=st.floats(0, 40),
        ahead=st.floats(0.5, 30),
        r=st.floats(0.1, 2),
        a=st.floats(0.2, 3),
    )
    @settings(max_examples=60, deadline=None)
    def test_adds_up_to_one_and_has_the_expected_mean(
        self, x: int, waited: float, since: float, ahead: float, r: float, a: float
    ) -> None:
        model, n = BgNbd(r=r, alpha=9.0, a=a, b=2.4), np.arange(600)
        t_x = waited if x else 0.0
        known = {"t_x": np.full(600, t_x), "T": np.full(600, t_x + since)}

        chance = np.exp(
            bg_nbd.log_chance_of_orders(model=model, x=np.full(600, x), **known, t=ahead, orders=n.astype(np.int64))
        )

        expected = bg_nbd.expected_orders(
            model=model, x=np.array([x]), t_x=numbers([t_x]), T=numbers([t_x + since]), t=ahead
        )
        assert chance.sum() == pytest.approx(1, abs=1e-6)
        assert chance @ n == pytest.approx(expected[0], rel=1e-4, abs=1e-6)

    def test_of_none_is_what_the_outlook_says(self) -> None:
        x, t_x, age = np.array([0, 2, 9]), numbers([0, 30.43, 20]), numbers([12, 38.86, 38])

        none = np.exp(bg_nbd.log_chance_of_orders(model=BG, x=x, t_x=t_x, T=age, t=13.0, orders=np.zeros(3, np.int64)))

        alive = bg_nbd.p_alive(model=BG, x=x, t_x=t_x, T=age)
        ahead = bg_nbd.outlook(model=BG, x=x, T=age, t=13.0)
        assert none.tolist() == pytest.approx((1 - alive * (1 - ahead.none)).tolist())

    def test_of_one_order_of_a_newcomer_by_the_formula_of_the_paper(self) -> None:
        """Fader, Hardie & Lee (2005), equation 8 for x = 1."""
        model, t = BgNbd(r=0.5, alpha=3.0, a=1.2, b=2.5), 4.0
        share, none = t / (model.alpha + t), (model.alpha / (model.alpha + t)) ** model.r
        stayed = model.b / (model.a + model.b)
        by_hand = stayed * model.r * none * share + (1 - stayed) * (1 - none)

        found = bg_nbd.log_chance_of_orders(
            model=model, x=np.array([0]), t_x=numbers([0]), T=numbers([0]), t=t, orders=np.array([1])
        )

        assert np.exp(found[0]) == pytest.approx(by_hand)


class TestDensityOfSpend:
    @pytest.mark.parametrize(("x", "mean", "orders"), [(0, 0.0, 1), (2, 30.0, 3), (7, 12.0, 1)])
    def test_adds_up_to_one_with_the_expected_mean(self, x: int, mean: float, orders: int) -> None:
        def density(log_spend: float) -> float:
            spend = np.exp(log_spend)
            found = gamma_gamma.log_density_of_spend(
                model=SPEND,
                x=np.array([x]),
                mean_spend=numbers([mean]),
                orders=np.array([orders]),
                spend=numbers([spend]),
            )
            return float(np.exp(found[0]) * spend)

        whole = quad(density, -8, 16, limit=200)[0]
        total = quad(lambda log: density(log) * np.exp(log), -8, 16, limit=200)[0]

        expected = gamma_gamma.expected_spend(model=SPEND, x=np.array([x]), mean_spend=numbers([mean]))[0]
        assert whole == pytest.approx(1, abs=1e-5)
        assert total / orders == pytest.approx(expected, rel=1e-3)


class TestDuel:
    def test_by_hand(self) -> None:
        found = duel(
            happened=numbers([0, 2]),
            own=numbers([0, 1]),
            other=numbers([1, 4]),
            own_score=numbers([-1, -2]),
            other_score=numbers([-2, -5]),
        )

        # Differences 1 and 3: mean 2, standard deviation sqrt(2), standard error 1.
        assert (found.gain, found.gain_error) == pytest.approx((2.0, 1.0))
        assert (found.luck, found.chance) == (None, 1.0)
        assert (found.own_error, found.other_error) == pytest.approx((np.sqrt(0.5), np.sqrt(2.5)))
        assert (found.happened, found.own_mean, found.other_mean) == (1.0, 0.5, 2.5)
        assert found.is_better

    def test_equal_models_are_not_better(self) -> None:
        same = numbers([0.5, 1.5, 2.0])

        found = duel(happened=same, own=same, other=same, own_score=same, other_score=same)

        assert (found.chance, found.is_better) == (1.0, False)

    def test_likelier_but_farther_off_is_not_better(self) -> None:
        found = duel(
            happened=numbers([0, 2]),
            own=numbers([3, 9]),
            other=numbers([0, 2]),
            own_score=numbers([-1, -2]),
            other_score=numbers([-2, -5]),
        )

        assert not found.is_better


class TestBesideLuck:
    FOUND = Duel(
        100,
        gain=2.0,
        gain_error=1.0,
        luck=None,
        chance=1.0,
        happened=1,
        own_mean=1,
        other_mean=1,
        own_error=1,
        other_error=1,
    )

    def test_by_hand(self) -> None:
        """Gains of 1 and -1: a spread of 1 / .4549; at a quarter of the variance, beside the standard error of 1."""
        draws = [replace(self.FOUND, gain=sign * 1.0) for sign in (1, -1)] * 10

        found = beside_luck(self.FOUND, draws=draws, scale=0.25)

        assert found.luck == pytest.approx(0.7413, abs=1e-4)
        # Student's distribution with 7.4 degrees of freedom, 2 / 1.2448.
        assert found.chance == pytest.approx(0.0745, abs=1e-3)

    def test_one_hopeless_fit_says_nothing(self) -> None:
        draws = [replace(self.FOUND, gain=0.01)] * 20

        assert beside_luck(self.FOUND, draws=draws, scale=1).luck == pytest.approx(
            beside_luck(self.FOUND, draws=[*draws, replace(self.FOUND, gain=-99.0)], scale=1).luck
        )

    def test_too_few_draws_decide_nothing(self) -> None:
        assert beside_luck(self.FOUND, draws=[replace(self.FOUND, gain=0.01)] * 7, scale=1).chance == 1.0


class TestBeyondChance:
    def test_holm_by_hand(self) -> None:
        """Of four at 5 %: below .0125, then below .0167, then below .025; the first that is not ends it."""
        assert beyond_chance([0.04, 0.001, 0.016, 0.03]) == [False, True, True, False]
        assert beyond_chance([0.02, 0.02, 0.02, 0.02]) == [False] * 4
        assert beyond_chance([]) == []


class TestReliability:
    def test_by_hand(self) -> None:
        found = reliability(chance=numbers([0.1, 0.1, 0.8, 1.0]), happened=np.array([False, True, True, True]))

        assert found is not None
        assert [(each.customers, each.actual) for each in found.bins] == [(2, 0.5), (1, 1.0), (1, 1.0)]
        assert found.brier == pytest.approx((0.01 + 0.81 + 0.04 + 0) / 4)
        assert found.brier_constant == pytest.approx(0.75 * 0.25)
        assert found.skill == pytest.approx(1 - 0.215 / 0.1875)
        assert found.gap == pytest.approx((2 * 0.4 + 0.2 + 0) / 4)

    def test_may_be_grouped_by_something_else(self) -> None:
        found = reliability(chance=numbers([0.1, 0.3]), happened=np.array([False, True]), said=numbers([0.95, 0.97]))

        assert found is not None
        assert [(each.said, each.expected, each.actual) for each in found.bins] == [pytest.approx((0.96, 0.2, 0.5))]

    def test_nobody_has_none(self) -> None:
        assert reliability(chance=numbers([]), happened=np.array([], dtype=bool)) is None

    def test_interval_of_a_share(self) -> None:
        """Wilson's interval of 5 of 10 at 95 %."""
        assert share_interval(hits=5, of=10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
        assert share_interval(hits=0, of=10)[0] == pytest.approx(0, abs=1e-12)
