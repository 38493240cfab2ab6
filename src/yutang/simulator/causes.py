"""Changes planted in the sales, so that an explanation of sales can be checked."""

from __future__ import annotations

from datetime import timedelta

from yutang.simulator.chance import Dice
from yutang.simulator.plan import PLATFORMS, Cause, Plan


def planted_causes(plan: Plan, dice: Dice, store_codes: tuple[str, ...]) -> tuple[Cause, ...]:
    """Return the causes of the plan, or by the seed: a store with less traffic, a price rise, a boom of newcomers."""
    if plan.causes is not None:
        return plan.causes
    last = max(plan.days // 9, 7)
    middle = plan.from_date + timedelta(days=plan.days // 2)
    store = store_codes[int(dice.whole("cause store", 0, len(store_codes)))]
    other = store_codes[int(dice.whole("cause store", 1, len(store_codes)))]
    channel = plan.platforms[int(dice.whole("cause channel", 0, len(plan.platforms)))]
    boom = middle + timedelta(days=int(dice.whole("cause boom", 0, max(plan.days // 4, 1))))
    return (
        Cause("traffic", store, plan.to_date - timedelta(days=last), plan.to_date, 0.6),
        Cause("order_value", other if "till" in plan.platforms else "all", middle, plan.to_date, 1.12),
        Cause("newcomers", channel if channel in PLATFORMS else "all", boom, boom + timedelta(days=14), 4.0),
    )
