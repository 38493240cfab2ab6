"""Finding campaigns, groups and seats for the room's own actions."""

from __future__ import annotations

import secrets

from django.db.models import Exists, OuterRef, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.signed_links import is_mark_of, mark_of
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.groupbuy.refusals import NoSuchCampaign, NoSuchGroup, NoSuchSeat

#: Without what is mistaken for something else on a screen or on paper.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
#: The kind of purpose of the payments of seats.
PURPOSE = "groupbuy-seat"


def new_code(length: int) -> str:
    """Return a code by chance: five bits a character."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def campaign_by_id(campaign_id: int, *, is_locked: bool = False) -> Campaign:
    """Return a campaign.

    Raises:
        NoSuchCampaign: there is none.
    """
    rows = Campaign.objects.select_for_update() if is_locked else Campaign.objects
    found = rows.filter(pk=campaign_id).first()
    if found is None:
        raise NoSuchCampaign(campaign=campaign_id)
    return found


def campaign_by_code(code: str) -> Campaign:
    """Return a campaign by its short name.

    Raises:
        NoSuchCampaign: there is none.
    """
    found = Campaign.objects.filter(code=code[:20]).first()
    if found is None:
        raise NoSuchCampaign(campaign=code[:20])
    return found


def group_by_code(code: str) -> Group:
    """Return a group with its campaign.

    Raises:
        NoSuchGroup: there is none.
    """
    found = Group.objects.select_related("campaign").filter(code=code[:16]).first()
    if found is None:
        raise NoSuchGroup(group=code[:16])
    return found


def seat_by_token(token: str) -> Seat:
    """Return a seat with its group and campaign: the token itself is the access.

    Raises:
        NoSuchSeat: there is none.
    """
    found = Seat.objects.select_related("group__campaign").filter(token=token[:32]).first()
    if found is None:
        raise NoSuchSeat(seat="")
    return found


def mark_of_seat(seat_id: int) -> str:
    """Return what stands in the address that whoever holds a seat passes on: nobody makes up that of another, or counts them."""
    return mark_of("groupbuy.share", str(seat_id))


def seat_of_mark(*, group_id: int, mark: str) -> int | None:
    """Return the seat of a group whose address was passed on; None where none of its seats has the mark."""
    if not mark:
        return None
    seats = Seat.objects.filter(group_id=group_id).order_by("pk").values_list("pk", flat=True)
    return next((one for one in seats if is_mark_of(mark, "groupbuy.share", str(one))), None)


def seats_within_reach(access: Actor) -> QuerySet[Seat]:
    """Return the seats of people within reach, and every seat of the campaigns that are used within reach alone, whoever has it."""
    seats = Seat.objects.all()
    if access.store_ids is None:
        return seats
    own = _campaigns_used_within(access.store_ids)
    theirs = Q(customer__store_id__in=access.store_ids)
    # Where there is no such campaign the plain condition lets the store's people lead to their seats.
    return seats.filter(theirs | Q(campaign_id__in=own)) if own else seats.filter(theirs)


def groups_within_reach(access: Actor) -> QuerySet[Group]:
    """Return the groups in which somebody within reach has, or had, a place, and those of campaigns that are used within reach alone."""
    groups = Group.objects.all()
    if access.store_ids is None:
        return groups
    own = _campaigns_used_within(access.store_ids)
    theirs = Seat.objects.filter(customer__store_id__in=access.store_ids).order_by()
    if not own:
        return groups.filter(pk__in=theirs.values("group_id"))
    # Beside an OR PostgreSQL keeps a list of all these groups only while it is small: each group is asked for its own seats.
    return groups.filter(Q(campaign_id__in=own) | Exists(theirs.filter(group_id=OuterRef("pk"))))


def payment_key(seat_id: int) -> str:
    """Return the key, which is the purpose too, of the payment of a seat."""
    return f"{PURPOSE}:{seat_id}"


def _campaigns_used_within(store_ids: frozenset[int]) -> frozenset[int]:
    """Return the campaigns that are used at some of the stores and at no other."""
    used = Campaign.objects.filter(stores__in=store_ids)
    alone = used.exclude(stores__in=Store.objects.exclude(pk__in=store_ids))
    return frozenset(alone.order_by().values_list("pk", flat=True))
