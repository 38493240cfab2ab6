"""Life-cycle stages from a customer's own rhythm: by a fitted model, or by how many usual pauses the silence lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from yutang.insight.methods.bg_nbd import BgNbd, p_alive, wait_quantile
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray, IntArray
from yutang.kit.text import N_, Sentence

#: Stage names, as `models.Stage` has them, in the order of a customer's life.
STAGES = ("prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost")


@dataclass(frozen=True)
class StageRules:
    """Where one stage ends and the next begins.

    Somebody who orders at random, half of the time within the usual pause, is silent for three of them after one order in
    eight, for six after one in 64, for twelve after one in 4,096.

    Attributes:
        loyal_from: order days from which an active customer is loyal. Count.
        own_rhythm_from: order days from which a reason names the customer's own median pause alone. Count.
        shortest_pause_days: a shorter usual pause is taken as this: a silence of four days after daily visits says
            little. Days.
        at_risk_after: usual pauses of silence after which an active customer is at risk. Ratio.
        asleep_after: the same for asleep. Ratio.
        lost_after: the same for lost. Ratio.
        at_risk_below: chance to be a customer still below which one who came back is at risk, where a model is fitted. 0-1.
        asleep_below: the same for asleep. 0-1.
        lost_below: the same for lost. 0-1.
        sure_from: chance to be a customer still that a reason of concern leaves unsaid. 0-1.
    """

    loyal_from: int = 4
    own_rhythm_from: int = 3
    shortest_pause_days: int = 7
    at_risk_after: float = 3.0
    asleep_after: float = 6.0
    lost_after: float = 12.0
    at_risk_below: float = 0.5
    asleep_below: float = 0.25
    lost_below: float = 0.1
    sure_from: float = 0.9


@dataclass(frozen=True)
class Chances:
    """What a fitted model says of customers. Arrays of shape ``(n,)``, aligned with the customers.

    Attributes:
        alive: chance to be a customer still. 0-1.
        window_days: days after the last order within which nine in ten like this one have ordered again; can be very long.
    """

    alive: FloatArray
    window_days: FloatArray


@dataclass(frozen=True)
class ShopPace:
    """How customers of the shop come back as a whole: what is said of those who have no rhythm of their own yet.

    Attributes:
        typical_days: median over the customers' own median pauses. Days.
        repeat_ratio: customers with two or more order days among those with one or more. 0-1; None without a buyer.
        repeaters: customers with two or more order days. Count.
    """

    typical_days: int
    repeat_ratio: float | None
    repeaters: int


#: The typical pause where nobody has come back yet. Days.
_PAUSE_WITHOUT_REPEATERS = 60

#: Share of customers who have ordered again at the end of the window: a tenth comes before it begins, a tenth after.
_WINDOW = 0.9
RULES = StageRules()


def shop_pace(*, rhythm_days: IntArray, buyers: int) -> ShopPace:
    """Return the pace of the shop.

    Args:
        rhythm_days: median pause of every customer with two or more order days. Days, shape (n,).
        buyers: customers with one or more order days. Count.
    """
    repeaters = len(rhythm_days)
    typical = int(np.floor(np.median(rhythm_days) + 0.5)) if repeaters else _PAUSE_WITHOUT_REPEATERS
    return ShopPace(
        typical_days=max(typical, 1), repeat_ratio=repeaters / buyers if buyers else None, repeaters=repeaters
    )


def usual_pauses(
    *, order_days: IntArray, rhythm_days: IntArray, typical_days: int, rules: StageRules = RULES
) -> FloatArray:
    """Return the pause after which each customer usually orders again.

    The shop's pause counts as one pause of the customer beside the own ones: who has ordered once is taken to come back
    like the others, and the more often somebody came back, the less the others say.

    Args:
        order_days: distinct days with an order. Count, shape (n,).
        rhythm_days: own median pause, 0 below two order days. Days, shape (n,).
        typical_days: pause of the shop. Days.
        rules: thresholds.

    Returns:
        Days, shape (n,), never below `shortest_pause_days`.
    """
    own = np.maximum(order_days - 1, 0)
    pauses: FloatArray = np.maximum((own * rhythm_days + typical_days) / (own + 1), rules.shortest_pause_days)
    return pauses


def stage_codes(
    *,
    order_days: IntArray,
    recency_days: IntArray,
    rhythm_days: IntArray,
    typical_days: int,
    chances: Chances | None = None,
    rules: StageRules = RULES,
) -> IntArray:
    """Return the stage of each customer as its position in `STAGES`.

    Where a model is fitted, who came back is at risk when the window of the next order has passed or the chance to be there
    is small, and asleep or lost by that chance. Who ordered on one day only has no rhythm, and the model knows none either
    (nobody stops before a repeat purchase): there the silence is counted in pauses of the shop, as without a model.

    Args:
        order_days: distinct days with an order. Count, shape (n,).
        recency_days: days since the last order, any value without an order. Days, shape (n,).
        rhythm_days: own median pause, 0 below two order days. Days, shape (n,).
        typical_days: pause of the shop. Days.
        chances: what a fitted model says; None without one.
        rules: thresholds.
    """
    pauses = usual_pauses(order_days=order_days, rhythm_days=rhythm_days, typical_days=typical_days, rules=rules)
    silence = recency_days / pauses
    lost, asleep, at_risk = (silence > rules.lost_after, silence > rules.asleep_after, silence > rules.at_risk_after)
    if chances is not None:
        back = order_days >= 2
        lost = np.where(back, chances.alive < rules.lost_below, lost)
        asleep = np.where(back, chances.alive < rules.asleep_below, asleep)
        late = recency_days > chances.window_days
        at_risk = np.where(back, late | (chances.alive < rules.at_risk_below), at_risk)
    conditions = [order_days == 0, lost, asleep, at_risk, order_days >= rules.loyal_from, order_days >= 2]
    codes = [STAGES.index(name) for name in ("prospect", "lost", "asleep", "at_risk", "loyal", "growing")]
    return np.select(conditions, codes, default=STAGES.index("new"))


def chances_of(*, model: BgNbd, order_days: IntArray, recency_days: IntArray, active_days: IntArray) -> Chances:
    """Return what a model says of customers with an order; what it says of others is of no use.

    Args:
        model: of orders, fitted in weeks.
        order_days: distinct days with an order. Count, shape (n,).
        recency_days: days since the last order. Shape (n,).
        active_days: days from the first order to the last. Shape (n,).
    """
    x = np.maximum(order_days - 1, 0)
    last = active_days / WEEK_DAYS
    alive = p_alive(model=model, x=x, t_x=last, T=last + np.maximum(recency_days, 0) / WEEK_DAYS)
    window = wait_quantile(model=model, x=x, since=last, share=_WINDOW) * WEEK_DAYS
    return Chances(alive, window)


def stage_reason(
    *,
    stage: str,
    order_days: int,
    recency_days: int | None,
    rhythm_days: int | None,
    last_order_date: date | None,
    typical_days: int,
    alive: float | None = None,
    window_days: float | None = None,
    rules: StageRules = RULES,
) -> Sentence:
    """Return why a customer stands in the stage, in one sentence with the customer's own numbers.

    Args:
        stage: one of `STAGES`.
        order_days: distinct days with an order. Count.
        recency_days: days since the last order; None without one.
        rhythm_days: own median pause; None below two order days.
        last_order_date: None without an order.
        typical_days: pause of the shop. Days.
        alive: chance to be a customer still, where a model is fitted. 0-1.
        window_days: days after the last order within which nine in ten have ordered again, where a model is fitted.
        rules: thresholds.
    """
    if order_days == 0 or recency_days is None or last_order_date is None:
        return Sentence(N_("Known, but no order yet."))
    values = {
        "silent_days": recency_days,
        "order_days": order_days,
        "rhythm_days": rhythm_days or 0,
        "typical_days": typical_days,
        "last_date": last_order_date.isoformat(),
    }
    own = order_days >= rules.own_rhythm_from
    if alive is not None and order_days >= 2:
        values |= {"alive_percent": round(100 * alive), "window_days": _whole_days(window_days)}
        template = _chance_template(
            stage=stage,
            order_days=order_days,
            recency_days=recency_days,
            alive=alive,
            window_days=window_days,
            rules=rules,
        )
        return Sentence(template, values)
    if stage in {"at_risk", "asleep", "lost"}:
        return Sentence(_silence_template(order_days, own=own), values)
    if stage == "new":
        return Sentence(N_("First order %(silent_days)s days ago, on %(last_date)s."), values)
    if own:
        template = N_(
            "Ordered on %(order_days)s days, about every %(rhythm_days)s days; last %(silent_days)s days ago."
        )
        return Sentence(template, values)
    return Sentence(N_("Came back after %(rhythm_days)s days; last order %(silent_days)s days ago."), values)


def _silence_template(order_days: int, *, own: bool) -> str:
    if own:
        return N_("No order for %(silent_days)s days, usually one about every %(rhythm_days)s days.")
    if order_days == 2:
        return N_(
            "No order for %(silent_days)s days after two orders %(rhythm_days)s days apart; "
            "customers here usually come back after about %(typical_days)s days."
        )
    return N_(
        "One order, %(silent_days)s days ago; customers here usually come back after about %(typical_days)s days."
    )


def _chance_template(
    *, stage: str, order_days: int, recency_days: int, alive: float, window_days: float | None, rules: StageRules
) -> str:
    """Return the reason of a stage that a model told."""
    if stage not in {"at_risk", "asleep", "lost"}:
        return N_(
            "Ordered on %(order_days)s days, last %(silent_days)s days ago; the chance to be a customer still is "
            "%(alive_percent)s%%."
        )
    if window_days is not None and recency_days > window_days:
        if alive >= rules.sure_from:
            # Such a chance beside a warning would confuse: it stands for the shop, where hardly anybody is seen to stop.
            return N_(
                "No order for %(silent_days)s days, though nine in ten like this one order again within %(window_days)s days."
            )
        return N_(
            "No order for %(silent_days)s days, though nine in ten like this one order again within %(window_days)s days; "
            "the chance to be a customer still is %(alive_percent)s%%."
        )
    if order_days == 2:
        return N_(
            "No order for %(silent_days)s days after two orders %(rhythm_days)s days apart; the chance to be a customer "
            "still is %(alive_percent)s%%."
        )
    return N_(
        "No order for %(silent_days)s days, usually one about every %(rhythm_days)s days; the chance to be a customer "
        "still is %(alive_percent)s%%."
    )


def _whole_days(days: float | None) -> int:
    """Return days as they are said; what is farther than ten years is said as ten years."""
    return int(min(days or 0.0, 3650.0))
