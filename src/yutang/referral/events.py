"""What the room of referral tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FriendCame:
    """A friend took an invitation.

    Attributes:
        invitation_id: the invitation.
        programme_id: the programme.
        customer_id: the friend.
        inviter_id: the customer who invited.
    """

    invitation_id: int
    programme_id: int
    customer_id: int
    inviter_id: int


@dataclass(frozen=True)
class FriendActed:
    """A friend really did what the programme asks for.

    Attributes:
        invitation_id: the invitation.
        programme_id: the programme.
        customer_id: the friend.
        inviter_id: the customer who invited.
        deed: ``added``, ``bought`` or ``visited``.
    """

    invitation_id: int
    programme_id: int
    customer_id: int
    inviter_id: int
    deed: str


@dataclass(frozen=True)
class BenefitGiven:
    """Somebody got the benefit of an invitation.

    Attributes:
        reward_id: the benefit.
        programme_id: the programme.
        customer_id: who got it.
        role: ``friend`` or ``inviter``.
    """

    reward_id: int
    programme_id: int
    customer_id: int
    role: str


@dataclass(frozen=True)
class BenefitTakenBack:
    """A benefit was taken back, because the friend's order was given back.

    Attributes:
        reward_id: the benefit.
        programme_id: the programme.
        customer_id: who had it.
        role: ``friend`` or ``inviter``.
    """

    reward_id: int
    programme_id: int
    customer_id: int
    role: str
