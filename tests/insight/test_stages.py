from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.stages import (
    STAGES,
    Chances,
    chances_of,
    shop_pace,
    stage_codes,
    stage_reason,
    usual_pauses,
)
from yutang.insight.models import Stage


def stage_for(*, order_days: int, silent: int = 0, rhythm: int = 0, typical: int = 30) -> str:
    codes = stage_codes(
        order_days=np.array([order_days]),
        recency_days=np.array([silent]),
        rhythm_days=np.array([rhythm]),
        typical_days=typical,
    )
    return STAGES[codes[0]]


class TestStageCodes:
    def test_names_are_those_of_the_model(self) -> None:
        assert set(STAGES) == set(Stage.values)

    @pytest.mark.parametrize(
        ("order_days", "silent", "rhythm", "stage"),
        [
            (0, 0, 0, "prospect"),
            (1, 0, 0, "new"),
            (1, 90, 0, "new"),
            (1, 91, 0, "at_risk"),
            (1, 181, 0, "asleep"),
            (1, 361, 0, "lost"),
            (2, 60, 10, "growing"),
            (2, 61, 10, "at_risk"),
            (3, 60, 15, "growing"),
            (3, 61, 15, "at_risk"),
            (4, 45, 10, "loyal"),
            (4, 46, 10, "at_risk"),
            (4, 91, 10, "asleep"),
            (40, 21, 1, "loyal"),
            (40, 22, 1, "at_risk"),
            (5, 450, 180, "loyal"),
        ],
    )
    def test_follows_the_own_rhythm(self, order_days: int, silent: int, rhythm: int, stage: str) -> None:
        assert stage_for(order_days=order_days, silent=silent, rhythm=rhythm) == stage

    @given(
        order_days=st.integers(1, 50),
        silent=st.integers(0, 2000),
        rhythm=st.integers(0, 400),
        typical=st.integers(1, 400),
    )
    def test_a_longer_silence_never_wakes(self, order_days: int, silent: int, rhythm: int, typical: int) -> None:
        order = ["loyal", "growing", "new", "at_risk", "asleep", "lost"]
        now = stage_for(order_days=order_days, silent=silent, rhythm=rhythm, typical=typical)
        later = stage_for(order_days=order_days, silent=silent + 1, rhythm=rhythm, typical=typical)

        assert order.index(later) >= order.index(now)


class TestUsualPauses:
    def test_count_the_shops_pause_as_one_of_the_own(self) -> None:
        pauses = usual_pauses(
            order_days=np.array([1, 2, 2, 3, 9]), rhythm_days=np.array([0, 6, 90, 12, 1]), typical_days=30
        )

        assert pauses.tolist() == [30, 18, 60, 18, 7]


class TestShopPace:
    def test_is_the_median_of_rhythms(self) -> None:
        pace = shop_pace(rhythm_days=np.array([10, 20, 31]), buyers=12)

        assert (pace.typical_days, pace.repeat_ratio, pace.repeaters) == (20, 0.25, 3)

    def test_has_an_answer_without_repeaters(self) -> None:
        assert shop_pace(rhythm_days=np.array([], dtype=np.int64), buyers=0).typical_days == 60


class TestStageReason:
    def test_says_the_customers_own_numbers(self) -> None:
        reason = stage_reason(
            stage="at_risk",
            order_days=6,
            recency_days=95,
            rhythm_days=30,
            last_order_date=date(2024, 3, 1),
            typical_days=40,
        )

        assert str(reason) == "No order for 95 days, usually one about every 30 days."

    @given(order_days=st.integers(0, 6), silent=st.integers(0, 900), rhythm=st.integers(0, 90))
    def test_can_always_be_said(self, order_days: int, silent: int, rhythm: int) -> None:
        stage = stage_for(order_days=order_days, silent=silent, rhythm=rhythm)
        reason = stage_reason(
            stage=stage,
            order_days=order_days,
            recency_days=silent if order_days else None,
            rhythm_days=rhythm if order_days > 1 else None,
            last_order_date=date(2024, 3, 1) if order_days else None,
            typical_days=30,
        )

        assert "%" not in str(reason)


