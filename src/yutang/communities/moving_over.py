"""Asking members over: into the similar group with which theirs is merged, or into the new group of people who are alike.

A place is kept for each, those who ordered last first, as far as places reach; each is invited under the contact policy. Whoever does
not come within the days for which places are kept stays where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext

from yutang.channels.actions import Message, plan_many
from yutang.channels.bodies import BODIES, Body, BodySource, Said
from yutang.communities.models import Community, Deed, DeedKind, Opening, Place, PlaceState
from yutang.communities.placing import Newcomer, Wish, place_newcomers
from yutang.communities.settling import release_places
from yutang.customers.models import CustomerTag
from yutang.foundation.access import Actor
from yutang.kit.text import N_
from yutang.orders.models import Order
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.models import GroupMember
from yutang.wecom.queries import join_codes

#: What stands before the colon of campaign and content of such an invitation: ``move:<deed>``.
SOURCE = "move"
_INVITED = N_("A place is kept for you in our group “%(group)s”. Open the link and scan the code:")
_PART = 500


@dataclass(frozen=True)
class Asked:
    """What became of asking members over.

    Attributes:
        is_ready: whether the group has a code; where it has none yet, one is being made and nobody was asked.
        people: who was asked. Count.
    """

    is_ready: bool
    people: int


@transaction.atomic
def ask_over(*, deed_id: int, now: datetime) -> Asked:
    """Keep places for the members whom a deed asks over, and invite them; a second time nobody is asked twice.

    Args:
        deed_id: a merging, or a splitting whose new group was made.
        now: aware UTC.
    """
    deed = Deed.objects.select_for_update(of=("self",)).select_related("community").filter(pk=deed_id).first()
    target = None if deed is None else _target(deed)
    if deed is None or target is None:
        return Asked(True, 0)
    chat_id = target.group.chat_id
    if chat_id not in join_codes(chat_ids=[chat_id]):
        ask_for_join_ways(actor=Actor.system(), chat_ids={chat_id}, now=now)
        return Asked(False, 0)
    asked = _invited(deed, _placed(deed, chat_id, now=now), now=now)
    deed.detail = {**deed.detail, "asked": asked}
    deed.save(update_fields=["detail"])
    return Asked(True, asked)


def came_over(*, deed_ids: Collection[int]) -> dict[int, int]:
    """Return how many of those who were asked over came, by deed; deeds by which nobody came are missing."""
    places = Place.objects.filter(source__in=[_source(key) for key in deed_ids], state=PlaceState.TAKEN).order_by()
    counted: dict[int, int] = {}
    for source in places.values_list("source", flat=True):
        key = int(source.partition(":")[2])
        counted[key] = counted.get(key, 0) + 1
    return counted


def bodies(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the words of an invitation to come over, as `MakesBodies`; none where the group or its code is gone."""
    target = _target_of(reference)
    if target is None:
        return {}
    code = join_codes(chat_ids=[target.group.chat_id]).get(target.group.chat_id)
    text = f"{_words(target)}\n{code}"
    return dict.fromkeys(customer_ids, Body(text=text)) if code else {}


def shown_words(*, access: Actor, asked: Collection[Said], now: datetime) -> dict[Said, str]:
    """Return the words of invitations to come over, as `ShowsWords`; without their link."""
    targets = {reference: _target_of(reference) for reference in {one[0] for one in asked}}
    return {one: _words(target) for one in asked if (target := targets[one[0]]) is not None}


BODIES.register(BodySource(SOURCE, bodies, shown=shown_words))


def _target(deed: Deed) -> Community | None:
    """Return the open group into which a deed asks members; None where there is none, or none yet."""
    rows = Community.objects.select_related("group").filter(closed_at=None, group__dismissed_at=None)
    if deed.kind == DeedKind.MERGE:
        return rows.filter(pk=deed.detail.get("with") or 0).first()
    if deed.kind == DeedKind.SPLIT:
        opened = Opening.objects.filter(follows_id=deed.community_id).values_list("opened_id", flat=True).first()
        return rows.filter(pk=opened or 0).first()
    return None


def _target_of(reference: str) -> Community | None:
    key = reference.partition(":")[2]
    deed = Deed.objects.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
    return None if deed is None else _target(deed)


def _placed(deed: Deed, chat_id: str, *, now: datetime) -> list[int]:
    """Return for whom a place is kept in the group now."""
    source = _source(deed.pk)
    newcomers = [Newcomer(_key(deed, person), person, source=source) for person in _people(deed, now=now)]
    kept: list[int] = []
    for start in range(0, len(newcomers), _PART):
        part = newcomers[start : start + _PART]
        found = place_newcomers(actor=Actor.system(), newcomers=part, wish=Wish(group_key=chat_id), now=now)
        kept += [one.customer_id for one, place in zip(part, found, strict=True) if place.outcome == "placed"]
    return kept


def _people(deed: Deed, *, now: datetime) -> list[int]:
    """Return the members to ask, who ordered last first: all of a group that is merged, of one that is split those of a part."""
    seats = GroupMember.objects.filter(
        group_id=deed.community.group_id, left_at=None, contact__customer__isnull=False
    ).order_by()
    people = set(seats.values_list("contact__customer_id", flat=True))
    if deed.kind == DeedKind.SPLIT:
        carried = CustomerTag.objects.filter(tag_id=deed.detail.get("tag") or 0, customer_id__in=people)
        people = set(carried.filter(Q(expires_at=None) | Q(expires_at__gt=now)).values_list("customer_id", flat=True))
    ordered = (
        Order.objects.filter(customer_id__in=people).order_by().values("customer_id").annotate(last=Max("placed_at"))
    )
    last = {row["customer_id"]: row["last"].timestamp() for row in ordered}
    return sorted(people, key=lambda one: (-last.get(one, 0.0), one))


def _invited(deed: Deed, people: Sequence[int], *, now: datetime) -> int:
    """Plan the invitations, free the places of those whom the policy does not let be told, and return how many are told."""
    source = _source(deed.pk)
    messages = [
        Message(_key(deed, person), "wecom", "service", customer_id=person, campaign=source, content=source)
        for person in people
    ]
    planned = plan_many(actor=Actor.system(), messages=messages, now=now)
    unheard = [
        one.key for one, told in zip(messages, planned, strict=True) if told.decision.outcome not in {"now", "at"}
    ]
    if unheard:
        release_places(actor=Actor.system(), keys=unheard, now=now)
    return len(messages) - len(unheard)


def _words(target: Community) -> str:
    return gettext(_INVITED) % {"group": target.group.name}


def _source(deed_id: int) -> str:
    return f"{SOURCE}:{deed_id}"


def _key(deed: Deed, person: int) -> str:
    return f"{_source(deed.pk)}:{person}"
