"""The maths against worked numbers and against simulated truth: intervals hold as often as they say, nothing is found where nothing is."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from yutang.experiments.methods.differences import difference_of
from yutang.experiments.methods.effects import Effect, effect_of
from yutang.experiments.methods.intervals import (
    any_look_width,
    normal_width,
    one_look,
    share_difference,
    share_interval,
)
from yutang.experiments.methods.moments import Moments, a_head, moments_of
from yutang.experiments.methods.power import people_needed, smallest_effect
from yutang.experiments.methods.shares_check import check_shares

Chance = np.random.Generator


def people(
    chance: Chance, n: int, *, lift: float = 0.0, usual: float = 0.08
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Draw people who bought after and before: each has a liking of their own, so that before tells of after."""
    liking = chance.beta(usual, 1 - usual, n)
    # Of those who would not have bought, so many do that the share rises by just the lift.
    after = chance.random(n) < liking + (1 - liking) * lift / (1 - usual)
    return after.astype(float), (chance.random(n) < liking).astype(float)


def told(chance: Chance, *, treated: int, held_out: int, lift: float, usual: float = 0.08) -> Effect:
    sides = [people(chance, treated, lift=lift, usual=usual), people(chance, held_out, usual=usual)]
    arms = [[moments_of(y=y, x=x)] for y, x in sides]
    found = effect_of(kind="share", unit="person", treated=arms[0], held_out=arms[1])
    assert found is not None
    return found


class TestWorkedNumbers:
    def test_intervals_of_shares(self) -> None:
        # Newcombe (1998), table II, methods 10: contrasts (a) and (b); Wilson's ends of 0 of 20 and 10 of 10.
        z = normal_width()

        assert share_interval(happened=0, tried=20, width=z) == pytest.approx((0, 0.1611), abs=5e-5)
        assert share_interval(happened=10, tried=10, width=z) == pytest.approx((0.7225, 1), abs=5e-5)
        assert share_difference(first=(56, 70), second=(48, 80), width=z) == pytest.approx((0.0524, 0.3339), abs=5e-5)
        assert share_difference(first=(9, 10), second=(3, 10), width=z) == pytest.approx((0.1705, 0.8090), abs=5e-5)

    def test_welch(self) -> None:
        # Two samples by hand: means 5 and 3, variances 2.5 and 1, 5 people each: variance 0.7, freedom 0.49 / (0.25/4 + 0.04/4).
        first, second = np.array([3, 4, 5, 6, 7.0]), np.array([2, 2, 3, 4, 4.0])

        found = difference_of(treated=[moments_of(y=first)], held_out=[moments_of(y=second)])

        assert found is not None
        assert (found.value, found.variance, found.freedom) == pytest.approx((2.0, 0.7, 0.49 / 0.0725))
        low, high = one_look(value=2.0, variance=0.7, freedom=found.freedom)
        # t at 6.7586 degrees of freedom: 2.3815.
        assert (low, high) == pytest.approx((2 - 2.3815 * 0.7**0.5, 2 + 2.3815 * 0.7**0.5), abs=2e-3)

    def test_the_width_for_any_number_of_looks(self) -> None:
        # By hand at the planned size: (1 + 1/7.9363) (5.9915 + ln 8.9363).
        assert any_look_width(effective_units=1_000, planned=1_000) == pytest.approx(3.0352, abs=1e-4)

    def test_people_needed(self) -> None:
        # (1.95996 + 0.84162)^2 = 7.8489; times 0.25 / 0.01 x 4.
        assert people_needed(effect=0.1, variance=0.25, held_out_ratio=0.5) == 785
        assert people_needed(effect=-0.1, variance=0.25, held_out_ratio=0.5) == 785
        with pytest.raises(ValueError, match="compares with nobody"):
            people_needed(effect=0.1, variance=0.25, held_out_ratio=1)

    def test_the_smallest_effect_is_the_one_that_so_many_people_were_needed_for(self) -> None:
        alike = {"effect": 0.02, "variance": 0.09, "held_out_ratio": 0.1}
        once, always = people_needed(**alike), people_needed(**alike, planned=1_000)

        for n, width in (
            (once, normal_width()),
            (always, any_look_width(effective_units=0.09 * always, planned=1_000)),
        ):
            variance = 0.09 / (0.1 * n) + 0.09 / (0.9 * n)
            assert smallest_effect(variance=variance, width=width) == pytest.approx(0.02, rel=1e-3)
        assert 1.7 < always / once < 2.5

    def test_arms_of_another_size_than_drawn(self) -> None:
        fits = check_shares(counts=[[1_020, 8_980]], shares=[[0.1, 0.9]])
        wrong = check_shares(counts=[[1_200, 8_800]], shares=[[0.1, 0.9]])

        assert fits is not None
        assert wrong is not None
        assert not fits.is_alarm
        # 200 too many of 1,000, and 200 too few of 9,000.
        assert wrong.statistic == pytest.approx(40 + 200**2 / 9_000)
        assert wrong.is_alarm
        assert check_shares(counts=[[3, 20]], shares=[[0.1, 0.9]]) is None

    def test_arms_are_checked_among_those_who_were_drawn_alike(self) -> None:
        shares = [[0.1, 0.9], [0.5, 0.5]]

        assert check_shares(counts=[[1_000, 9_000], [5_000, 5_000]], shares=shares).chance == 1  # type: ignore[union-attr]
        assert check_shares(counts=[[1_000, 9_000], [4_500, 5_500]], shares=shares).is_alarm  # type: ignore[union-attr]


