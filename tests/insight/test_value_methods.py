"""The models of customer value against published figures, closed forms, finite differences and simulated customers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from yutang.insight.methods import bg_nbd, gamma_gamma, pareto_nbd
from yutang.insight.methods.beta_means import beta_rules
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.gamma_gamma import GammaGamma
from yutang.insight.methods.likelihood import LogLikelihood, maximise, maximise_near
from yutang.insight.methods.pareto_nbd import ParetoNbd
from yutang.insight.methods.purchases import Histories, distinct_histories
from yutang.insight.methods.value import worth

#: Published for the CDNOW sample.
BG = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
PARETO = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)

parameter = st.floats(-4, 4).map(lambda log: float(np.exp(log)))
customers = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 400), st.integers(1, 400), st.integers(1, 5)), min_size=1, max_size=20
)


def histories_of(rows: list[tuple[int, int, int, int]]) -> Histories:
    x = np.array([each[0] for each in rows])
    t_x = np.array([each[1] if each[0] else 0 for each in rows], dtype=np.float64) / 7
    age = t_x + np.array([each[2] for each in rows]) / 7
    return Histories(x=x, t_x=t_x, T=age, weight=np.array([each[3] for each in rows], dtype=np.float64))


def numbers(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


@pytest.fixture
def cdnow(reference_data: Path) -> dict[str, np.ndarray]:
    with (reference_data / "cdnow_sample" / "cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = list(csv.DictReader(file))
    x = np.array([int(row["x"]) for row in rows])
    days = {name: np.rint(numbers([float(row[name]) for row in rows]) * 7).astype(np.int64) for name in ("t_x", "T")}
    return {"x": x, "t_x": days["t_x"], "T": days["T"], "spend": numbers([float(row["zbar"]) for row in rows])}


class TestPublishedFits:
    """Fader, Hardie & Lee (2005), table 2 and section 4; Fader & Hardie (2013), page 5."""

    def test_bg_nbd(self, cdnow: dict[str, np.ndarray]) -> None:
        histories = distinct_histories(x=cdnow["x"], t_x=cdnow["t_x"], T=cdnow["T"], units_a_day=1 / 7)

        fit = bg_nbd.fit_bg_nbd(histories)

        assert (len(histories.x), histories.customers, histories.repeaters) == (1016, 2357, 946)
        assert fit.converged
        assert [round(fit[name], 3) for name in bg_nbd.NAMES] == [0.243, 4.414, 0.793, 2.426]
        assert fit.log_likelihood == pytest.approx(-9582.429, abs=0.01)

    def test_pareto_nbd(self, cdnow: dict[str, np.ndarray]) -> None:
        fit = pareto_nbd.fit_pareto_nbd(
            distinct_histories(x=cdnow["x"], t_x=cdnow["t_x"], T=cdnow["T"], units_a_day=1 / 7)
        )

        assert fit.converged
        assert [round(fit[name], 3) for name in pareto_nbd.NAMES] == [0.553, 10.578, 0.606, 11.669]
        assert fit.log_likelihood == pytest.approx(-9595.0, abs=0.03)

    def test_gamma_gamma(self, cdnow: dict[str, np.ndarray]) -> None:
        repeats = cdnow["x"] > 0

        fit = gamma_gamma.fit_gamma_gamma(x=cdnow["x"][repeats], mean_spend=cdnow["spend"][repeats])

        assert (fit.customers, fit.converged) == (946, True)
        assert [fit[name] for name in gamma_gamma.NAMES] == pytest.approx([6.25, 3.74, 15.44], abs=0.01)
        assert fit.log_likelihood == pytest.approx(-4055.918, abs=0.01)

    def test_standard_errors_are_those_of_resampled_customers(self, cdnow: dict[str, np.ndarray]) -> None:
        chance = np.random.default_rng(4)
        found = []
        for _ in range(60):
            drawn = chance.integers(0, len(cdnow["x"]), len(cdnow["x"]))
            again = distinct_histories(
                x=cdnow["x"][drawn], t_x=cdnow["t_x"][drawn], T=cdnow["T"][drawn], units_a_day=1 / 7
            )
            found.append(bg_nbd.fit_bg_nbd(again).values)

        fit = bg_nbd.fit_bg_nbd(distinct_histories(x=cdnow["x"], t_x=cdnow["t_x"], T=cdnow["T"], units_a_day=1 / 7))

        assert fit.standard_errors[:2] == pytest.approx(np.std(found, axis=0)[:2], rel=0.35)


class TestWorkedNumbers:
    def test_bg_nbd_expects_of_the_first_customer(self) -> None:
        """Fader, Hardie & Lee (2005), section 4: x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead."""
        expected = bg_nbd.expected_orders(model=BG, x=np.array([2]), t_x=numbers([30.43]), T=numbers([38.86]), t=39)

        assert expected[0] == pytest.approx(1.226, abs=0.0005)

    def test_pareto_nbd_as_in_the_btyd_walk_through(self) -> None:
        """Dziurzynski, Wadsworth & McCarthy (2014), "BTYD: implementing BTYD models", section 2."""
        x, t_x, age = np.array([26]), numbers([30.86]), numbers([31.0])

        alive = pareto_nbd.p_alive(model=PARETO, x=x, t_x=t_x, T=age)
        expected = pareto_nbd.expected_orders(model=PARETO, x=x, t_x=t_x, T=age, t=52)

        assert alive[0] == pytest.approx(0.9979, abs=0.0001)
        assert expected[0] == pytest.approx(25.46, abs=0.005)

    def test_gamma_gamma_mean_over_customers(self) -> None:
        """Fader & Hardie (2013): p v / (q - 1) is the mean spend of the customers."""
        spend = gamma_gamma.expected_spend(model=SPEND, x=np.array([0]), mean_spend=numbers([0.0]))

        assert spend[0] == pytest.approx(6.25 * 15.44 / 2.74)


class TestGradients:
    @pytest.mark.parametrize(
        ("likelihood_of", "size"), [(bg_nbd.bg_nbd_likelihood, 4), (pareto_nbd.pareto_nbd_likelihood, 4)]
    )
    @given(rows=customers, parameters=st.lists(parameter, min_size=4, max_size=4))
    @settings(max_examples=60, deadline=None)
    def test_of_histories_equal_differences(
        self, likelihood_of: object, size: int, rows: list[tuple[int, int, int, int]], parameters: list[float]
    ) -> None:
        likelihood: LogLikelihood = likelihood_of(histories_of(rows))  # type: ignore[operator]

        self.check(likelihood, numbers(parameters))

    @given(
        rows=st.lists(st.tuples(st.integers(1, 200), st.floats(0.01, 10_000)), min_size=1, max_size=20),
        parameters=st.lists(parameter, min_size=3, max_size=3),
    )
    @settings(max_examples=60, deadline=None)
    def test_of_spend_equal_differences(self, rows: list[tuple[int, float]], parameters: list[float]) -> None:
        likelihood = gamma_gamma.gamma_gamma_likelihood(
            x=np.array([each[0] for each in rows]), mean_spend=numbers([each[1] for each in rows])
        )

        self.check(likelihood, numbers(parameters))

    @staticmethod
    def check(likelihood: LogLikelihood, parameters: np.ndarray) -> None:
        value, slope = likelihood(parameters)
        differences = []
        for i, each in enumerate(parameters):
            step = np.zeros(len(parameters))
            step[i] = each * 1e-5
            differences.append((likelihood(parameters + step)[0] - likelihood(parameters - step)[0]) / (2e-5 * each))

        # What a difference of two likelihoods can tell ends where their digits end.
        noise = abs(value) * 1e-10 / parameters
        assert np.isfinite(value)
        assert (np.abs(slope - differences) <= 1e-4 * np.abs(slope) + noise + 1e-5 / parameters).all()


class TestClosedForms:
    """What is computed by quadrature equals the hypergeometric functions of the papers where those can be computed."""

    @given(
        x=st.integers(0, 25),
        waited=st.floats(0.1, 60),
        since=st.floats(0, 60),
        ahead=st.floats(0.5, 60),
        a=st.floats(1.05, 4),
        b=st.floats(0.3, 6),
    )
    @settings(max_examples=100, deadline=None)
    def test_bg_nbd_expectation(self, x: int, waited: float, since: float, ahead: float, a: float, b: float) -> None:
        model = BgNbd(r=0.6, alpha=9.0, a=a, b=b)
        t_x, age = (waited if x else 0.0), (waited if x else 0.0) + since
        shape = a + b + x - 1
        shift = (model.alpha + age) / (model.alpha + age + ahead)
        series = hyp2f1(model.r + x, b + x, shape, ahead / (model.alpha + age + ahead))
        formula = shape / (a - 1) * (1 - shift ** (model.r + x) * series)
        formula /= 1 + (x > 0) * a / (b + x - 1 + (x == 0)) * ((model.alpha + age) / (model.alpha + t_x)) ** (
            model.r + x
        )

        expected = bg_nbd.expected_orders(model=model, x=np.array([x]), t_x=numbers([t_x]), T=numbers([age]), t=ahead)

        assert expected[0] == pytest.approx(formula, rel=1e-6)

    @given(
        x=st.integers(0, 25),
        t_x=st.floats(0, 50),
        since=st.floats(0.01, 50),
        alpha=st.floats(5, 12),
        more=st.floats(0, 5),
    )
    @settings(max_examples=100, deadline=None)
    def test_pareto_nbd_likelihood(self, x: int, t_x: float, since: float, alpha: float, more: float) -> None:
        r, s, t_x = 0.6, 0.7, t_x if x else 0.0
        age, beta, power = t_x + since, alpha + more, 0.6 + x + 0.7
        term = [
            hyp2f1(power, r + x, power + 1, (beta - alpha) / (beta + at)) / (beta + at) ** power for at in (t_x, age)
        ]
        bracket = (alpha + age) ** -(r + x) * (beta + age) ** -s + s / power * (term[0] - term[1])
        gammas = np.sum(np.log(r + np.arange(x)))
        formula = gammas + r * np.log(alpha) + s * np.log(beta) + np.log(bracket)
        likelihood = pareto_nbd.pareto_nbd_likelihood(
            Histories(np.array([x]), numbers([t_x]), numbers([age]), numbers([1.0]))
        )

        value, _ = likelihood(numbers([r, alpha, s, beta]))

        assert value == pytest.approx(formula, rel=1e-7, abs=1e-7)

    def test_bg_nbd_at_a_of_one_is_between_its_neighbours(self) -> None:
        found = [
            bg_nbd.expected_orders(
                model=BgNbd(0.5, 8.0, a, 2.0), x=np.array([3]), t_x=numbers([20.0]), T=numbers([25.0]), t=52
            )[0]
            for a in (0.999, 1.0, 1.001)
        ]

        assert found[0] > found[1] > found[2]

    def test_expected_since_first_equals_the_outlook_of_a_newcomer(self) -> None:
        weeks = numbers([0.0, 1.0, 39.0, 78.0])

        found = bg_nbd.expected_since_first(model=BG, t=weeks)

        newcomer = [bg_nbd.outlook(model=BG, x=np.array([0]), T=numbers([0.0]), t=week).orders[0] for week in weeks[1:]]
        assert found.tolist() == pytest.approx([0.0, *newcomer])

    @given(a=st.floats(0.02, 20), b=st.floats(0.02, 2000))
    @settings(max_examples=60, deadline=None)
    def test_beta_rules_give_the_moments_of_the_beta(self, a: float, b: float) -> None:
        nodes, weights = beta_rules(a=a, b=numbers([b]))

        mean = a / (a + b)
        assert weights.sum() == pytest.approx(1)
        assert (weights * nodes).sum() == pytest.approx(mean, rel=1e-9)
        assert (weights * nodes**2).sum() == pytest.approx(mean * (a + 1) / (a + b + 1), rel=1e-9)


class TestRanges:
    @given(rows=customers, parameters=st.lists(parameter, min_size=4, max_size=4), ahead=st.floats(0.1, 200))
    @settings(max_examples=100, deadline=None)
    def test_chances_are_chances_and_numbers_are_positive(
        self, rows: list[tuple[int, int, int, int]], parameters: list[float], ahead: float
    ) -> None:
        known = histories_of(rows)
        history = {"x": known.x, "t_x": known.t_x, "T": known.T}

        chances = [
            bg_nbd.p_alive(model=BgNbd(*parameters), **history),
            pareto_nbd.p_alive(model=ParetoNbd(*parameters), **history),
            bg_nbd.outlook(model=BgNbd(*parameters), x=known.x, T=known.T, t=ahead).none,
        ]
        counts = [
            bg_nbd.expected_orders(model=BgNbd(*parameters), **history, t=ahead),
            pareto_nbd.expected_orders(model=ParetoNbd(*parameters), **history, t=ahead),
            bg_nbd.outlook(model=BgNbd(*parameters), x=known.x, T=known.T, t=ahead).pairs,
        ]

        for each in chances:
            assert ((each >= 0) & (each <= 1)).all()
        for each in counts:
            assert (np.isfinite(each) & (each >= 0)).all()

    def test_many_orders_do_not_overflow(self) -> None:
        x, t_x, age = np.array([5_000, 5_000]), numbers([499.9, 100.0]), numbers([500.0, 500.0])

        alive = bg_nbd.p_alive(model=BG, x=x, t_x=t_x, T=age)
        other = pareto_nbd.p_alive(model=PARETO, x=x, t_x=t_x, T=age)
        year = bg_nbd.expected_orders(model=BG, x=x, t_x=t_x, T=age, t=52)

        assert alive == pytest.approx([1, 0], abs=0.01)
        assert other == pytest.approx([1, 0], abs=0.01)
        # About 10 a week while there, with a chance of .793 / 5003 to stop after each.
        assert year[0] == pytest.approx(500, rel=0.06)
        assert year[1] == pytest.approx(0, abs=1e-9)

    def test_histories_that_cannot_be_are_refused(self) -> None:
        with pytest.raises(ValueError, match="t_x <= T"):
            distinct_histories(x=np.array([1]), t_x=np.array([9]), T=np.array([8]))


class TestMaximise:
    def test_says_when_there_is_no_maximum(self) -> None:
        def rising(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            return float(np.log(parameters).sum()), 1 / parameters

        assert not maximise(rising, names=["one"], starts=[[1.0]], customers=10).converged

    def test_reaches_the_maximum_where_hardly_anybody_stops(self) -> None:
        chance, customers = np.random.default_rng(3), 3_000
        age = chance.uniform(10, 104, customers)
        orders = chance.poisson(chance.gamma(2.0, 1 / 36, customers) * age)
        last = np.array([chance.uniform(0, T, x).max(initial=0) for x, T in zip(orders, age, strict=True)])

        fit = bg_nbd.fit_bg_nbd(Histories(orders, last, age, np.ones(customers)))

        assert fit.converged
        assert fit["r"] == pytest.approx(2.0, rel=0.1)
        assert fit["a"] < 0.01

    def test_customers_who_never_come_back_give_no_model(self) -> None:
        never = Histories(np.array([0, 0]), numbers([0, 0]), numbers([10, 20]), numbers([50, 50]))

        assert not bg_nbd.fit_bg_nbd(never).converged


class TestSimulatedCustomers:
    """Customers drawn from the model itself, whose truth is known."""

    CUSTOMERS = 20_000

    @pytest.fixture(scope="class")
    @classmethod
    def drawn(cls) -> dict[str, np.ndarray]:
        chance = np.random.default_rng(11)
        n, model = cls.CUSTOMERS, BgNbd(r=0.85, alpha=9.0, a=0.8, b=3.6)
        rate, stops = chance.gamma(model.r, 1 / model.alpha, n), chance.beta(model.a, model.b, n)
        age = chance.uniform(10, 80, n)
        x, t_x, alive = np.zeros(n, dtype=np.int64), np.zeros(n), np.ones(n, dtype=bool)
        upcoming, ahead = np.full(n, np.inf), np.zeros(n, dtype=np.int64)
        moment, there = np.zeros(n), np.ones(n, dtype=bool)
        while there.any():
            moment = np.where(there, moment + chance.exponential(1.0, n) / rate, moment)
            past = there & (moment <= age)
            x[past] += 1
            t_x[past] = moment[past]
            upcoming = np.where(there & ~past, np.minimum(upcoming, moment - age), upcoming)
            ahead += there & ~past & (moment <= age + 52)
            there &= (chance.random(n) >= stops) & (moment <= age + 52)
            alive &= ~(past & ~there & (moment <= age))
        spend_scale = chance.gamma(SPEND.q, 1 / SPEND.v, n)
        spent = chance.gamma(SPEND.p * np.maximum(x, 1e-9), 1 / spend_scale)
        value = np.where(ahead > 0, chance.gamma(SPEND.p * np.maximum(ahead, 1), 1 / spend_scale), 0.0)
        return {
            "x": x, "t_x": t_x, "T": age, "alive": alive, "wait": upcoming, "ahead": ahead,
            "mean_spend": np.where(x > 0, spent / np.maximum(x, 1), 0.0), "value": value,
        }  # fmt: skip

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, drawn: dict[str, np.ndarray]) -> BgNbd:
        weight = np.ones(len(drawn["x"]))
        fit = bg_nbd.fit_bg_nbd(Histories(drawn["x"], drawn["t_x"], drawn["T"], weight))
        assert fit.converged
        assert fit.values == pytest.approx([0.85, 9.0, 0.8, 3.6], abs=4 * fit.standard_errors.max())
        return BgNbd(**fit.parameters)

    def test_the_curvature_of_a_part_leads_to_the_same_maximum(self, drawn: dict[str, np.ndarray]) -> None:
        whole = Histories(drawn["x"], drawn["t_x"], drawn["T"], np.ones(len(drawn["x"])))
        likelihood = bg_nbd.bg_nbd_likelihood(whole)
        start = {"names": bg_nbd.NAMES, "starts": [(1.0, 10.0, 1.0, 3.0)]}
        part = whole.sample(4_000)
        rough = maximise(bg_nbd.bg_nbd_likelihood(part), **start, customers=part.customers)
        climbed = maximise(likelihood, **start, customers=whole.customers)

        near = maximise_near(likelihood, rough=rough, customers=whole.customers)

        assert near is not None
        assert near.values == pytest.approx(climbed.values, rel=1e-4)
        assert near.standard_errors == pytest.approx(climbed.standard_errors, rel=1e-3)
        assert near.evaluations < climbed.evaluations

    def test_a_part_that_is_unlike_the_whole_leads_nowhere(self, drawn: dict[str, np.ndarray]) -> None:
        whole = Histories(drawn["x"], drawn["t_x"], drawn["T"], np.ones(len(drawn["x"])))
        often = drawn["x"] >= 5
        part = Histories(drawn["x"][often] * 9, drawn["t_x"][often], drawn["T"][often], np.ones(often.sum()))
        rough = maximise(
            bg_nbd.bg_nbd_likelihood(part), names=bg_nbd.NAMES, starts=[(1.0, 10.0, 1.0, 3.0)], customers=part.customers
        )

        assert maximise_near(bg_nbd.bg_nbd_likelihood(whole), rough=rough, customers=whole.customers) is None

    def test_chances_to_be_there_come_true(self, drawn: dict[str, np.ndarray], model: BgNbd) -> None:
        alive = bg_nbd.p_alive(model=model, x=drawn["x"], t_x=drawn["t_x"], T=drawn["T"])

        for low in np.arange(0, 1, 0.1):
            among = (alive >= low) & (alive < low + 0.1) & (drawn["x"] > 0)
            if among.sum() > 300:
                assert drawn["alive"][among].mean() == pytest.approx(alive[among].mean(), abs=0.05)
        brier = np.mean((alive - drawn["alive"]) ** 2)
        assert brier < np.mean((drawn["alive"].mean() - drawn["alive"]) ** 2) * 0.75

    def test_windows_of_the_next_order_hold_four_in_five(self, drawn: dict[str, np.ndarray], model: BgNbd) -> None:
        window = [
            bg_nbd.wait_quantile(model=model, x=drawn["x"], since=drawn["T"], share=share) for share in (0.1, 0.9)
        ]

        held = (drawn["wait"] >= window[0]) & (drawn["wait"] <= window[1])
        for among in (drawn["alive"], drawn["alive"] & (drawn["x"] >= 3)):
            assert 0.78 < held[among].mean() < 0.82

    def test_expected_orders_come_true_for_all_histories(self, drawn: dict[str, np.ndarray], model: BgNbd) -> None:
        expected = bg_nbd.expected_orders(model=model, x=drawn["x"], t_x=drawn["t_x"], T=drawn["T"], t=52)

        for x in range(8):
            among = drawn["x"] == x
            assert expected[among].mean() == pytest.approx(drawn["ahead"][among].mean(), rel=0.12)

    def test_the_spread_of_orders_comes_true(self, drawn: dict[str, np.ndarray], model: BgNbd) -> None:
        ahead = bg_nbd.outlook(model=model, x=drawn["x"], T=drawn["T"], t=52)
        there = drawn["alive"]
        orders = drawn["ahead"][there].astype(np.float64)

        assert ahead.none[there].mean() == pytest.approx((orders == 0).mean(), abs=0.01)
        assert ahead.orders[there].mean() == pytest.approx(orders.mean(), rel=0.05)
        assert ahead.pairs[there].mean() == pytest.approx((orders * (orders - 1)).mean(), rel=0.1)

    def test_values_come_true_and_intervals_hold(self, drawn: dict[str, np.ndarray], model: BgNbd) -> None:
        alive = bg_nbd.p_alive(model=model, x=drawn["x"], t_x=drawn["t_x"], T=drawn["T"])
        found = worth(
            spend_model=SPEND,
            spend_orders=drawn["x"],
            mean_spend=drawn["mean_spend"],
            alive=alive,
            ahead=bg_nbd.outlook(model=model, x=drawn["x"], T=drawn["T"], t=52),
        )

        value = drawn["value"]
        assert found.expected.mean() == pytest.approx(value.mean(), rel=0.05)
        often = (drawn["x"] >= 5) & (alive > 0.9)
        for among, tolerance in ((alive > 0, 0.015), (often, 0.04)):
            assert (value[among] < found.low[among]).mean() < 0.1 + tolerance / 3
            assert (value[among] > found.high[among]).mean() == pytest.approx(0.1, abs=tolerance)
        assert (found.low <= found.expected).all()
        assert (found.low > 0).any()
