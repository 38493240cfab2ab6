"""What the room of payments tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_
from yutang.payments.events import Failed, Paid, Refunded

ANNOUNCED.register(AnnouncedEvent(Paid, N_("A payment came in"), permission="payments.view"))
ANNOUNCED.register(AnnouncedEvent(Refunded, N_("Money was given back"), permission="payments.view"))
ANNOUNCED.register(AnnouncedEvent(Failed, N_("A payment was not made"), permission="payments.view"))
