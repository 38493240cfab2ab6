"""What the room of figures tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.insight.events import CustomersScored
from yutang.kit.text import N_

ANNOUNCED.register(AnnouncedEvent(CustomersScored, N_("All customers have new scores"), permission="insight.view"))
