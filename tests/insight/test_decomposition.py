"""The split of a difference into factors: always adds up, blames only what changed, treats factors alike."""

from __future__ import annotations

from fractions import Fraction
from math import log

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from yutang.insight.methods.decomposition import METHODS, LadderIsBroken, Method, ladder_effects, whole_parts

counts = st.integers(0, 10_000)
positive = st.integers(1, 10_000)
methods = st.sampled_from(METHODS)


@st.composite
def ladders(draw: st.DrawFn, rungs: int) -> tuple[int, ...]:
    """A ladder that may end early: after a zero everything is zero; sales may be negative."""
    made = [draw(counts) for _ in range(rungs - 1)]
    made.append(draw(st.integers(-1_000_000, 100_000_000)))
    for place in range(1, rungs):
        if made[place - 1] == 0:
            made[place] = 0
    return tuple(made)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    rungs = draw(st.integers(1, 4))
    return draw(ladders(rungs)), draw(ladders(rungs))


class TestLadderEffects:
    @given(pair=pairs(), method=methods)
    def test_always_add_up_to_the_difference(
        self, pair: tuple[tuple[int, ...], tuple[int, ...]], method: Method
    ) -> None:
        before, after = pair

        assert sum(ladder_effects(before=before, after=after, method=method)) == after[-1] - before[-1]

    @given(factors=st.lists(positive, min_size=4, max_size=4), place=st.integers(0, 3), now=positive, method=methods)
    def test_give_everything_to_the_only_factor_that_changed(
        self, factors: list[int], place: int, now: int, method: Method
    ) -> None:
        assume(factors[place] != now)
        changed = [now if each == place else factor for each, factor in enumerate(factors)]
        before, after = _rungs(factors), _rungs(changed)

        effects = ladder_effects(before=before, after=after, method=method)

        assert effects[place] == pytest.approx(after[-1] - before[-1], abs=1e-3)
        assert all(abs(effect) < 1e-3 for each, effect in enumerate(effects) if each != place)

    @given(pair=pairs())
    def test_of_the_way_back_are_those_of_the_way_with_the_other_sign(
        self, pair: tuple[tuple[int, ...], tuple[int, ...]]
    ) -> None:
        there = ladder_effects(before=pair[0], after=pair[1])

        assert ladder_effects(before=pair[1], after=pair[0]) == tuple(-effect for effect in there)

    @given(factors=st.lists(positive, min_size=3, max_size=3), now=st.lists(positive, min_size=3, max_size=3))
    def test_do_not_depend_on_the_order_of_the_factors(self, factors: list[int], now: list[int]) -> None:
        effects = ladder_effects(before=_rungs(factors), after=_rungs(now))

        turned = ladder_effects(before=_rungs(factors[::-1]), after=_rungs(now[::-1]))

        assert turned == effects[::-1]

    @given(after=ladders(4), method=methods)
    def test_of_a_birth_belong_to_the_first_factor(self, after: tuple[int, ...], method: Method) -> None:
        effects = ladder_effects(before=(0, 0, 0, 0), after=after, method=method)

        assert effects == (after[-1], 0, 0, 0)

    def test_of_a_closed_door_belong_to_the_rate_that_became_zero(self) -> None:
        effects = ladder_effects(before=(1000, 100, 20, 50_000), after=(1000, 100, 0, 0))

        assert effects == (0, 0, -50_000, 0)

    def test_of_two_factors_share_what_they_do_together(self) -> None:
        # Two factors: the mean of the other one times the change; Sun (1998), "Changes in energy consumption and energy
        # intensity: a complete decomposition model": what is created jointly is distributed equally.
        effects = ladder_effects(before=(10, 40), after=(20, 120))

        assert effects == (50, 30)

    def test_by_lmdi_are_logarithmic_means(self) -> None:
        # Equation 5 of Ang (2005) by hand: L(80, 30) ln(40/10), L(80, 30) ln(2/3).
        mean = (80 - 30) / log(80 / 30)

        effects = ladder_effects(before=(10, 30), after=(40, 80), method="lmdi")

        assert [float(effect) for effect in effects] == pytest.approx([mean * log(4), mean * log(2 / 3)])

    def test_refuse_sales_without_orders(self) -> None:
        with pytest.raises(LadderIsBroken):
            ladder_effects(before=(3, 0, 500), after=(3, 4, 900))


class TestWholeParts:
    @given(
        cuts=st.lists(st.fractions(-1_000_000, 1_000_000), min_size=1, max_size=12), total=st.integers(-(10**9), 10**9)
    )
    def test_add_up_and_lie_within_one_unit(self, cuts: list[Fraction], total: int) -> None:
        parts = [*cuts, total - sum(cuts, Fraction())]

        whole = whole_parts(parts, total=total)

        assert sum(whole) == total
        assert all(abs(rounded - part) < 1 for rounded, part in zip(whole, parts, strict=True))

    def test_give_the_odd_unit_to_the_largest_remainder(self) -> None:
        assert whole_parts([Fraction(-7, 3), Fraction(-7, 3), Fraction(-1, 3)], total=-5) == (-2, -2, -1)
        assert whole_parts([Fraction(1, 2), Fraction(1, 2)], total=1) == (1, 0)

    def test_refuse_parts_of_another_whole(self) -> None:
        with pytest.raises(ValueError, match="not a division"):
            whole_parts([Fraction(1), Fraction(1)], total=3)


def _rungs(factors: list[int]) -> tuple[int, ...]:
    rungs, rung = [], 1
    for factor in factors:
        rung *= factor
        rungs.append(rung)
    return tuple(rungs)
