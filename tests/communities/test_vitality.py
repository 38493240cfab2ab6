"""How alive groups are: the intervals hold the truth, silence is told from not knowing, and the merchants' rule is a special case."""

from __future__ import annotations

import numpy as np
import pytest

from tests.communities.pond import SIGNS, Pond, made_up
from yutang.communities.methods.belief import Drift, chance_below, flat, packed, quantiles, steps_of, unpacked
from yutang.communities.methods.evidence import RATES, is_dead_by_packets, seen_logs
from yutang.communities.methods.filtering import Asked, Day, daily_change, foreseen, next_day, told
from yutang.communities.methods.judging import DEAD, DYING, FORMING, QUIET, Found, Marks, life_of
from yutang.communities.methods.learning import learned_rates

STEPS = steps_of(Drift())


def held(pond: Pond, *, after: int = 7) -> tuple[float, float, float]:
    """Return how often the 90 % interval held the truth, how wide it was, and how far off the mean was."""
    belief = flat(pond.truth.shape[1])
    hits, widths, errors = [], [], []
    for at, day in enumerate(pond.days):
        belief = next_day(belief, day, steps=STEPS)
        if at >= after:
            found, truth = told(belief), pond.truth[at]
            hits.append(((truth >= found.low) & (truth <= found.high)).mean())
            widths.append((found.high - found.low).mean())
            errors.append(np.abs(found.share - truth).mean())
    return float(np.mean(hits)), float(np.mean(widths)), float(np.mean(errors))


def packets(n: int, packets: int, minutes: float, *, takers: int = -1, all_taken: bool = False) -> Day:
    asked = Asked(
        rows=np.array([0]), by_packets=np.array([True]), members=np.array([float(n)]), packets=np.array([float(packets)]),
        takers=np.array([float(takers)]), all_taken=np.array([all_taken]), minutes=np.array([minutes]),
    )  # fmt: skip
    return Day(members=np.array([float(n)]), joined=np.zeros(1), asked=asked)


class TestIntervals:
    # Seeds 1 and 2 were used to choose how fast shares move; these were not.
    @pytest.mark.parametrize("seed", [201, 202, 203])
    @pytest.mark.parametrize(
        ("heard", "probes_every"), [(SIGNS, 30), (SIGNS, 7), (("orders",), 20), (("messages", "orders"), 0)]
    )
    def test_of_nine_in_ten_hold_the_truth(self, seed: int, heard: tuple[str, ...], probes_every: int) -> None:
        hits, width, error = held(made_up(seed=seed, groups=400, heard=heard, probes_every=probes_every))

        assert 0.85 <= hits <= 0.95
        # An interval that says nothing holds everything; these say something, and more the more is seen.
        assert width < (0.35 if heard == SIGNS else 0.6)
        assert error < (0.08 if heard == SIGNS else 0.13)

    def test_are_kept_and_read_again(self) -> None:
        belief = next_day(flat(3), made_up(seed=7, groups=3, days=1).days[0], steps=STEPS)

        assert np.allclose(unpacked(packed(belief)), belief, atol=1e-4)

    def test_exact_within_a_cell(self) -> None:
        even = flat(1)

        assert quantiles(even, 0.05)[0] == pytest.approx(0.05)
        assert chance_below(even, 1 / 3)[0] == pytest.approx(1 / 3)


class TestRuleOfMerchants:
    """100 packets that are not taken within 5-6 minutes in a group of 300 and more mean a dead one."""

    @pytest.mark.parametrize("members", [300, 320, 400, 500])
    @pytest.mark.parametrize("minutes", [5, 6])
    @pytest.mark.parametrize("all_taken", [True, False])
    def test_is_what_the_model_says_where_nothing_else_is_known(
        self, members: int, minutes: int, all_taken: bool
    ) -> None:
        belief = next_day(flat(1), packets(members, 100, minutes, all_taken=all_taken), steps=np.eye(len(STEPS)))
        found = told(belief)
        chance = float(chance_below(belief, 1 / 3)[0])
        life = life_of(
            Found(members, 90, float(found.share[0]), float(found.low[0]), float(found.high[0]), chance, chance, float(found.share[0])), Marks()
        )  # fmt: skip

        ruled = is_dead_by_packets(members=members, packets=100, minutes=minutes, were_all_taken=all_taken)

        assert ruled is (not all_taken)
        assert (life == DEAD) is ruled

    def test_says_nothing_of_small_groups(self) -> None:
        assert is_dead_by_packets(members=120, packets=100, minutes=5, were_all_taken=False) is None


