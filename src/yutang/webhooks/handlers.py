"""What the room does when it hears of anything that other systems may be told."""

from __future__ import annotations

from yutang.foundation.announced import ANNOUNCED
from yutang.foundation.outbox import handles
from yutang.webhooks.announcing import announce

for _told in ANNOUNCED:
    handles(_told.event)(announce)