class TestIntervalsHold:
    """600 experiments with a planted effect of three points: 95 of 100 intervals hold it."""

    DRAWS = 600

    @pytest.fixture(scope="class")
    @classmethod
    def found(cls) -> list[Effect]:
        chance = np.random.default_rng(11)
        return [told(chance, treated=6_000, held_out=1_500, lift=0.03) for _ in range(cls.DRAWS)]

    def test_of_one_look_in_95_of_100(self, found: list[Effect]) -> None:
        holds = np.mean([one.low <= 0.03 <= one.high for one in found])

        assert 0.92 < holds < 0.98

    def test_of_any_look_nearly_always_at_one(self, found: list[Effect]) -> None:
        assert np.mean([one.low_always <= 0.03 <= one.high_always for one in found]) > 0.985

    def test_the_effect_is_found_and_not_bent(self, found: list[Effect]) -> None:
        values = np.array([one.value for one in found])
        spread = np.sqrt(np.mean([one.difference.variance for one in found]))

        assert values.mean() == pytest.approx(0.03, abs=4 * spread / self.DRAWS**0.5)
        assert values.std() == pytest.approx(spread, rel=0.1)
        assert np.mean([one.low > 0 for one in found]) > 0.9

    def test_effects_as_large_as_the_smallest_are_called_sure_four_times_in_five(self) -> None:
        # 10 in 100 buy, one in five is held out, three more in 100 are to be found.
        n = people_needed(effect=0.03, variance=0.1 * 0.9, held_out_ratio=0.2, planned=1_000)
        chance = np.random.default_rng(19)
        sure = 0
        for _ in range(300):
            treated, held_out = (
                [moments_of(y=(chance.random(round(n * share)) < p).astype(float))]
                for share, p in ((0.8, 0.13), (0.2, 0.1))
            )
            found = effect_of(kind="share", unit="person", treated=treated, held_out=held_out)
            sure += found is not None and found.verdict == "more"

        assert 0.72 < sure / 300 < 0.88

    def test_what_was_there_before_narrows_the_interval(self, found: list[Effect]) -> None:
        # Buying before and after correlate at one half.
        assert {one.method for one in found} == {"cuped"}
        assert np.mean([one.difference.narrowing for one in found]) == pytest.approx(0.25, abs=0.04)


class TestNothingIsFoundWhereNothingIs:
    def test_one_look_is_wrong_in_5_of_100(self) -> None:
        chance = np.random.default_rng(12)
        found = [told(chance, treated=3_000, held_out=600, lift=0.0) for _ in range(600)]

        assert 0.025 < np.mean([not one.low <= 0 <= one.high for one in found]) < 0.08
        assert np.mean([one.verdict != "open" for one in found]) < 0.02

    def test_looking_every_day_is_wrong_no_more_often_with_the_interval_for_any_number_of_looks(self) -> None:
        # 400 experiments without effect, looked at on 60 days, 150 people more in each arm every day.
        chance = np.random.default_rng(13)
        days, more, experiments = 60, 150, 400
        daily = chance.gamma(0.3, 10, (experiments, 2, days, more))
        totals, squares = (np.cumsum(part.sum(axis=3), axis=2) for part in (daily, daily**2))
        n = more * np.arange(1, days + 1)
        means = totals / n
        variances = (squares - n * means**2) / (n - 1) / n
        apart = np.abs(means[:, 0] - means[:, 1]) / np.sqrt(variances.sum(axis=1))
        widths = np.array([any_look_width(effective_units=k / 2, planned=1_000) for k in n])

        assert (apart > widths).any(axis=1).mean() <= 0.05
        assert (apart > normal_width()).any(axis=1).mean() > 0.2

    def test_the_interval_for_any_number_of_looks_is_hardly_wider_far_from_the_plan(self) -> None:
        widths = [any_look_width(effective_units=1_000 * times, planned=1_000) for times in (0.1, 1, 10, 100, 1_000)]

        assert max(widths) < 4
        assert min(widths) == widths[1]


