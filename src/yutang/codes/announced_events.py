"""What the room of channel codes tells other systems."""

from yutang.codes.events import Joined
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_

ANNOUNCED.register(
    AnnouncedEvent(Joined, N_("Somebody came by a channel code"), permission="codes.view", people=("customer_id",))
)
