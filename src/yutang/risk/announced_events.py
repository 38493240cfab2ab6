"""What the guard tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_
from yutang.risk.events import Settled, Stopped

ANNOUNCED.register(
    AnnouncedEvent(Stopped, N_("The guard stopped something"), permission="guard.view", people=("customer_id",))
)
ANNOUNCED.register(
    AnnouncedEvent(
        Settled,
        N_("Somebody decided about something that the guard had stopped"),
        permission="guard.view",
        people=("customer_id",),
    )
)
