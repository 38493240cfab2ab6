"""Stores and regions as who manages them sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from yutang.foundation.access import Actor
from yutang.foundation.models import Region, Store
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_

#: Stands behind every region.
_LAST = Value(2**31 - 1)


class StoreNotFound(DomainError):
    """There is no such store within the actor's reach."""

    code: ClassVar[str] = "store_not_found"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store_id)s among those that you see.")


class RegionNotFound(DomainError):
    """There is no such region."""

    code: ClassVar[str] = "region_not_found"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no region %(region_id)s.")


@dataclass(frozen=True)
class StoreCard:
    """A store with how many members of staff were given it one by one and may log in."""

    id: int
    code: str
    name: str
    city: str
    time_zone: str
    region_id: int | None
    region_name: str
    opened_on: date | None
    closed_on: date | None
    staff: int
    place: Place | None = None


@dataclass(frozen=True)
class RegionCard:
    """A region with how many stores belong to it, and how many members of staff were given it."""

    id: int
    name: str
    stores: int
    staff: int


def store_cards(*, access: Actor) -> tuple[StoreCard, ...]:
    """Return the stores within the actor's reach, by region and code; those without a region last."""
    access.require("stores.manage")
    return tuple(_card(row) for row in _within(access))


def store_card(*, access: Actor, store_id: int) -> StoreCard:
    """Return one store.

    Raises:
        StoreNotFound: there is none within the actor's reach.
    """
    access.require("stores.manage")
    row = _within(access).filter(pk=store_id).first()
    if row is None:
        raise StoreNotFound(store_id=store_id)
    return _card(row)


def region_cards(*, access: Actor) -> tuple[RegionCard, ...]:
    """Return the regions in their order."""
    access.require("stores.manage")
    counted = Region.objects.annotate(
        store_count=Count("stores", distinct=True), staff_count=Count("staff", distinct=True)
    )
    return tuple(
        RegionCard(row.pk, row.name, row.store_count, row.staff_count) for row in counted.order_by("ordinal", "id")
    )


def _within(access: Actor) -> QuerySet[Store]:
    rows = Store.objects.select_related("region").annotate(staff_count=Count("staff", filter=Q(staff__is_active=True)))
    if access.store_ids is not None:
        rows = rows.filter(pk__in=access.store_ids)
    return rows.order_by(Coalesce("region__ordinal", _LAST), "code")


def _card(row: Store) -> StoreCard:
    return StoreCard(
        id=row.pk,
        code=row.code,
        name=row.name,
        city=row.city,
        time_zone=row.time_zone,
        region_id=row.region_id,
        region_name=row.region.name if row.region else "",
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        staff=getattr(row, "staff_count", 0),
        place=place_of(row),
    )


def place_of(row: Store) -> Place | None:
    """Return where a store stands; None where nobody has written it."""
    return None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude)
