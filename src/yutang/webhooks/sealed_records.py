"""What the room keeps sealed."""

from __future__ import annotations

from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_
from yutang.webhooks.models import Endpoint

SEALED.register(SealedColumn("webhooks.secrets", N_("Secrets of webhooks"), Endpoint, "sealed_secret"))