class TestEvidence:
    def test_without_mistakes_is_the_binomial_of_those_who_pay_attention(self) -> None:
        logs = seen_logs(seen=np.array([3.0]), members=np.array([50.0]), attentive=0.3, others=0.0)[0]
        # Share 0.21 is cell 10: 10.5 of 50 pay attention. 10.5 x 9.5 x 8.5 / 6 x 0.3^3 x 0.7^7.5 = 0.2629.
        assert np.exp(logs[10]) == pytest.approx(0.2629, abs=1e-4)

    def test_silence_tells_and_not_knowing_does_not(self) -> None:
        silent, unknown = np.zeros(2), np.full(2, np.nan)
        belief = flat(2)
        for _ in range(21):
            seen = {"messages": np.array([silent[0], unknown[0]])}
            belief = next_day(belief, Day(np.full(2, 30.0), np.zeros(2), seen), steps=STEPS)
        found = told(belief)

        assert found.high[0] < 0.25
        assert found.low[1] < 0.15
        assert found.high[1] > 0.85

    def test_newcomers_move_the_share_by_their_part(self) -> None:
        low = next_day(flat(1), packets(30, 10, 5, takers=0), steps=STEPS)
        after = next_day(low, Day(np.array([60.0]), np.array([30.0])), steps=STEPS)

        assert told(after).share[0] == pytest.approx((told(low).share[0] + 0.6) / 2, abs=0.02)

    def test_rates_are_learned_from_probed_groups_and_little_from_few(self) -> None:
        days, attentive = 400, 20.0
        members, seen = np.full(days, 40.0), {"messages": np.full(days, 2.0)}
        learned = learned_rates(seen=seen, members=members, attentive=np.full(days, attentive))["messages"].attentive
        few = learned_rates(
            seen={"messages": np.full(3, 2.0)}, members=np.full(3, 40.0), attentive=np.full(3, attentive)
        )["messages"].attentive

        # 2 of 20 a day, less one in a thousand of the others: 0.099; 8,000 member-days against 3,000 given ones.
        assert learned == pytest.approx((0.099 * 8_000 + 0.06 * 3_000) / 11_000, rel=1e-6)
        assert abs(few - RATES["messages"].attentive) < 0.002


class TestForecast:
    def test_a_fall_goes_on_for_a_while_and_widens(self) -> None:
        belief = next_day(flat(1), packets(50, 50, 5, takers=25), steps=STEPS)
        falling = np.linspace(0.8, 0.5, 14)[None, :]

        ahead = foreseen(belief, daily_change=daily_change(falling), days=14, drift=Drift())
        still = foreseen(belief, daily_change=np.zeros(1), days=14, drift=Drift())

        assert told(ahead).share[0] < told(still).share[0] - 0.08
        assert told(still).high[0] - told(still).low[0] > told(belief).high[0] - told(belief).low[0]


class TestStates:
    def test_follow_from_share_certainty_and_course(self) -> None:
        def life(share: float, chance: float, ahead_chance: float, ahead: float, **more: object) -> str:
            given = {"members": 40, "age_days": 60, "low": share - 0.1, "high": share + 0.1, **more}
            return life_of(
                Found(share=share, chance_dead=chance, chance_dead_ahead=ahead_chance, ahead=ahead, **given), Marks()
            )  # type: ignore[arg-type]

        assert life(0.2, 0.97, 0.97, 0.2) == DEAD
        assert life(0.3, 0.6, 0.7, 0.3) == DYING
        assert life(0.45, 0.1, 0.7, 0.3) == DYING
        assert life(0.45, 0.1, 0.2, 0.45) == QUIET
        assert life(0.6, 0.0, 0.0, 0.6) == "alive"
        assert life(0.48, 0.0, 0.0, 0.48, was="alive") == "alive"
        assert life(0.6, 0.0, 0.0, 0.6, age_days=3) == FORMING
        assert life(0.5, 0.3, 0.3, 0.5, low=0.1, high=0.9) == FORMING
