"""What the room keeps sealed."""

from __future__ import annotations

from yutang.channels.models import Reply
from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_

SEALED.register(SealedColumn("channels.replies", N_("Replies to short messages and e-mail"), Reply, "sealed_text"))
