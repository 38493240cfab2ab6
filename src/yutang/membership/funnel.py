"""From the low-price offer to the prepaid balance: how far people went, by programme and store, told from the lake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.queries.dashboard import stores_within
from yutang.lake.results import kept_answer

#: Tables without which nothing is told.
_TABLES = frozenset({"visits_hook", "visits_booking", "orders_order", "membership_movement"})
#: Days after the visit in which a top-up counts for it.
WITHIN_DAYS = 30


@dataclass(frozen=True)
class HookFunnel:
    """How far those went who took up the offer of a programme at a store. Counts of people; money in minor units.

    Attributes:
        source: the programme, such as ``groupbuy:12``.
        store_id: where they came, else booked, else where the offer is to be used; None: none is known.
        hooked: who took the offer up.
        paid: of these, who paid and did not get the money back.
        booked: of these, who booked a visit, or came without.
        came: of these, who came.
        offered: of these, to whom an upgrade was offered.
        upgraded: of those who came, who placed a larger order than the offer at the visit.
        topped_up: of those who came, who topped up within `WITHIN_DAYS`.
        paid_minor: what was paid for the offer.
        upgrade_minor: value of these orders, net of refunds.
        top_up_minor: principal of these top-ups.
    """

    source: str
    store_id: int | None
    currency: str
    hooked: int
    paid: int
    booked: int
    came: int
    offered: int
    upgraded: int
    topped_up: int
    paid_minor: int
    upgrade_minor: int
    top_up_minor: int


_COLUMNS = tuple(one.name for one in fields(HookFunnel))


def hook_funnel(
    *, access: Actor, since: date, until: date, store_ids: Iterable[int] | None = None
) -> tuple[HookFunnel, ...]:
    """Return how far those went who took up an offer on the days ``[since, until)``, by programme and store.

    Args:
        access: needs ``visits.view``; what belongs to no store is told to who sees every store.
        since: first day.
        until: day after the last.
        store_ids: only these; None: all within reach.
    """
    access.require("visits.view")
    snapshot = lake_seen()
    if not set(snapshot.manifests) >= _TABLES:
        return ()
    asked = {"since_date": since, "until_date": until, "within_days": WITHIN_DAYS}

    def compute() -> list[dict[str, object]]:
        with open_engine(snapshot) as engine:
            rows: list[dict[str, object]] = answer(engine, "membership.hook_funnel", asked).to_pylist()
            return rows

    key = {"since": since.isoformat(), "until": until.isoformat(), "within": WITHIN_DAYS}
    rows = kept_answer(snapshot, name="hook_funnel.1", key=key, compute=compute)
    wanted = stores_within(access, store_ids)
    told = (HookFunnel(**{name: row[name] for name in _COLUMNS}) for row in rows)
    return tuple(one for one in told if wanted is None or one.store_id in wanted)
