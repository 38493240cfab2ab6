"""Who is added at a moment: shifts, also over midnight, caps, back-ups, fair shares, stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yutang.codes.duty import Duty, OnShift, duty_at, is_within

#: A Wednesday.
TEN = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
LIN, CHEN, WANG = OnShift(1), OnShift(2), OnShift(3, is_backup=True)


def duty(
    *shifts: OnShift,
    at: datetime = TEN,
    came: Mapping[int, int] | None = None,
    store: int | None = None,
    even: bool = False,
) -> Duty:
    return duty_at(shifts, at=at, came=came or {}, store_id=store, is_even=even)


class TestIsWithin:
    @pytest.mark.parametrize(
        ("weekdays", "since", "until", "at", "holds"),
        [
            (127, 540, 1080, TEN, True),
            (127, 540, 1080, TEN.replace(hour=18), False),
            (127, 540, 1080, TEN.replace(hour=9), True),
            (4, 540, 1080, TEN, True),
            (3, 540, 1080, TEN, False),
            (127, 1320, 360, TEN.replace(hour=23), True),
            (127, 1320, 360, TEN.replace(hour=5, minute=59), True),
            (127, 1320, 360, TEN.replace(hour=6), False),
        ],
    )
    def test_a_time_of_the_week(self, weekdays: int, since: int, until: int, at: datetime, holds: bool) -> None:
        assert is_within(weekdays=weekdays, since_minute=since, until_minute=until, at=at) is holds

    def test_after_midnight_it_belongs_to_the_day_on_which_it_began(self) -> None:
        tuesday_night = {"weekdays": 2, "since_minute": 1320, "until_minute": 360}

        assert is_within(**tuesday_night, at=TEN.replace(hour=3))
        assert not is_within(**tuesday_night, at=TEN.replace(hour=23))


class TestDutyAt:
    def test_everybody_who_is_on_shift(self) -> None:
        assert duty(LIN, replace(CHEN, since_minute=720), WANG) == Duty((1,), "staff")

    def test_who_is_away_or_no_longer_serves_is_not_added(self) -> None:
        assert duty(replace(LIN, is_away=True), CHEN).account_ids == (2,)
        assert duty(replace(LIN, is_serving=False), CHEN).account_ids == (2,)

    def test_who_has_enough_for_today_steps_back_and_back_ups_stand_in(self) -> None:
        lin, chen = replace(LIN, daily_cap=5), replace(CHEN, daily_cap=2)

        assert duty(lin, chen, WANG, came={1: 4, 2: 2}) == Duty((1,), "staff")
        assert duty(lin, chen, WANG, came={1: 5, 2: 2}) == Duty((3,), "backups")

    def test_where_nobody_is_on_duty_somebody_is_still_met(self) -> None:
        night = TEN.replace(hour=3)
        day = {"since_minute": 540, "until_minute": 1080}

        assert duty(replace(LIN, **day), replace(CHEN, **day), at=night) == Duty((1, 2), "stretched")
        assert duty(replace(LIN, **day), replace(WANG, **day), at=night) == Duty((3,), "stretched")
        assert duty(replace(LIN, is_serving=False)) == Duty((), "nobody")

    def test_even_means_whoever_has_fewest_today(self) -> None:
        assert duty(LIN, CHEN, OnShift(4), came={1: 3, 4: 1}, even=True).account_ids == (2,)
        assert duty(LIN, CHEN, came={1: 3, 2: 3}, even=True).account_ids == (1, 2)

    def test_at_a_store_its_own_staff_answer_where_it_has_some(self) -> None:
        lin = replace(LIN, store_ids=frozenset({7}))

        assert duty(lin, CHEN, store=7).account_ids == (1,)
        assert duty(lin, CHEN, store=8).account_ids == (1, 2)

    @pytest.mark.parametrize(
        "cannot", [{"daily_cap": 2}, {"is_away": True}, {"since_minute": 720}, {"is_serving": False}]
    )
    def test_at_a_store_others_answer_when_its_own_staff_cannot_then_back_ups(self, cannot: dict[str, Any]) -> None:
        lin, chen = replace(LIN, store_ids=frozenset({7})), replace(CHEN, store_ids=frozenset({8}))
        wang = replace(WANG, store_ids=frozenset({8}))

        assert duty(lin, chen, wang, store=7, came={1: 2}) == Duty((1,), "staff")
        assert duty(replace(lin, **cannot), chen, wang, store=7, came={1: 2}) == Duty((2,), "staff")
        assert duty(replace(lin, **cannot), replace(chen, is_away=True), wang, store=7, came={1: 2}) == Duty(
            (3,), "backups"
        )

    def test_where_everybody_is_full_nobody_is_added(self) -> None:
        lin, wang = replace(LIN, daily_cap=2), replace(WANG, daily_cap=1)

        assert duty(lin, wang, came={1: 2, 3: 1}) == Duty((), "full")
        assert duty(lin, wang, came={1: 2}, at=TEN.replace(hour=3)) == Duty((3,), "backups")

    def test_who_stands_in_is_no_one_who_is_full(self) -> None:
        night, day = TEN.replace(hour=3), {"since_minute": 540, "until_minute": 1080}
        lin, chen = replace(LIN, daily_cap=2, **day), replace(CHEN, **day)

        assert duty(lin, chen, at=night, came={1: 2}) == Duty((2,), "stretched")

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.builds(
                OnShift,
                account_id=st.integers(1, 6),
                is_backup=st.booleans(),
                daily_cap=st.one_of(st.none(), st.integers(1, 3)),
                weekdays=st.integers(1, 127),
                since_minute=st.integers(0, 1439),
                until_minute=st.integers(1, 1440),
                is_away=st.booleans(),
                is_serving=st.booleans(),
            ),
            max_size=6,
            unique_by=lambda one: one.account_id,
        ),
        st.dictionaries(st.integers(1, 6), st.integers(0, 4)),
        st.integers(0, 7 * 1440 - 1),
        st.booleans(),
    )
    def test_somebody_who_serves_and_never_who_is_full(
        self, shifts: list[OnShift], came: dict[int, int], minute: int, even: bool
    ) -> None:
        at = datetime(2026, 3, 9 + minute // 1440, minute % 1440 // 60, minute % 60, tzinfo=UTC)
        found = duty(*shifts, at=at, came=came, even=even)

        by_key = {one.account_id: one for one in shifts}
        serving = [one for one in shifts if one.is_serving]
        able = [one for one in serving if one.daily_cap is None or came.get(one.account_id, 0) < one.daily_cap]
        assert bool(found.account_ids) == bool(able) == (found.standing not in {"nobody", "full"})
        assert (found.standing == "nobody") == (not serving)
        assert set(found.account_ids) <= {one.account_id for one in able}
        assert all(by_key[key].is_serving for key in found.account_ids)
        if found.standing in {"staff", "backups"}:
            for one in map(by_key.__getitem__, found.account_ids):
                assert not one.is_away
                assert one.is_backup == (found.standing == "backups")
