"""How a purchase, a refund and a return are split into principal and bonus. Pure; everything in minor units."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.membership.organisation import BONUS_FIRST, IN_PROPORTION


@dataclass(frozen=True)
class Split:
    """An amount in its two parts."""

    principal_minor: int
    bonus_minor: int

    @property
    def total_minor(self) -> int:
        """Both together."""
        return self.principal_minor + self.bonus_minor


def split_of_purchase(amount_minor: int, *, principal_minor: int, bonus_minor: int, order: str) -> Split:
    """Return what a purchase takes of each part of a balance.

    In proportion, the bonus is rounded down, so that what is left of both stays in proportion to within one minor unit.

    Args:
        amount_minor: of the purchase, at most the balance. ``> 0``.
        principal_minor: principal of the balance. ``>= 0``.
        bonus_minor: bonus of the balance. ``>= 0``.
        order: one of `membership.organisation.ORDERS`.

    Raises:
        ValueError: the balance is smaller than the purchase.
    """
    if not 0 < amount_minor <= principal_minor + bonus_minor:
        raise ValueError(f"a balance of {principal_minor} + {bonus_minor} does not pay {amount_minor}")
    if order == BONUS_FIRST:
        bonus = min(amount_minor, bonus_minor)
    elif order == IN_PROPORTION:
        bonus = max(amount_minor * bonus_minor // (principal_minor + bonus_minor), amount_minor - principal_minor)
    else:
        bonus = max(0, amount_minor - principal_minor)
    return Split(amount_minor - bonus, bonus)


def bonus_that_lapses(amount_minor: int, *, principal_minor: int, bonus_minor: int) -> int:
    """Return how much bonus lapses when principal is paid out: the same share of it, rounded down; all of it with the last principal.

    Args:
        amount_minor: principal that is paid out, at most what is there. ``> 0``.
        principal_minor: principal before. ``> 0``.
        bonus_minor: bonus before. ``>= 0``.
    """
    return bonus_minor * amount_minor // principal_minor


def split_of_return(amount_minor: int, *, spent: Split, returned: Split) -> Split:
    """Return what a returned purchase brings back to each part: in the proportion in which it was paid, to the last unit.

    Args:
        amount_minor: what is returned, at most what was spent less what was returned before. ``> 0``.
        spent: what the purchase took.
        returned: what earlier returns of it brought back.
    """
    so_far = returned.total_minor + amount_minor
    # Cumulative, so that several returns bring back together exactly what one would have.
    principal = spent.principal_minor * so_far // spent.total_minor - returned.principal_minor
    return Split(principal, amount_minor - principal)
