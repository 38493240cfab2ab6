"""What a friend did while the invitation was held: nobody tells of it a second time."""

from __future__ import annotations

from yutang.coupons.models import Coupon
from yutang.referral.models import Deed, Invitation
from yutang.visits.models import Booking
from yutang.wecom.models import Friendship


def deeds_meanwhile(*, invitation_id: int) -> tuple[str, ...]:
    """Return the deeds of the friend since they came that still stand: a member of staff added, a store visited.

    What was bought the orders tell, whenever they are looked at.
    """
    row = Invitation.objects.get(pk=invitation_id)
    if row.friend_id is None:
        return ()
    friends = Friendship.objects.filter(contact__customer_id=row.friend_id, added_at__isnull=False, ended_at=None)
    redeemed = Coupon.objects.filter(customer_id=row.friend_id, redeemed_at__gte=row.came_at, store__isnull=False)
    came = Booking.objects.filter(customer_id=row.friend_id, came_at__gte=row.came_at)
    found = []
    if friends.exists():
        found.append(Deed.ADDED)
    if redeemed.exists() or came.exists():
        found.append(Deed.VISITED)
    return tuple(found)
