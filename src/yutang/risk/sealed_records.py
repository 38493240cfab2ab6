"""What the room keeps sealed."""

from __future__ import annotations

from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_
from yutang.risk.models import Appeal

SEALED.register(SealedColumn("risk.appeals", N_("Words of appeals"), Appeal, "sealed_words"))
