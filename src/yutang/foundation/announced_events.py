"""What the ground tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.foundation.events import StoreChanged
from yutang.kit.text import N_

ANNOUNCED.register(
    AnnouncedEvent(StoreChanged, N_("A store was added or changed"), permission="customers.view", store="store_id")
)
