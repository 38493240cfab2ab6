"""What the room of playbooks tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.journeys.events import StepReached
from yutang.kit.text import N_

ANNOUNCED.register(
    AnnouncedEvent(
        StepReached,
        N_("Somebody came to a step of a playbook that tells other systems"),
        permission="journeys.view",
        people=("customer_id",),
    )
)
