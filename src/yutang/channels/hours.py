"""Hours in which people may be disturbed, by the clock on their own wall."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_DAY_SECONDS = 86_400
#: Clocks are looked at so often for a change; two changes that undo each other within it would be overlooked.
_LOOK_SECONDS = 3_600
#: Days that are looked ahead for the next open hour; some calendars have skipped a whole day.
_AHEAD_DAYS = 5

#: Half-open spans in seconds since 1970 (UTC), ascending.
Spans = tuple[tuple[int, int], ...]


def next_open(*, zone: str, opens: int, closes: int, moment: datetime) -> datetime:
    """Return the first instant from the moment on at which the wall clock shows an open hour.

    Args:
        zone: name of the time zone, such as ``Asia/Shanghai``.
        opens: first open hour of a day. 0-23.
        closes: hour at which the open ones end, ``> opens``. 1-24.
        moment: aware.
    """
    spans = open_spans(zone=zone, opens=opens, closes=closes, first=_first_day(moment), days=_AHEAD_DAYS + 2)
    # Ends are whole seconds, so an instant lies before one exactly when its whole second does.
    second = (moment - _EPOCH) // _SECOND
    start, _end = spans[bisect_right(spans, second, key=lambda span: span[1])]
    return max(moment, _EPOCH + start * _SECOND)


@lru_cache(maxsize=4_096)
def open_spans(*, zone: str, opens: int, closes: int, first: date, days: int) -> Spans:
    """Return the spans of open hours on some days (UTC), exact at every change of the clocks.

    Args:
        zone: name of the time zone.
        opens: first open hour of a day. 0-23.
        closes: hour at which the open ones end. 1-24.
        first: first day (UTC).
        days: how many. Count, ``>= 1``.
    """
    start = (first - _EPOCH.date()).days * _DAY_SECONDS
    spans: list[tuple[int, int]] = []
    for since, until, offset in _same_clock(ZoneInfo(zone), start, start + days * _DAY_SECONDS):
        for day in range((since + offset) // _DAY_SECONDS, (until + offset) // _DAY_SECONDS + 1):
            midnight = day * _DAY_SECONDS - offset
            opening, closing = max(midnight + opens * 3_600, since), min(midnight + closes * 3_600, until)
            if opening < closing:
                _append(spans, opening, closing)
    return tuple(spans)


def _append(spans: list[tuple[int, int]], opening: int, closing: int) -> None:
    """Add a span; where it follows the last without a gap, make that one longer."""
    if spans and spans[-1][1] == opening:
        opening = spans.pop()[0]
    spans.append((opening, closing))


def _same_clock(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (since, until, offset) of stretches in which the clock is not changed. Seconds."""
    since, offset = start, _offset(zone, start)
    for look in range(start, end, _LOOK_SECONDS):
        there = min(look + _LOOK_SECONDS, end)
        if _offset(zone, there) != offset:
            change = _change_between(zone, look, there)
            yield since, change, offset
            since, offset = change, _offset(zone, there)
    yield since, end, offset


def _change_between(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the first second at which the clock differs from what it was before."""
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = (_EPOCH + second * _SECOND).astimezone(zone).utcoffset()
    assert offset is not None  # Zones always know their offset of an instant.
    return int(offset.total_seconds())


def _first_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date() - timedelta(days=1)
