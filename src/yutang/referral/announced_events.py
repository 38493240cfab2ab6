"""What the room of referral tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_
from yutang.referral.events import BenefitGiven, BenefitTakenBack, FriendActed, FriendCame

_PEOPLE = ("customer_id", "inviter_id")
ANNOUNCED.register(
    AnnouncedEvent(FriendCame, N_("A friend took an invitation"), permission="referral.view", people=_PEOPLE)
)
ANNOUNCED.register(
    AnnouncedEvent(FriendActed, N_("An invited friend did it"), permission="referral.view", people=_PEOPLE)
)
ANNOUNCED.register(
    AnnouncedEvent(
        BenefitGiven, N_("A benefit of a referral was given"), permission="referral.view", people=("customer_id",)
    )
)
ANNOUNCED.register(
    AnnouncedEvent(
        BenefitTakenBack,
        N_("A benefit of a referral was taken back"),
        permission="referral.view",
        people=("customer_id",),
    )
)
