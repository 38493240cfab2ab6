"""How forecasts are held against what happened."""

from __future__ import annotations

import numpy as np
import pytest

from yutang.insight.methods.forecasts import by_frequency, forecast_check, naive_forecasts


class TestForecastCheck:
    def test_by_hand(self) -> None:
        found = forecast_check(actual=np.array([0, 2, 4]), expected=np.array([1.0, 2.0, 6.0]))

        assert (found.expected, found.bias, found.mae) == (9.0, 0.5, 1.0)
        assert found.correlation == pytest.approx(5 * 2 / np.sqrt(8 * 14))

    def test_nothing_that_varies_has_no_correlation(self) -> None:
        assert forecast_check(actual=np.array([0, 2]), expected=np.array([1.0, 1.0])).correlation is None

    def test_nothing_that_happened_has_no_bias(self) -> None:
        assert forecast_check(actual=np.array([0, 0]), expected=np.array([1.0, 0.0])).bias is None


class TestNaiveForecasts:
    def test_by_hand(self) -> None:
        found = naive_forecasts(x=np.array([0, 3, 0]), T=np.array([10.0, 20.0, 0.0]), ahead=5)

        assert found["as_before"].tolist() == [0, 0.75, 0]
        assert found["all_alike"].tolist() == [0.5, 0.5, 0.5]
        assert found["nothing"].sum() == 0


class TestByFrequency:
    def test_puts_many_together_and_leaves_out_what_is_empty(self) -> None:
        found = by_frequency(x=np.array([0, 0, 2, 7, 40]), actual=np.array([0, 1, 1, 4, 6]), expected=np.full(5, 2.0))

        assert [(each.x, each.customers, each.actual, each.expected) for each in found] == [
            (0, 2, 0.5, 2.0),
            (2, 1, 1.0, 2.0),
            (7, 2, 5.0, 2.0),
        ]
