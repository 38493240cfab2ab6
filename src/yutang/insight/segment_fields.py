"""What rules may ask of scores. Facts of customer value are declared below them, each from a named query of this room."""

from __future__ import annotations

from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS, Field

_ORDERS = N_("Orders so far")
_SCORES = N_("Scores")
_FACTS = "insight.score_facts"

_STAGES = {
    "prospect": Sentence(N_("Prospect")),
    "new": Sentence(N_("New customer")),
    "growing": Sentence(N_("Growing")),
    "loyal": Sentence(N_("Loyal")),
    "at_risk": Sentence(N_("At risk")),
    "asleep": Sentence(N_("Asleep")),
    "lost": Sentence(N_("Lost")),
}

FIELDS.register(Field("orders", N_("Number of orders"), "number", "orders", _ORDERS, _FACTS, unit=N_("orders")))
FIELDS.register(Field("order_days", N_("Days with an order"), "number", "order_days", _ORDERS, _FACTS, unit=N_("days")))
FIELDS.register(Field("spend_minor", N_("Spent in total"), "money", "spend_minor", _ORDERS, _FACTS))
FIELDS.register(Field("first_order", N_("First order"), "date", "first_order_date", _ORDERS, _FACTS))
FIELDS.register(Field("last_order", N_("Last order"), "date", "last_order_date", _ORDERS, _FACTS))
FIELDS.register(Field("stage", N_("Stage"), "choice", "stage", _SCORES, _FACTS, choices=_STAGES))
FIELDS.register(Field("r", N_("Recency grade (R)"), "number", "r", _SCORES, _FACTS))
FIELDS.register(Field("f", N_("Frequency grade (F)"), "number", "f", _SCORES, _FACTS))
FIELDS.register(Field("m", N_("Money grade (M)"), "number", "m", _SCORES, _FACTS))
FIELDS.register(Field("rfm", N_("RFM cell, such as 555"), "number", "rfm", _SCORES, _FACTS))
FIELDS.register(Field("rhythm_days", N_("Usual pause"), "number", "rhythm_days", _SCORES, _FACTS, unit=N_("days")))

# Customer value: once a table of it is published, its facts are named here, for example
# Field("value_12_months_minor", N_("Value of the next 12 months"), "money", "value_minor", _VALUE, "insight.value_facts").
