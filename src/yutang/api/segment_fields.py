"""What rules may ask of what people did in other systems."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.lake.fields import HAPPENINGS, Field, Happening

HAPPENINGS.register(
    Happening(
        name="behaviour",
        title=N_("events of other systems"),
        source="api.behaviour_facts",
        properties=(
            Field("kind", N_("Kind of event"), "text", "kind"),
            Field("source", N_("System that saw it"), "text", "source"),
            Field("product_code", N_("Product code"), "text", "product_code"),
            Field("store", N_("Store of the event"), "choice", "store_id", lookup="stores"),
        ),
    )
)