class TestStagesByAModel:
    def stage(self, *, order_days: int, silent: int, alive: float, window: float, rhythm: int = 30) -> str:
        codes = stage_codes(
            order_days=np.array([order_days]),
            recency_days=np.array([silent]),
            rhythm_days=np.array([rhythm]),
            typical_days=30,
            chances=Chances(np.array([alive]), np.array([window])),
        )
        return STAGES[codes[0]]

    @pytest.mark.parametrize(
        ("order_days", "silent", "alive", "window", "stage"),
        [
            (0, 0, 1.0, 10, "prospect"),
            (1, 90, 1.0, 5, "new"),
            (1, 91, 1.0, 999, "at_risk"),
            (2, 200, 0.9, 300, "growing"),
            (4, 200, 0.9, 300, "loyal"),
            (4, 301, 0.9, 300, "at_risk"),
            (4, 20, 0.49, 300, "at_risk"),
            (4, 20, 0.24, 300, "asleep"),
            (4, 20, 0.09, 300, "lost"),
        ],
    )
    def test_follow_the_chance_and_the_window_of_who_came_back(
        self, order_days: int, silent: int, alive: float, window: float, stage: str
    ) -> None:
        assert self.stage(order_days=order_days, silent=silent, alive=alive, window=window) == stage

    @given(
        order_days=st.integers(1, 50),
        silent=st.integers(0, 2000),
        active=st.integers(0, 2000),
        parameters=st.tuples(*[st.floats(0.1, 8)] * 4),
    )
    def test_a_longer_silence_never_wakes(
        self, order_days: int, silent: int, active: int, parameters: tuple[float, float, float, float]
    ) -> None:
        order = ["loyal", "growing", "new", "at_risk", "asleep", "lost"]
        found = []
        for days in (silent, silent + 1):
            history = {"order_days": np.array([order_days]), "recency_days": np.array([days])}
            chances = chances_of(
                model=BgNbd(*parameters), **history, active_days=np.array([active if order_days > 1 else 0])
            )
            codes = stage_codes(**history, rhythm_days=np.array([9]), typical_days=30, chances=chances)
            found.append(order.index(STAGES[codes[0]]))

        assert found[1] >= found[0]

    @pytest.mark.parametrize(
        ("stage", "silent", "window", "words"),
        [
            ("loyal", 5, 60.0, "Ordered on 6 days, last 5 days ago; the chance to be a customer still is 34%."),
            (
                "at_risk",
                95,
                60.9,
                "No order for 95 days, though nine in ten like this one order again within 60 days; the chance to be a "
                "customer still is 34%.",
            ),
            (
                "asleep",
                95,
                200.0,
                "No order for 95 days, usually one about every 30 days; the chance to be a customer still is 34%.",
            ),
        ],
    )
    def test_reasons_say_chance_and_window(self, stage: str, silent: int, window: float, words: str) -> None:
        reason = stage_reason(
            stage=stage,
            order_days=6,
            recency_days=silent,
            rhythm_days=30,
            last_order_date=date(2024, 3, 1),
            typical_days=40,
            alive=0.341,
            window_days=window,
        )

        assert str(reason) == words

    def test_a_warning_leaves_out_a_chance_that_would_deny_it(self) -> None:
        def reason(alive: float) -> str:
            return str(
                stage_reason(
                    stage="at_risk",
                    order_days=6,
                    recency_days=95,
                    rhythm_days=30,
                    last_order_date=date(2024, 3, 1),
                    typical_days=40,
                    alive=alive,
                    window_days=60.9,
                )
            )

        assert reason(0.99) == "No order for 95 days, though nine in ten like this one order again within 60 days."
        assert "84%" in reason(0.84)