class TestFew:
    @pytest.mark.parametrize(("share", "lift"), [(0.004, 0.0), (0.01, 0.01), (0.995, -0.01)])
    def test_intervals_of_rare_shares_hold_too(self, share: float, lift: float) -> None:
        chance = np.random.default_rng(14)
        holds, methods = 0, set()
        for _ in range(600):
            arms = [
                [moments_of(y=(chance.random(n) < p).astype(float))] for n, p in ((900, share + lift), (300, share))
            ]
            found = effect_of(kind="share", unit="person", treated=arms[0], held_out=arms[1])
            assert found is not None
            methods.add(found.method)
            holds += found.low <= lift <= found.high

        assert "newcombe" in methods
        assert holds / 600 > 0.925

    def test_of_fewer_than_a_hundred_nothing_is_said(self) -> None:
        many, few = (moments_of(y=np.tile([0.0, 1.0], n // 2)) for n in (500, 98))

        assert effect_of(kind="share", unit="person", treated=[many], held_out=[few]) is None
        assert effect_of(kind="share", unit="person", treated=[many], held_out=[]) is None
        assert effect_of(kind="share", unit="group", treated=[many], held_out=[few]) is not None


class TestWhatWasBefore:
    @pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9])
    def test_takes_away_the_square_of_the_correlation(self, correlation: float) -> None:
        chance = np.random.default_rng(15)
        arms = []
        for _ in range(2):
            x = chance.normal(size=20_000)
            arms.append(moments_of(y=correlation * x + (1 - correlation**2) ** 0.5 * chance.normal(size=20_000), x=x))

        found = difference_of(treated=[arms[0]], held_out=[arms[1]])

        # Deng, Xu, Kohavi & Walker (2013), equation 4: the variance falls to 1 - correlation^2.
        assert found is not None
        assert found.narrowing == pytest.approx(correlation**2, abs=0.015)

    def test_bends_nothing_when_the_arms_differed_before(self) -> None:
        y, x = np.array([3.0, 5, 7, 9]), np.array([1.0, 2, 3, 4])
        shifted = difference_of(treated=[moments_of(y=y + 2, x=x + 1)], held_out=[moments_of(y=y, x=x)])

        # Two more after the draw, of which all is explained by the one more before: slope 2.
        assert shifted is not None
        assert (shifted.raw, shifted.theta) == pytest.approx((2.0, 2.0))
        assert shifted.value == pytest.approx(0.0)


class TestChangedShares:
    def test_people_of_different_days_are_not_compared_with_each_other(self) -> None:
        # In the first weeks half buy and 10 % are held out, then a tenth buy and half are held out: pooled, holding out seems to harm.
        def arm(n: int, share: float) -> Moments:
            return moments_of(y=(np.arange(n) < round(n * share)).astype(float))

        treated = [arm(9_000, 0.5), arm(1_000, 0.1)]
        held_out = [arm(1_000, 0.5), arm(1_000, 0.1)]
        pooled = difference_of(
            treated=[arm(10_000, (4_500 + 100) / 10_000)], held_out=[arm(2_000, (500 + 100) / 2_000)]
        )

        found = difference_of(treated=treated, held_out=held_out)

        assert found is not None
        assert pooled is not None
        assert found.value == pytest.approx(0, abs=1e-12)
        assert pooled.value == pytest.approx(0.16)

    def test_intervals_hold_over_two_sets_of_shares(self) -> None:
        chance = np.random.default_rng(16)
        holds = 0
        for _ in range(400):
            sides: list[list[Moments]] = [[], []]
            for usual, sizes in ((0.2, (1_800, 200)), (0.05, (500, 500))):
                for side, n, lift in zip(sides, sizes, (0.03, 0.0), strict=True):
                    y, x = people(chance, n, lift=lift, usual=usual)
                    side.append(moments_of(y=y, x=x))
            found = effect_of(kind="share", unit="person", treated=sides[0], held_out=sides[1])
            assert found is not None
            holds += found.low <= 0.03 <= found.high

        assert 0.92 < holds / 400 < 0.98


class TestGroups:
    def test_people_of_one_group_are_alike_and_count_as_such(self) -> None:
        """Groups differ in liking and in size, larger ones buy less: only whole groups are independent."""
        chance = np.random.default_rng(17)
        holds, naive = 0, 0
        for _ in range(400):
            arms = []
            for n, lift in ((180, 0.02), (60, 0.0)):
                sizes = chance.integers(10, 51, n)
                liking = np.clip(chance.beta(2, 18, n) - sizes / 1_000 + 0.03, 0, 1)
                bought = chance.binomial(sizes, np.clip(liking + lift, 0, 1))
                arms.append((moments_of(y=bought.astype(float), sizes=sizes.astype(float)), bought, sizes))
            found = effect_of(kind="share", unit="group", treated=[arms[0][0]], held_out=[arms[1][0]])
            assert found is not None
            holds += found.low <= 0.02 <= found.high
            low, high = share_difference(
                first=(arms[0][1].sum(), arms[0][2].sum()),
                second=(arms[1][1].sum(), arms[1][2].sum()),
                width=normal_width(),
            )
            naive += low <= 0.02 <= high

        assert 0.92 < holds / 400 < 0.98
        assert naive / 400 < 0.85

    def test_groups_of_one_are_people(self) -> None:
        chance = np.random.default_rng(18)
        y, x = people(chance, 500)

        assert a_head(moments_of(y=y, x=x, sizes=np.ones(500))) == a_head(moments_of(y=y, x=x))

    def test_a_mean_a_person_is_that_of_the_people_not_of_the_groups(self) -> None:
        found = a_head(moments_of(y=np.array([1.0, 30.0]), sizes=np.array([10.0, 50.0])))

        assert found.mean == pytest.approx(31 / 60)
        assert list(accumulate([found.units, found.people])) == [2, 62]
