"""What the room of group-buying tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SeatPaid:
    """Somebody paid for a place in a group.

    Attributes:
        seat_id: the seat.
        group_id: its group.
        campaign_id: its campaign.
        customer_id: who; 0 where the person was erased.
        is_newcomer: whether the person had never bought.
        amount_minor: what was paid. Minor units.
    """

    seat_id: int
    group_id: int
    campaign_id: int
    customer_id: int
    is_newcomer: bool
    amount_minor: int


@dataclass(frozen=True)
class GroupFilled:
    """A group has as many paid members as it needs.

    Attributes:
        group_id: the group.
        campaign_id: its campaign.
        size: members.
        customer_ids: who they are.
    """

    group_id: int
    campaign_id: int
    size: int
    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class GroupExpired:
    """A group did not fill in time; its members get their money back.

    Attributes:
        group_id: the group.
        campaign_id: its campaign.
        size: members that it needed.
        paid: members who had paid.
    """

    group_id: int
    campaign_id: int
    size: int
    paid: int


@dataclass(frozen=True)
class SeatLeft:
    """Somebody left a group before it filled.

    Attributes:
        seat_id: the seat.
        group_id: its group.
        campaign_id: its campaign.
        customer_id: who; 0 where the person was erased.
        was_paid: whether money goes back.
    """

    seat_id: int
    group_id: int
    campaign_id: int
    customer_id: int
    was_paid: bool


@dataclass(frozen=True)
class PaidTooLate:
    """A payment came when the place was gone.

    Attributes:
        seat_id: the seat.
        group_id: the group in which it was wanted.
        campaign_id: its campaign.
        customer_id: who; 0 where the person was erased.
        new_group_id: the group that was begun with it; 0: the money goes back.
    """

    seat_id: int
    group_id: int
    campaign_id: int
    customer_id: int
    new_group_id: int


@dataclass(frozen=True)
class CampaignPaused:
    """A campaign takes nobody for now.

    Attributes:
        campaign_id: the campaign.
        why: in a word of the code, or in somebody's words.
    """

    campaign_id: int
    why: str
