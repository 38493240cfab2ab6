"""Variables of coupons: the code that the reader can use, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

# What is known of the person stands first wherever variables are chosen, whichever room asks for coupons before.
from yutang.content import known_values  # noqa: F401
from yutang.content.variables import VARIABLES, Variable
from yutang.coupons.queries import latest_living
from yutang.kit.text import N_

CODE, UNTIL = "coupon_code", "coupon_until"


def _codes(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return coupon_values(CODE, customer_ids=customer_ids, clear=clear, now=now)


def _last_days(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return coupon_values(UNTIL, customer_ids=customer_ids, clear=clear, now=now)


def coupon_values(
    name: str, *, customer_ids: Sequence[int], campaign: str = "", clear: bool, now: datetime
) -> dict[int, str]:
    """Return the code, or the last day, of the coupon that each person got last and can use.

    Args:
        name: of the variable.
        customer_ids: whose.
        campaign: only coupons that were given for it; empty: any.
        clear: whether codes are in the clear, as the person reads them.
        now: aware UTC.
    """
    found = latest_living(customer_ids=customer_ids, campaign=campaign, clear=clear, now=now)
    return {person: code if name == CODE else last.isoformat() for person, (code, last) in found.items()}


VARIABLES.register(
    Variable(CODE, "优惠券码", N_("Code of the latest coupon that can be used"), N_("K7QM-2XPD-9RTA"), _codes)
)
VARIABLES.register(Variable(UNTIL, "优惠券有效期", N_("Last day of that coupon"), N_("2026-12-31"), _last_days))
