"""What rules may ask of prepaid balances: what people have left, and when they topped up."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.lake.fields import FIELDS, HAPPENINGS, Field, Happening

_BALANCE = N_("Prepaid balance")
_FACTS = "membership.balance_facts"

FIELDS.register(Field("balance_minor", N_("Prepaid balance left"), "money", "balance_minor", _BALANCE, _FACTS))
FIELDS.register(Field("principal_minor", N_("Principal left"), "money", "principal_minor", _BALANCE, _FACTS))

HAPPENINGS.register(
    Happening(
        name="topped_up",
        title=N_("top-ups of a prepaid balance"),
        source="membership.top_up_facts",
        currency="currency",
        measures=(Field("amount_minor", N_("principal paid in"), "money", "till_minor"),),
        properties=(Field("store", N_("Store of the top-up"), "choice", "store_id", lookup="stores"),),
    )
)
