"""How likely a group fills, told from similar groups that have ended: of its size, with its members, at so much time left.

A group of size s with m paid members and t left is compared with groups of size s that stood at m members at the same point: the
campaign's own first, and those of all campaigns as what is known beforehand. Whether such a group filled is a Bernoulli trial; the
share of those that fill has a Beta distribution, whose prior is centred on the share of the other campaigns and weighs as much as
`MOST_PRIOR` groups at most, so that a new product borrows from others and an old one speaks for itself. What is told is the mean and the
interval that holds the true share with 80 percent; below `LEAST` similar groups nothing is told.

Source: A. Gelman et al. (2013), "Bayesian Data Analysis", 3rd edition, 2.4 (Beta prior of a binomial share) and 5.1 (a prior from
earlier experiments); the prior of nothing known is Jeffreys', Beta(1/2, 1/2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Points of time left at which groups are compared. Minutes.
GRID = (15, 30, 60, 120, 240, 480, 720, 1080, 1440, 2160, 2880, 4320, 5760, 7200, 8640, 10080)
LEAST, MOST_PRIOR, SURE = 20, 20.0, 0.80
_JEFFREYS = 0.5


@dataclass(frozen=True)
class Counted:
    """Similar groups: how many there were, and how many of these filled."""

    groups: int = 0
    filled: int = 0


@dataclass(frozen=True)
class Odds:
    """How likely a group fills.

    Attributes:
        groups: similar groups that were compared.
        share: mean of the share that fills, 0 to 1; None: not enough similar groups yet.
        low: lower end of the 80 percent interval; None with `share`.
        high: upper end; None with `share`.
        own: how many of the similar groups were of its own campaign; with none, what is told is of other campaigns.
    """

    groups: int
    share: float | None = None
    low: float | None = None
    high: float | None = None
    own: int = 0


def point_of(left: timedelta) -> int | None:
    """Return the point of `GRID` at which a group with so much time left is compared; None where it is nearly over.

    The next point below: a group is never compared with one that had more time.
    """
    minutes = left.total_seconds() / 60
    return max((one for one in GRID if one <= minutes), default=None)


def odds_of(*, own: Counted, all_campaigns: Counted) -> Odds:
    """Return how likely a group fills.

    Args:
        own: similar groups of its campaign.
        all_campaigns: similar groups of all campaigns, its own among them.
    """
    others = Counted(all_campaigns.groups - own.groups, all_campaigns.filled - own.filled)
    if all_campaigns.groups < LEAST:
        return Odds(all_campaigns.groups, own=own.groups)
    a = b = _JEFFREYS
    if others.groups:
        weight = min(float(others.groups), MOST_PRIOR)
        known = (others.filled + _JEFFREYS) / (others.groups + 2 * _JEFFREYS)
        a, b = a + weight * known, b + weight * (1 - known)
    a, b = a + own.filled, b + own.groups - own.filled
    # Imported late: only pages with odds need the special functions.
    from scipy.special import betaincinv

    tail = (1 - SURE) / 2
    low, high = (float(betaincinv(a, b, part)) for part in (tail, 1 - tail))
    return Odds(all_campaigns.groups, a / (a + b), low, high, own.groups)


def course_of(
    started_at: datetime, ends_at: datetime, ended_at: datetime | None, paid: Sequence[tuple[datetime, datetime | None]]
) -> Iterator[tuple[int, int]]:
    """Yield (minutes left, paid members) of a group at each point of `GRID` at which it was open and somebody had paid.

    Args:
        started_at: when it started.
        ends_at: when its time was over.
        ended_at: when it filled or expired.
        paid: (when a seat was paid, when it was given up or None) of its seats.
    """
    for minutes in GRID:
        at = ends_at - timedelta(minutes=minutes)
        if at < started_at or (ended_at is not None and ended_at <= at):
            continue
        members = sum(paid_at <= at and (gone_at is None or gone_at > at) for paid_at, gone_at in paid)
        if members:
            yield minutes, members
