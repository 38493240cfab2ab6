"""Life-cycle stages from a customer's own rhythm: how long the silence is, counted in usual pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yutang.kit.text import N_, Sentence

#: Stage names, as `models.Stage` has them, in the order of a customer's life.
STAGES = ("prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost")

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]


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
    """

    loyal_from: int = 4
    own_rhythm_from: int = 3
    shortest_pause_days: int = 7
    at_risk_after: float = 3.0
    asleep_after: float = 6.0
    lost_after: float = 12.0


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
    rules: StageRules = RULES,
) -> IntArray:
    """Return the stage of each customer as its position in `STAGES`.

    Args:
        order_days: distinct days with an order. Count, shape (n,).
        recency_days: days since the last order, any value without an order. Days, shape (n,).
        rhythm_days: own median pause, 0 below two order days. Days, shape (n,).
        typical_days: pause of the shop. Days.
        rules: thresholds.
    """
    pauses = usual_pauses(order_days=order_days, rhythm_days=rhythm_days, typical_days=typical_days, rules=rules)
    silence = recency_days / pauses
    conditions = [
        order_days == 0,
        silence > rules.lost_after,
        silence > rules.asleep_after,
        silence > rules.at_risk_after,
        order_days >= rules.loyal_from,
        order_days >= 2,
    ]
    codes = [STAGES.index(name) for name in ("prospect", "lost", "asleep", "at_risk", "loyal", "growing")]
    return np.select(conditions, codes, default=STAGES.index("new"))


def stage_reason(
    *,
    stage: str,
    order_days: int,
    recency_days: int | None,
    rhythm_days: int | None,
    last_order_date: date | None,
    typical_days: int,
    rules: StageRules = RULES,
) -> Sentence:
    """Return why a customer stands in the stage, in one sentence with the customer's own numbers."""
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
