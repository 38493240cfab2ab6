"""What the room keeps sealed."""

from __future__ import annotations

from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_
from yutang.visits.models import Booking

SEALED.register(SealedColumn("visits.codes", N_("Codes to check in"), Booking, "sealed_code"))
