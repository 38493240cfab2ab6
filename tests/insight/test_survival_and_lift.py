"""Time to the second order with those still open, and what follows what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.insight.methods.lift import chance_of, lift_of, most_likely_true
from yutang.insight.methods.survival import day_reached, share_reached, survival_steps

# Remission of leukaemia in weeks under 6-MP, 21 patients (Freireich et al. 1963, as in Kalbfleisch & Prentice): + is censored.
# 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+
WEEKS = (6, 7, 9, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 34, 35)
EVENTS = (3, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0)
CENSORED = (1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 2, 1, 1)


class TestSurvivalSteps:
    def test_give_the_published_estimate(self) -> None:
        steps = survival_steps(days=WEEKS, events=EVENTS, censored=CENSORED)

        published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
        assert {step.day: round(step.waiting, 3) for step in steps} == published
        assert day_reached(steps, share=0.5) == 23
        assert day_reached(steps, share=0.75) is None
        assert share_reached(steps, day=12) == pytest.approx(1 - 0.753, abs=5e-4)
        # The log(-log) interval of the first step, as R's survfit(conf.type = "log-log") prints it.
        assert (steps[0].low, steps[0].high) == (pytest.approx(0.620, abs=5e-4), pytest.approx(0.952, abs=5e-4))

    @given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
    def test_are_plain_shares_where_nobody_is_still_open(self, days: list[int]) -> None:
        distinct = sorted(set(days))

        steps = survival_steps(
            days=distinct, events=[days.count(day) for day in distinct], censored=[0] * len(distinct)
        )

        for step in steps:
            assert step.waiting == pytest.approx(sum(day > step.day for day in days) / len(days))

    def test_of_those_who_only_wait_are_none(self) -> None:
        steps = survival_steps(days=[4, 9], events=[0, 0], censored=[3, 5])

        assert steps == ()
        assert day_reached(steps, share=0.5) is None
        assert share_reached(steps, day=30) == 0.0


class TestLift:
    def test_is_the_share_by_the_usual_share(self) -> None:
        found = lift_of(both=30, first=100, second=150, everybody=1000)

        assert found.ratio == 0.3
        assert found.lift == pytest.approx(2.0)
        # Wilson's lower end for 30 of 100 is 0.2189.
        assert found.low == pytest.approx(0.2189 / 0.15, abs=1e-3)

    def test_refuses_impossible_counts(self) -> None:
        with pytest.raises(ValueError, match="impossible"):
            lift_of(both=5, first=4, second=9, everybody=10)

    def test_has_the_chance_of_the_binomial_tail(self) -> None:
        # 3 or more heads of 4 fair coins: 5/16. Nobody bought it: certain.
        assert chance_of(both=3, first=4, second=50, everybody=100) == pytest.approx(5 / 16)
        assert chance_of(both=0, first=4, second=50, everybody=100) == 1.0


class TestMostLikelyTrue:
    def test_follows_the_published_example(self) -> None:
        # Benjamini & Hochberg (1995), section 3.2: 15 p-values, q = .05; the four smallest are told.
        chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
            1.0,
        ]  # fmt: skip

        assert most_likely_true(chances, tested=15, false_ratio=0.05) == [True] * 4 + [False] * 11

    def test_counts_what_was_looked_at_in_vain(self) -> None:
        assert most_likely_true([0.004], tested=10, false_ratio=0.05) == [True]
        assert most_likely_true([0.004], tested=100, false_ratio=0.05) == [False]
