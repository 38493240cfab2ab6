"""Newcomers of channel codes and invited friends are led into groups: the three rooms do not know each other, this one knows all.

What came is looked at again and again until a place is kept: an event that was lost, a group that was full and a group that was
made meanwhile come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import CharField, Exists, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from yutang.codes import leading as codes
from yutang.codes.leading import Led, ToLead
from yutang.communities.actions import Newcomer, Placement, Wish, place_newcomers
from yutang.communities.models import Place
from yutang.foundation.access import Actor
from yutang.referral import leading as referral
from yutang.referral.leading import FriendToLead
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.models import Group
from yutang.wecom.way_book import WayPicture, join_pictures

_OF_CODE, _OF_FRIEND = "code-newcomer:", "referral-friend:"
#: Newcomers of one transaction: the groups that are meant are locked meanwhile.
MOST_AT_ONCE = 200
_IN_GROUP = frozenset({"placed", "member"})

_Row = TypeVar("_Row", bound=Model)
_One = TypeVar("_One")


@dataclass(frozen=True)
class GroupPlace:
    """What a friend sees of the group that they are led into.

    Attributes:
        name: of the group; empty: all are full.
        picture: of its code; None: it is being made.
    """

    name: str
    picture: WayPicture | None


class LeadsIntoGroups:
    """Leads newcomers of codes, for their room."""

    def lead(self, *, newcomers: Sequence[ToLead], now: datetime) -> Mapping[int, Led]:
        """Keep a place for each in the fitting group, and return where, by newcomer; asked again, the same."""
        found: dict[int, Led] = {}
        for wish, some in _by_wish((_wish_of_code(one), one) for one in newcomers).items():
            wanted = [_newcomer_of_code(one) for one in some]
            for one, placement in zip(some, _placed(wanted, wish, now), strict=True):
                found[one.newcomer_id] = Led(_group_of(placement), placement.outcome == "no_room")
        return found


codes.plug_in(LeadsIntoGroups())


def lead_waiting(*, now: datetime) -> dict[str, int]:
    """Keep places for newcomers and friends who have none yet, some of them, and return how many were seen and led."""
    newcomers = codes.to_lead(_without_place(codes.newcomers_to_lead(now=now), _OF_CODE))
    found = LeadsIntoGroups().lead(newcomers=newcomers, now=now)
    led = sum(bool(one.group_key) for one in found.values())
    friends = [referral.to_lead(row) for row in _without_place(referral.friends_to_lead(now=now), _OF_FRIEND)]
    for wish, some in _by_wish((_wish_of_friend(one), one) for one in friends).items():
        wanted = [_newcomer_of_friend(one) for one in some]
        led += sum(bool(_group_of(one)) for one in _placed(wanted, wish, now))
    return {"seen": len(newcomers) + len(friends), "led": led}


def group_of_friend(*, invitation_id: int, now: datetime) -> GroupPlace | None:
    """Return the group into which an invited friend is led, a place kept there from now on; None where none fits."""
    row = referral.friends_to_lead(now=now).filter(pk=invitation_id).first()
    if row is None:
        return None
    friend = referral.to_lead(row)
    (placement,) = _placed([_newcomer_of_friend(friend)], _wish_of_friend(friend), now)
    chat_id = _group_of(placement)
    if not chat_id:
        return GroupPlace("", None) if placement.outcome == "no_room" else None
    name = Group.objects.filter(chat_id=chat_id).values_list("name", flat=True).first()
    return GroupPlace(name or chat_id, join_pictures(chat_ids={chat_id}).get(chat_id))


def _placed(newcomers: Sequence[Newcomer], wish: Wish, now: datetime) -> list[Placement]:
    """Keep places, in parts, and let the codes of the groups be made that have none."""
    found: list[Placement] = []
    for start in range(0, len(newcomers), MOST_AT_ONCE):
        part = newcomers[start : start + MOST_AT_ONCE]
        found += place_newcomers(actor=Actor.system(), newcomers=part, wish=wish, now=now)
    without = {one.group_key for one in found if one.outcome in _IN_GROUP and not one.code}
    if without:
        ask_for_join_ways(actor=Actor.system(), chat_ids=without, now=now)
    return found


def _without_place(rows: QuerySet[_Row], prefix: str) -> list[_Row]:
    """Return those for whom no place was ever kept, who came first first."""
    key = Concat(Value(prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    return list(rows.exclude(Exists(Place.objects.filter(key=key))).order_by("pk"))


def _by_wish(pairs: Iterable[tuple[Wish, _One]]) -> dict[Wish, list[_One]]:
    found: dict[Wish, list[_One]] = {}
    for wish, one in pairs:
        found.setdefault(wish, []).append(one)
    return found


def _wish_of_code(one: ToLead) -> Wish:
    return Wish(name=one.name, most=one.most)


def _newcomer_of_code(one: ToLead) -> Newcomer:
    key, source = f"{_OF_CODE}{one.newcomer_id}", f"code:{one.code_id}"
    return Newcomer(key, one.customer_id, source=source, store_id=one.store_id)


def _wish_of_friend(one: FriendToLead) -> Wish:
    return Wish(line_of=one.group_key)


def _newcomer_of_friend(one: FriendToLead) -> Newcomer:
    key, source = f"{_OF_FRIEND}{one.invitation_id}", f"referral:{one.programme_id}"
    return Newcomer(key, one.friend_id, inviter_id=one.inviter_id, source=source, store_id=one.store_id)


def _group_of(placement: Placement) -> str:
    """Return the group in which somebody is or has a place; empty: none, or they did not come in time."""
    return placement.group_key if placement.outcome in _IN_GROUP else ""
