"""What the room of group-buying tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.groupbuy.events import CampaignPaused, GroupExpired, GroupFilled, PaidTooLate, SeatLeft, SeatPaid
from yutang.kit.text import N_

_VIEW = "groupbuy.view"

ANNOUNCED.register(
    AnnouncedEvent(SeatPaid, N_("Somebody paid for a place in a group"), permission=_VIEW, people=("customer_id",))
)
ANNOUNCED.register(AnnouncedEvent(SeatLeft, N_("Somebody left a group"), permission=_VIEW, people=("customer_id",)))
ANNOUNCED.register(
    AnnouncedEvent(PaidTooLate, N_("A payment for a group came too late"), permission=_VIEW, people=("customer_id",))
)
ANNOUNCED.register(AnnouncedEvent(GroupFilled, N_("A group filled"), permission=_VIEW))
ANNOUNCED.register(AnnouncedEvent(GroupExpired, N_("A group did not fill in time"), permission=_VIEW))
ANNOUNCED.register(AnnouncedEvent(CampaignPaused, N_("A group-buying campaign was paused"), permission=_VIEW))
