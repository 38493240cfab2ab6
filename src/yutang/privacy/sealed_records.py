"""What the room keeps sealed."""

from __future__ import annotations

from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_
from yutang.privacy.models import DataRequest

SEALED.register(SealedColumn("privacy.words", N_("Words of requests about data"), DataRequest, "sealed_words"))
