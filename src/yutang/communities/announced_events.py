"""What the room of groups tells other systems."""

from yutang.communities.events import GroupIsWanted, LifeChanged, NewcomerCame
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_

ANNOUNCED.register(
    AnnouncedEvent(LifeChanged, N_("A group is more or less alive than before"), permission="communities.view")
)
ANNOUNCED.register(
    AnnouncedEvent(
        NewcomerCame,
        N_("Somebody came into the group that they were led to"),
        permission="communities.view",
        people=("customer_id",),
    )
)
ANNOUNCED.register(
    AnnouncedEvent(GroupIsWanted, N_("A group is full, and the next one is to be made"), permission="communities.view")
)
