"""Which friends are to be led into a group, and into whose: for the room above that knows living groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from yutang.foundation.settings_kept import kept_setting
from yutang.referral.models import Invitation, InvitationState
from yutang.referral.organisation import LEADS_INTO_GROUPS

#: So long after they came friends are led into a group; who has not come in by then is not asked again.
PATIENCE = timedelta(days=14)


@dataclass(frozen=True)
class FriendToLead:
    """A friend who is to be led into a group.

    Attributes:
        invitation_id: by which they came.
        programme_id: of which programme.
        friend_id: who.
        inviter_id: the customer who invited; None: erased.
        store_id: of the friend, else of whoever invited; None: of none.
        group_key: the group that an ambassador looks after; empty: there is none.
    """

    invitation_id: int
    programme_id: int
    friend_id: int
    inviter_id: int | None
    store_id: int | None
    group_key: str


def friends_to_lead(*, now: datetime) -> QuerySet[Invitation]:
    """Return the invitations that count of friends who came lately; none where friends are not led."""
    if not kept_setting(LEADS_INTO_GROUPS):
        return Invitation.objects.none()
    counting = Invitation.objects.filter(state__in=(InvitationState.CAME, InvitationState.DONE), friend__isnull=False)
    rows = counting.filter(came_at__gt=now - PATIENCE)
    return rows.select_related("friend", "inviter_customer", "inviter__group")


def to_lead(row: Invitation) -> FriendToLead:
    """Return how a friend is to be led."""
    assert row.friend_id is not None
    assert row.friend is not None
    group, inviter = row.inviter.group, row.inviter_customer
    is_of_group = row.inviter.is_ambassador and group is not None and group.dismissed_at is None
    return FriendToLead(
        invitation_id=row.pk,
        programme_id=row.programme_id,
        friend_id=row.friend_id,
        inviter_id=row.inviter_customer_id,
        store_id=row.friend.store_id or (inviter.store_id if inviter else None),
        group_key=group.chat_id if is_of_group and group else "",
    )
