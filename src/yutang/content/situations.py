"""Situations in which staff look for words."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.kit.text import N_

#: In the order in which a customer meets them.
SITUATIONS: Mapping[str, str] = {
    "first_contact": N_("Just added"),
    "needs": N_("Asking what is needed"),
    "advice": N_("Advice on size or choice"),
    "price": N_("“Too expensive”"),
    "compare": N_("“Cheaper elsewhere”"),
    "thinking": N_("“Let me think about it”"),
    "invite": N_("Inviting to the store"),
    "upgrade": N_("Offering more in the store"),
    "after_order": N_("Thanks for an order"),
    "late": N_("Delivery is late"),
    "returns": N_("Exchange and return"),
    "complaint": N_("Complaint"),
    "review": N_("Asking for an honest opinion"),
    "group": N_("Welcome to the group"),
    "silent": N_("Not heard from for long"),
    "stop": N_("“Don't write to me”"),
}
