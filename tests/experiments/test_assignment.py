"""Who falls into which arm: stable, as large as the shares, independent between experiments, the same one by one and all at once."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc

from yutang.experiments.assignment import WHOLE, arm_of_group, arm_of_person, arms_of_people, cuts_of

SALT, OTHER = bytes(range(32)), bytes(range(1, 33))
TENTH = [1_000, 9_000]

shares = st.lists(st.integers(1, 50), min_size=2, max_size=5).map(
    lambda weights: [*(WHOLE * w // sum(weights) for w in weights[1:]), 0]
).map(lambda parts: [*parts[:-1], WHOLE - sum(parts)])  # fmt: skip


class TestArms:
    @given(
        salt=st.binary(min_size=32, max_size=32),
        people=st.lists(st.integers(0, 2**62), max_size=40) | st.lists(st.integers(0, 60), max_size=40),
        shares=shares,
    )
    @settings(max_examples=150, deadline=None)
    def test_a_column_of_people_falls_as_each_does_alone(
        self, salt: bytes, people: list[int], shares: list[int]
    ) -> None:
        alone = [arm_of_person(salt=salt, customer_id=person, shares=shares) for person in people]

        together = arms_of_people(salt=salt, customer_ids=np.array(people, dtype=np.int64), shares=shares)

        assert together.tolist() == alone

    def test_the_same_person_falls_the_same_for_ever(self) -> None:
        # Worked out once: what is kept in the store was drawn by these.
        arms = arms_of_people(salt=SALT, customer_ids=np.arange(40), shares=[3_000, 7_000])
        groups = [arm_of_group(salt=SALT, group_key=f"wr{n}", shares=[3_000, 7_000]) for n in range(12)]

        assert "".join(map(str, arms)) == KNOWN_PEOPLE
        assert "".join(map(str, groups)) == KNOWN_GROUPS

    @pytest.mark.parametrize("drawn", [TENTH, [2_000, 4_000, 4_000], [9_500, 500]])
    def test_arms_are_as_large_as_their_shares(self, drawn: list[int]) -> None:
        n = 200_000
        counts = np.bincount(arms_of_people(salt=SALT, customer_ids=np.arange(n), shares=drawn), minlength=len(drawn))

        expected = np.array(drawn) / WHOLE * n
        assert chdtrc(len(drawn) - 1, ((counts - expected) ** 2 / expected).sum()) > 0.001

    def test_people_with_neighbouring_keys_have_nothing_to_do_with_each_other(self) -> None:
        arms = arms_of_people(salt=SALT, customer_ids=np.arange(200_000), shares=[5_000, 5_000]).astype(float)

        for apart in (1, 2, 7, 8, 9):
            correlation = np.corrcoef(arms[:-apart], arms[apart:])[0, 1]
            assert abs(correlation) < 4 / sqrt(len(arms))

    def test_who_is_held_out_of_one_experiment_tells_nothing_of_another(self) -> None:
        people = np.arange(200_000)
        first, second = (
            arms_of_people(salt=salt, customer_ids=people, shares=[5_000, 5_000]) for salt in (SALT, OTHER)
        )

        assert abs(np.corrcoef(first, second)[0, 1]) < 4 / sqrt(len(people))

    def test_shares_are_exact_to_one_point_in_2_to_the_64(self) -> None:
        assert cuts_of([1_000, 9_000]) == [2**64 // 10]
        assert cuts_of([2_500, 2_500, 5_000]) == [2**62, 2**63]

    @pytest.mark.parametrize("wrong", [[1_000, 8_000], [0, 10_000], [-1, 10_001], [5_000, 5_001]])
    def test_shares_that_do_not_add_up_are_a_fault(self, wrong: list[int]) -> None:
        with pytest.raises(ValueError, match="do not add up"):
            cuts_of(wrong)


KNOWN_PEOPLE = "1011111000111111101111110110111111011011"
KNOWN_GROUPS = "011111111101"
