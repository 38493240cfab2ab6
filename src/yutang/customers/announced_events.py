"""What the room of people tells other systems."""

from yutang.customers.events import ConsentChanged, MergeUndone, PeopleMerged
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_

_SEE = "customers.view"

ANNOUNCED.register(
    AnnouncedEvent(
        ConsentChanged, N_("Somebody agreed, or withdrew a consent"), permission=_SEE, people=("customer_id",)
    )
)
ANNOUNCED.register(
    AnnouncedEvent(PeopleMerged, N_("Two records are one person"), permission=_SEE, people=("winner_id", "loser_id"))
)
ANNOUNCED.register(
    AnnouncedEvent(MergeUndone, N_("A merge was taken apart"), permission=_SEE, people=("winner_id", "loser_id"))
)
