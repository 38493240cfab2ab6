"""The year of trade: weekdays, 双11, 618, Spring Festival; and a clock that runs faster on good days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from yutang.simulator.chance import Floats, Ints

#: First day of the lunar year. Source: Hong Kong Observatory, Gregorian-lunar conversion tables.
_FESTIVAL_TABLE: Final = """
2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12
2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26
2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08
"""
_SPRING_FESTIVALS: Final = tuple(date.fromisoformat(day) for day in _FESTIVAL_TABLE.split())
#: Monday to Sunday.
_STORE_WEEK: Final = (0.80, 0.78, 0.82, 0.88, 1.05, 1.38, 1.29)
_ONLINE_WEEK: Final = (1.04, 1.02, 1.00, 0.97, 0.94, 0.98, 1.05)
#: Chance of an hour, 0 to 23.
_STORE_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 5, 5, 4, 6, 7, 7, 6, 6, 8, 8, 5, 0, 0)
_ONLINE_HOURS: Final = (4, 2, 1, 0.5, 0.4, 0.5, 1, 2, 3, 5, 6, 6, 6, 5, 5, 5, 5, 5, 5, 6, 8, 9, 9, 6)
_SECONDS_A_DAY: Final = 86_400


def online_factor(day: date) -> float:
    """Return how much stronger the day is online than an ordinary one."""
    factor = _ONLINE_WEEK[day.weekday()] * _festival_factor(day)
    if day.month == 11 and day.day <= 11:
        factor *= 7.0 if day.day == 11 else 1.5
    if day.month == 6 and day.day <= 18:
        factor *= 4.5 if day.day == 18 else 1.35
    if day.month == 12 and day.day == 12:
        factor *= 2.5
    return factor


def store_factor(day: date) -> float:
    """Return how much stronger the day is in the stores than an ordinary one."""
    factor = _STORE_WEEK[day.weekday()] * _festival_factor(day)
    if (day.month, day.day) in {(1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3), (10, 4)}:
        factor *= 1.6
    if day.month == 11 and day.day == 11:
        factor *= 1.3
    return factor


class Clock:
    """Turns even time into calendar time: a purchase process that is steady by this clock follows the seasons.

    Attributes:
        days: length of the span.
        factors: strength of each day, mean 1. Shape ``(days,)``.
    """

    def __init__(self, factors: Floats, *, hours: tuple[float, ...]) -> None:
        self.days = len(factors)
        self.factors = factors / factors.mean()
        self._even = np.concatenate([[0.0], np.cumsum(self.factors)])
        self._hours = np.concatenate([[0.0], np.cumsum(hours)]) / float(np.sum(hours))

    @classmethod
    def online(cls, first_date: date, *, days: int) -> Clock:
        """Return the clock of the marketplaces."""
        factors = np.array([online_factor(first_date + timedelta(days=n)) for n in range(days)])
        return cls(factors, hours=_ONLINE_HOURS)

    @classmethod
    def stores(cls, first_date: date, *, days: int) -> Clock:
        """Return the clock of the stores: opening hours only."""
        factors = np.array([store_factor(first_date + timedelta(days=n)) for n in range(days)])
        return cls(factors, hours=_STORE_HOURS)

    def seconds(self, even_days: Floats) -> Ints:
        """Return calendar seconds since the start of the span for even days in ``[0, days)``. Order is kept."""
        position = np.interp(even_days, self._even, np.arange(self.days + 1, dtype=np.float64))
        day = np.minimum(np.floor(position), self.days - 1)
        hour = np.interp(position - day, self._hours, np.linspace(0.0, 1.0, 25))
        within = np.clip(hour * _SECONDS_A_DAY, 0, _SECONDS_A_DAY - 1)
        return np.asarray(day * _SECONDS_A_DAY + within).astype(np.int64)


def _festival_factor(day: date) -> float:
    """Shopping before the Spring Festival, quiet during it."""
    for festival in _SPRING_FESTIVALS:
        distance = (day - festival).days
        if -3 <= distance <= 7:
            return 0.35
        if -24 <= distance < -3:
            return 1.3
    return 1.0
