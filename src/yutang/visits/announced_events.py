"""What the room of visits tells other systems, and playbooks."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_
from yutang.visits.events import Booked, Came, Cancelled, HookPaid, Missed, Moved, VisitNeared

for _event, _title in (
    (HookPaid, N_("Somebody paid a low-price offer")),
    (Booked, N_("Somebody booked a visit")),
    (Moved, N_("A booked visit was moved")),
    (VisitNeared, N_("A booked visit is near")),
    (Came, N_("Somebody came and was checked in")),
    (Missed, N_("Somebody had booked and did not come")),
    (Cancelled, N_("A booked visit was called off")),
):
    ANNOUNCED.register(AnnouncedEvent(_event, _title, permission="visits.view", people=("customer_id",)))
