"""What a newcomer who stays is worth, for the room of economics: sales in the year after the first day, of those who came before."""

from __future__ import annotations

from datetime import datetime, timedelta

from yutang.economics.registries import WORTHS, Worth, WorthReader
from yutang.insight.lake_reading import answer, business_today, horizon, lake_seen, open_engine
from yutang.kit.text import N_, Sentence

NAME = "insight"
#: Followed for a year where the orders reach back two; else for half of what is known, and not below a quarter. Days.
_YEAR, _LEAST = 365, 90
#: Fewer people tell nothing. Count.
_LEAST_PEOPLE = 100
_FEN = "CNY"


def newcomer_worth(now: datetime) -> Worth | None:
    """Return what people brought on average in the days after they were first seen; None where too few are known for long enough."""
    snapshot = lake_seen()
    if not {"customers_customer", "orders_order"} <= set(snapshot.manifests):
        return None
    with open_engine(snapshot) as engine:
        known = horizon(engine, today=business_today(now))
        if known.known_since is None or known.known_until is None or known.currency != _FEN:
            return None
        end = known.known_until + timedelta(days=1)
        days = min(_YEAR, (end - known.known_since).days // 2)
        if days < _LEAST:
            return None
        until = end - timedelta(days=days)
        asked = {"since": until - timedelta(days=_YEAR), "until": until, "days": days, "currency": known.currency}
        (row,) = answer(engine, "insight.newcomer_sales", asked).to_pylist()
    if row["people"] < _LEAST_PEOPLE:
        return None
    words = Sentence(
        N_("net sales within %(days)s days after the first day, on average over %(people)s people who came before"),
        {"days": days, "people": row["people"]},
    )
    return Worth(round(row["sales_minor"] / row["people"]), row["people"], words)


WORTHS.register(WorthReader(NAME, newcomer_worth))
