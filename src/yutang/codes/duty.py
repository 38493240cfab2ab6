"""Who is added by a code at a moment: shifts, daily caps, back-ups, fair shares. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

#: All seven bits of `Shift.weekdays`.
EVERY_DAY = 127
DAY_MINUTES = 1440
#: Staff of one code of WeCom.
MOST_STAFF = 100


@dataclass(frozen=True)
class OnShift:
    """A member of staff of a code.

    Attributes:
        account_id: who.
        store_ids: stores to which they belong; none: to no one alone.
        is_backup: whether they answer only when nobody else does.
        daily_cap: newcomers a day by this code; None: no bound.
        weekdays: a bit a day, Monday is 1. 1-127.
        since_minute: first minute of the shift. 0-1439.
        until_minute: end of it, exclusive; not after `since_minute`: it goes on after midnight. 1-1440.
        is_away: whether they are off until somebody says otherwise.
        is_serving: whether WeCom lets them have customers.
    """

    account_id: int
    store_ids: frozenset[int] = frozenset()
    is_backup: bool = False
    daily_cap: int | None = None
    weekdays: int = EVERY_DAY
    since_minute: int = 0
    until_minute: int = DAY_MINUTES
    is_away: bool = False
    is_serving: bool = True


@dataclass(frozen=True)
class Duty:
    """Who is added now.

    Attributes:
        account_ids: who, by key; empty: nobody of the code can have customers, or everybody has enough for today.
        standing: ``staff`` who are meant, ``backups`` in their place, ``stretched``: nobody is on duty, but a code of WeCom needs
            somebody, so who is not full stands in; ``full``: everybody has reached the daily cap; ``nobody``.
    """

    account_ids: tuple[int, ...]
    standing: str


def is_within(*, weekdays: int, since_minute: int, until_minute: int, at: datetime) -> bool:
    """Return whether a moment lies in a time of the week; one that goes on after midnight belongs to the day on which it began.

    Args:
        weekdays: a bit a day, Monday is 1.
        since_minute: 0-1439.
        until_minute: exclusive, 1-1440; not after `since_minute`: on the next day.
        at: by the clock of the place.
    """
    minute, today = at.hour * 60 + at.minute, at.weekday()
    if since_minute < until_minute:
        return _holds(weekdays, today) and since_minute <= minute < until_minute
    if minute >= since_minute:
        return _holds(weekdays, today)
    return minute < until_minute and _holds(weekdays, (today - 1) % 7)


def duty_at(
    shifts: Sequence[OnShift], *, at: datetime, came: Mapping[int, int], store_id: int | None, is_even: bool
) -> Duty:
    """Return who is added at a moment: nobody beyond their daily cap, whoever else is there.

    Args:
        shifts: everybody of the code.
        at: by the clock of the place.
        came: newcomers of this day by account.
        store_id: of the place: staff of this store come first, then the others, then back-ups; None: all are alike.
        is_even: whether only those are added who have fewest today.
    """
    serving = [one for one in shifts if one.is_serving]
    if not serving:
        return Duty((), "nobody")
    able = [one for one in serving if not is_full(one, came)]
    if not able:
        return Duty((), "full")
    present = [one for one in able if is_ready(one, at=at, came=came)]
    meant = _own_first([one for one in present if not one.is_backup], store_id)
    if meant:
        return Duty(_keys(_fewest(meant, came) if is_even else meant), "staff")
    backups = _own_first([one for one in present if one.is_backup], store_id)
    if backups:
        return Duty(_keys(backups), "backups")
    # Printed codes cannot be emptied: whoever scans now still meets somebody, back-ups rather than others, who is away last.
    last = [one for one in able if not one.is_away] or able
    last = [one for one in last if one.is_backup] or last
    return Duty(_keys(_own_first(last, store_id)), "stretched")


def is_full(one: OnShift, came: Mapping[int, int]) -> bool:
    """Return whether somebody has as many newcomers of this day as they take."""
    return one.daily_cap is not None and came.get(one.account_id, 0) >= one.daily_cap


def is_ready(one: OnShift, *, at: datetime, came: Mapping[int, int]) -> bool:
    """Return whether somebody can be added: on shift, not away, not full, and with customers in WeCom."""
    return one.is_serving and not one.is_away and not is_full(one, came) and _is_on(one, at)


def _own_first(some: Sequence[OnShift], store_id: int | None) -> Sequence[OnShift]:
    """Return those who belong to a store; all where none does."""
    return [one for one in some if store_id in one.store_ids] or some


def _is_on(one: OnShift, at: datetime) -> bool:
    return is_within(weekdays=one.weekdays, since_minute=one.since_minute, until_minute=one.until_minute, at=at)


def _fewest(some: Sequence[OnShift], came: Mapping[int, int]) -> list[OnShift]:
    least = min(came.get(one.account_id, 0) for one in some)
    return [one for one in some if came.get(one.account_id, 0) == least]


def _keys(some: Sequence[OnShift]) -> tuple[int, ...]:
    return tuple(sorted(one.account_id for one in some)[:MOST_STAFF])


def _holds(weekdays: int, day: int) -> bool:
    return bool(weekdays >> day & 1)
