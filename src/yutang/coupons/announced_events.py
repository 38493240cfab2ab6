"""What the room of coupons tells other systems."""

from yutang.coupons.events import Given, Redeemed
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_

ANNOUNCED.register(
    AnnouncedEvent(Given, N_("Somebody got a coupon"), permission="coupons.view", people=("customer_id",))
)
ANNOUNCED.register(
    AnnouncedEvent(Redeemed, N_("A coupon was redeemed"), permission="coupons.view", people=("customer_id",))
)
