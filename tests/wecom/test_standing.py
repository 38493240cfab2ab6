"""How two stand to each other follows from the latest of each fact, whatever came first."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.connectors.wecom.callbacks.events import (
    CustomerAdded,
    CustomerDeletedByStaff,
    CustomerHalfAdded,
    Event,
    StaffDeletedByCustomer,
)
from yutang.wecom.heard import heard_of
from yutang.wecom.standing import DELETED, FRIENDS, GONE, HALF, HANDED, LEFT, Facts, Verdict, later, standing_of

T0 = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_BASE = ("ww1", "staff001", "wm1")


def event(kind: type[Event], at: datetime, *more: object) -> Event:
    return kind("ww1", at, "x", "staff001", "wm1", *more)  # type: ignore[call-arg]


class TestStanding:
    def test_who_is_listed_is_a_friend(self) -> None:
        assert standing_of(Facts(added_at=T0, is_listed=True, read_at=T0)) == Verdict(FRIENDS)

    def test_the_api_lists_whom_the_customer_has_deleted(self) -> None:
        facts = Facts(added_at=T0, left_at=T0 + 9 * DAY, is_listed=True, read_at=T0 + 9 * DAY)

        assert standing_of(facts) == Verdict(LEFT, T0 + 9 * DAY, 9)

    def test_who_comes_back_is_a_friend_again(self) -> None:
        assert standing_of(Facts(added_at=T0 + DAY, left_at=T0, is_listed=True, read_at=T0 + DAY)).standing == FRIENDS

    def test_an_end_in_the_same_second_counts(self) -> None:
        assert standing_of(Facts(added_at=T0, left_at=T0, is_listed=True, read_at=T0)).standing == LEFT
        assert standing_of(Facts(added_at=T0, deleted_at=T0, read_at=T0)).standing == DELETED

    def test_half_holds_until_the_other_accepts(self) -> None:
        assert standing_of(Facts(half_at=T0, read_at=T0)) == Verdict(HALF)
        assert standing_of(Facts(half_at=T0, added_at=T0 + DAY, is_listed=True, read_at=T0 + DAY)).standing == FRIENDS

    def test_half_again_after_an_end(self) -> None:
        facts = Facts(half_at=T0 + 3 * DAY, added_at=T0, deleted_at=T0 + DAY, read_at=T0 + 3 * DAY)

        assert standing_of(facts).standing == HALF

    def test_a_hand_over_is_no_deletion(self) -> None:
        facts = Facts(added_at=T0, handed_at=T0 + 2 * DAY, read_at=T0 + 2 * DAY)

        assert standing_of(facts) == Verdict(HANDED, T0 + 2 * DAY, 2)

    def test_whoever_deletes_a_customer_who_had_left_ends_nothing(self) -> None:
        facts = Facts(added_at=T0, left_at=T0 + 2 * DAY, deleted_at=T0 + 8 * DAY, read_at=T0 + 8 * DAY)

        assert standing_of(facts) == Verdict(DELETED, T0 + 2 * DAY, 2)

    def test_an_end_that_nobody_told_of_is_seen_when_it_is_noticed(self) -> None:
        assert standing_of(Facts(added_at=T0, read_at=T0 + 5 * DAY)) == Verdict(GONE, T0 + 5 * DAY, 5)


class TestMerging:
    @given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
    def test_order_and_repetition_change_nothing(self, order: list[int], again: list[int]) -> None:
        events = [
            event(CustomerHalfAdded, T0, "", ""),
            event(CustomerAdded, T0 + DAY, "way", ""),
            event(StaffDeletedByCustomer, T0 + 2 * DAY),
            event(CustomerAdded, T0 + 3 * DAY, "way", ""),
            event(CustomerDeletedByStaff, T0 + 4 * DAY, False),
        ]

        mixed = heard_of((events[each], None) for each in [*order, *again])

        assert mixed == heard_of((each, None) for each in events)

    def test_batches_merge_like_one(self) -> None:
        times = [T0, None, T0 + DAY, T0 + 2 * DAY]
        for one, two, three in itertools.permutations(times, 3):
            assert later(later(one, two), three) == later(one, later(two, three))

    @pytest.mark.parametrize("bad", ["", "x" * 65])
    def test_what_can_be_no_id_is_left_out(self, bad: str) -> None:
        heard = heard_of([(CustomerAdded("ww1", T0, "x", bad, "wm1", "", ""), None)])

        assert heard.pairs == {}
