"""The gambler's capital: its guarantee, its power, the worked numbers, and that waiting in favour of a programme is harmless."""

from __future__ import annotations

import numpy as np
import pytest

from yutang.economics.methods.betting import (
    BLOCK,
    gains_of_costs,
    gains_of_too_few,
    gains_of_too_many,
    log_capital,
    share_within,
)


def counts_along(happened: np.ndarray) -> np.ndarray:
    """Return counts of (no, yes) by block after each newcomer, shape (n, blocks, 2), of one sequence."""
    n = len(happened)
    came = np.tril(np.ones((n, n), dtype=bool))
    edges = np.arange(0, n, BLOCK)
    yes = np.add.reduceat((came & happened[None, :]).astype(float), edges, axis=1)
    no = np.add.reduceat((came & ~happened[None, :]).astype(float), edges, axis=1)
    return np.stack([no, yes], axis=-1)


class TestCapital:
    def test_begins_with_one(self) -> None:
        assert log_capital(counts=np.zeros((0, 2)), gains=[0.1, -0.1]) == 0
        assert log_capital(counts=[[0, 0]], gains=[0.1, -0.1]) == pytest.approx(0)

    def test_has_a_mean_of_one_where_the_claim_just_holds(self) -> None:
        # Every sequence of 8 with its chance: a martingale is worth 1 on average, to the last digit.
        gains = gains_of_too_few(happened=[0, 1], least=0.3)
        mean = 0.0
        for code in range(256):
            yes = code.bit_count()
            counts = np.array([[8 - yes, yes]])
            mean += 0.3**yes * 0.7 ** (8 - yes) * float(np.exp(log_capital(counts=counts, gains=gains)))

        assert mean == pytest.approx(1, abs=1e-9)

    def test_a_bet_of_half_on_one_outcome_is_the_textbook_product(self) -> None:
        # Betting the part f that something happens to more than half, n times in a row, gives (1 + f)^n; averaged over the parts.
        parts = np.sin((np.arange(24) + 0.5) * np.pi / 48) ** 2 * 0.999
        expected = np.log(0.5 * np.mean((1 + parts) ** 10) + 0.5)
        gains = gains_of_too_many(happened=[0, 1], most=0.5)

        assert float(log_capital(counts=[[0, 10]], gains=gains)) == pytest.approx(expected)

    def test_refuses_a_bet_that_could_lose_more_than_it_is(self) -> None:
        with pytest.raises(ValueError, match="cannot lose"):
            log_capital(counts=[[1]], gains=[-1.5])

    @pytest.mark.parametrize("least", [0.1, 0.5, 0.9])
    def test_seldom_reaches_its_threshold_however_often_one_looks(self, least: float) -> None:
        chance = np.random.default_rng(1)
        reached = 0
        for _ in range(300):
            along = log_capital(
                counts=counts_along(chance.random(250) < least), gains=gains_of_too_few(happened=[0, 1], least=least)
            )
            reached += bool((along >= np.log(20)).any())

        assert reached / 300 <= 0.05

    def test_finds_what_is_bad_from_the_beginning(self) -> None:
        chance = np.random.default_rng(2)
        gains = gains_of_too_few(happened=[0, 1], least=0.5)
        places = [
            int(np.argmax(log_capital(counts=counts_along(chance.random(200) < 0.15), gains=gains) >= np.log(100)))
            for _ in range(50)
        ]

        assert 0 < np.median(places) < 40

    def test_finds_what_turns_bad_later_soon_after(self) -> None:
        chance = np.random.default_rng(3)
        gains = gains_of_too_few(happened=[0, 1], least=0.5)
        happened = np.concatenate([chance.random(600) < 0.8, chance.random(200) < 0.1])
        along = log_capital(counts=counts_along(happened), gains=gains)
        # Whoever began with the first newcomer has lost too much by then to notice it in time.
        early = np.cumsum(np.where(happened, -0.5, 0.5))

        assert not (along[:600] >= np.log(20)).any()
        assert (along[600:700] >= np.log(20)).any()
        assert early[700] < 0

    def test_who_is_not_decided_never_raises_it_above_the_truth(self) -> None:
        gains = gains_of_costs(costs=[1500, 1500], kept=[0, 1], worth=4000)
        truth = log_capital(counts=[[30, 20]], gains=gains)

        for open_ in range(1, 31):
            assert log_capital(counts=[[30 - open_, 20 + open_]], gains=gains) <= truth

    def test_costs_that_differ_are_weighed_by_their_amount(self) -> None:
        cheap = gains_of_costs(costs=[100.0], kept=[0], worth=1000)
        dear = gains_of_costs(costs=[900.0], kept=[0], worth=1000)

        assert log_capital(counts=[[20]], gains=dear) > log_capital(counts=[[20]], gains=cheap) > 0


class TestInterval:
    def test_worked_number(self) -> None:
        # Where the evidence against a share is just 20: solved here by the formula itself, for 6 of 10.
        from scipy.special import betaln

        (low,), (high,) = share_within(least=[6], most=[6], n=[10], risk=0.05)
        for p in (low, high):
            capital = betaln(6.5, 4.5) - betaln(0.5, 0.5) - 6 * np.log(p) - 4 * np.log(1 - p)
            assert capital == pytest.approx(np.log(20), abs=1e-6)
        assert (round(low, 3), round(high, 3)) == (0.178, 0.931)

    def test_is_everything_without_anybody(self) -> None:
        low, high = share_within(least=[0], most=[0], n=[0], risk=0.05)

        assert (low[0], high[0]) == (0, 1)

    def test_holds_the_truth_at_all_times_together(self) -> None:
        chance = np.random.default_rng(4)
        missed = 0
        for _ in range(300):
            k = np.cumsum(chance.random(300) < 0.35)
            low, high = share_within(least=k, most=k, n=np.arange(1, 301), risk=0.05)
            missed += bool(((low > 0.35) | (high < 0.35)).any())

        assert missed / 300 <= 0.05

    def test_who_is_not_decided_widens_it(self) -> None:
        (low,), (high,) = share_within(least=[20], most=[20], n=[50], risk=0.05)
        (lower,), (higher,) = share_within(least=[20], most=[35], n=[50], risk=0.05)

        assert lower == pytest.approx(low)
        assert higher > high
