"""What the room keeps sealed."""

from __future__ import annotations

from yutang.customers.models import Customer, Merge
from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.ingest.sealed_records import SealedImages
from yutang.kit.text import N_

SEALED.register(SealedColumn("customers.profiles", N_("Customers"), Customer, "sealed_profile"))
SEALED.register(SealedColumn("customers.merges", N_("Records before merges"), Merge, "winner_profile_before"))
SEALED.register(
    SealedImages("customers.before_images", N_("Records before imports"), Customer._meta.db_table, "sealed_profile")
)
