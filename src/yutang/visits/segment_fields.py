"""What rules may ask of visits: who paid a low-price offer, who came, who had booked and did not come."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.lake.fields import HAPPENINGS, Field, Happening

_SOURCE = Field("source", N_("What led to it"), "text", "source")
_STORE = Field("store", N_("Store of the visit"), "choice", "store_id", lookup="stores")

HAPPENINGS.register(
    Happening(
        name="hook_paid",
        title=N_("low-price offers paid"),
        source="visits.hook_facts",
        currency="currency",
        measures=(Field("amount_minor", N_("price of the offer"), "money", "hook_minor"),),
        properties=(_SOURCE,),
    )
)
HAPPENINGS.register(
    Happening(name="visit", title=N_("visits to a store"), source="visits.came_facts", properties=(_SOURCE, _STORE))
)
HAPPENINGS.register(
    Happening(
        name="visit_missed",
        title=N_("booked visits missed"),
        source="visits.missed_facts",
        properties=(_SOURCE, _STORE),
    )
)
