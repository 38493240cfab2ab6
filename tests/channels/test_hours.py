"""Open hours by the clock on the wall, in every zone, at every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yutang.channels.hours import next_open

ZONES = sorted(available_timezones())


def is_open(moment: datetime, zone: str, opens: int, closes: int) -> bool:
    return opens <= moment.astimezone(ZoneInfo(zone)).hour < closes


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(8, 14),
    st.integers(15, 21),
    st.integers(0, 60 * 24 * 366 * 20).map(
        lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_the_next_open_instant_is_open_and_none_before_it_is(
    zone: str, opens: int, closes: int, moment: datetime
) -> None:
    found = next_open(zone=zone, opens=opens, closes=closes, moment=moment)

    assert is_open(found, zone, opens, closes)
    minutes = int((found - moment).total_seconds() // 60)
    assert found == moment or not any(
        is_open(moment + timedelta(minutes=step), zone, opens, closes) for step in range(0, minutes, 5)
    )


@pytest.mark.parametrize(
    ("zone", "moment", "found"),
    [
        # On 2011-12-30 there was no day in Samoa.
        ("Pacific/Apia", "2011-12-30T06:00+00:00", "2011-12-30T19:00+00:00"),
        # Half an hour of daylight saving: the clocks went forward at two in the morning.
        ("Australia/Lord_Howe", "2026-10-03T12:00+00:00", "2026-10-03T22:00+00:00"),
        ("Asia/Kathmandu", "2026-01-01T15:00+00:00", "2026-01-02T03:15+00:00"),
    ],
)
def test_known_mornings(zone: str, moment: str, found: str) -> None:
    at = next_open(zone=zone, opens=9, closes=20, moment=datetime.fromisoformat(moment))

    assert at == datetime.fromisoformat(found)


def test_an_open_instant_is_left_as_it_is() -> None:
    moment = datetime(2026, 3, 11, 2, 0, 0, 123_456, tzinfo=UTC)

    assert next_open(zone="Asia/Shanghai", opens=9, closes=20, moment=moment) == moment
