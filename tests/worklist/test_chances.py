from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.worklist.chances import ASSUMED_TOUCHES, chance_after, effect_of, spread_of


def test_nothing_seen_leaves_the_assumption() -> None:
    assert effect_of(touched=0, ordered=0, expected=0.0, spread=0.0) is None
    assert chance_after(assumed=0.1, effect=None) == 0.1


def test_as_many_touches_as_assumed_weigh_as_much() -> None:
    effect = effect_of(touched=ASSUMED_TOUCHES, ordered=50, expected=20.0, spread=0.05)

    assert effect is not None
    assert (effect.ratio, effect.similar_ratio, effect.difference) == (0.5, 0.2, pytest.approx(0.3))
    assert (effect.low, effect.high) == (pytest.approx(0.3 - 0.06408), pytest.approx(0.3 + 0.06408))
    assert effect.is_sure
    assert chance_after(assumed=0.1, effect=effect) == pytest.approx(0.2)


def test_the_spread_is_that_of_two_shares() -> None:
    # 49 of 98, with one of each kind more: a half; and 20 of 100 similar people.
    assert spread_of(touched=98, ordered=49, similar_variance=0.2 * 0.8 / 100) == pytest.approx(
        (0.25 / 98 + 0.0016) ** 0.5
    )


@given(
    touched=st.integers(1, 10**6),
    share=st.floats(0, 1),
    similar=st.floats(0, 1),
    assumed=st.floats(0.01, 1),
)
def test_a_chance_is_a_chance_and_lies_between_assumption_and_difference(
    touched: int, share: float, similar: float, assumed: float
) -> None:
    effect = effect_of(touched=touched, ordered=round(touched * share), expected=touched * similar, spread=0.1)
    chance = chance_after(assumed=assumed, effect=effect)

    assert 0.01 <= chance <= 1
    if effect is not None and effect.difference >= 0.01:
        assert min(assumed, effect.difference) - 1e-9 <= chance <= max(assumed, effect.difference) + 1e-9
