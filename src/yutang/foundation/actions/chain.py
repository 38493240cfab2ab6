"""Changes of regions and stores: a whole chain loaded at once, and one place after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Max

from yutang.foundation.access import ROLE_PERMISSIONS, Actor
from yutang.foundation.actions.staff import NoSuchRegion, NoSuchStore
from yutang.foundation.audit import audit
from yutang.foundation.events import StoreChanged
from yutang.foundation.lake_marks import mark_stores
from yutang.foundation.models import Region, Staff, Store
from yutang.foundation.naming import require_own_username, require_visible
from yutang.foundation.outbox import record
from yutang.foundation.places import RegionNotFound, StoreNotFound
from yutang.foundation.roles import MoreThanYouHave, NoSuchRole
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_


class NoSuchTimeZone(DomainError):
    """The time zone is not in the IANA list."""

    code: ClassVar[str] = "no_such_time_zone"
    message: ClassVar[str] = N_("There is no time zone %(time_zone)s. Write it like Asia/Shanghai.")


class StoreIsInvalid(DomainError):
    """A fact of a store cannot be."""

    code: ClassVar[str] = "store_is_invalid"
    http_status: ClassVar[int] = 422


class StoreCodeIsInvalid(StoreIsInvalid):
    """The code is empty or too long."""

    message: ClassVar[str] = N_("Write a code of 1 to 64 characters.")


class StoreNameIsInvalid(StoreIsInvalid):
    """The name is empty or too long."""

    message: ClassVar[str] = N_("Write a name of 1 to 120 characters.")


class CityIsTooLong(StoreIsInvalid):
    """The name of the city is too long."""

    message: ClassVar[str] = N_("The city has at most 60 characters.")


class StoreClosesBeforeItOpens(StoreIsInvalid):
    """The last day lies before the first."""

    message: ClassVar[str] = N_("The store closes on the day it opened at the earliest.")


class PlaceIsInvalid(DomainError):
    """A coordinate is none."""

    code: ClassVar[str] = "place_is_invalid"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(latitude)s, %(longitude)s is no place: write a latitude from -90 to 90 and a longitude from -180 to 180, such as "
        "31.1953 and 121.4370."
    )


class StoreCodeIsTaken(DomainError):
    """Another store has the code."""

    code: ClassVar[str] = "store_code_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Another store has the code %(store_code)s.")


class RegionNameIsInvalid(DomainError):
    """A region has a name of its own."""

    code: ClassVar[str] = "region_name_is_invalid"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Write a name of 1 to 80 characters that no other region has.")


class RegionIsInUse(DomainError):
    """Stores or staff belong to the region."""

    code: ClassVar[str] = "region_is_in_use"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(stores)s stores and %(staff)s members of staff belong to this region. Move them first."
    )


@dataclass(frozen=True)
class StoreEntry:
    """A store to be loaded with its chain; without a place it has none on the map."""

    code: str
    name: str
    region: str = ""
    city: str = ""
    time_zone: str = "Asia/Shanghai"
    opened_on: date | None = None
    closed_on: date | None = None
    place: Place | None = None


@dataclass(frozen=True)
class StaffEntry:
    """A member of staff to be loaded with a chain; without a password, so nobody can log in before one is set."""

    username: str
    display_name: str
    role: str
    store_codes: tuple[str, ...] = ()
    joined_at: datetime | None = None


@dataclass(frozen=True)
class Chain:
    """Regions, stores and staff, as the demo shop or an organisation's list gives them."""

    stores: tuple[StoreEntry, ...]
    staff: tuple[StaffEntry, ...] = ()
    regions: tuple[str, ...] = field(default=())


@transaction.atomic
def load_chain(*, actor: Actor, chain: Chain, now: datetime) -> dict[str, int]:
    """Create or update regions, stores and staff by name, code and log-in name, and return how many there are of each.

    Raises:
        NotAllowed: the actor does not manage staff.
        NoSuchTimeZone: a store's time zone does not exist.
        PlaceIsInvalid: a store's place is none.
        NoSuchRole: a role does not exist.
        NoSuchStore: a member of staff belongs to a store that does not exist.
    """
    actor.require("staff.manage")
    regions = _load_regions([*chain.regions, *(store.region for store in chain.stores if store.region)])
    for entry in chain.stores:
        _require_time_zone(entry.time_zone)
        values = {
            "name": entry.name,
            "region": regions.get(entry.region),
            "city": entry.city,
            "time_zone": entry.time_zone,
            "opened_on": entry.opened_on,
            "closed_on": entry.closed_on,
            # A list without places does not take away those that were written here.
            **(_degrees(entry.place) if entry.place else {}),
        }
        Store.objects.update_or_create(code=entry.code, defaults=values)
    mark_stores(now=now)
    stores = {store.code: store for store in Store.objects.all()}
    for person in chain.staff:
        _load_person(person, stores, now)
    counts = {"regions": len(regions), "stores": len(chain.stores), "staff": len(chain.staff)}
    audit(actor=actor, action="chain.loaded", subject_type="chain", detail=counts, now=now)
    return counts


@transaction.atomic
def create_store(*, actor: Actor, store: StoreEntry, now: datetime) -> int:
    """Add a store and return its key.

    Raises:
        NotAllowed: the actor does not manage stores.
        MoreThanYouHave: the actor does not see every store.
        StoreIsInvalid: a fact cannot be.
        PlaceIsInvalid: the place is none.
        StoreCodeIsTaken: another store has the code.
        NoSuchRegion: the region does not exist.
        NoSuchTimeZone: the time zone does not exist.
    """
    _require_whole_chain(actor)
    _require_right(_faults(store))
    row = Store.objects.create(code=store.code.strip(), **_facts(store))
    _note(actor, "store.created", row.pk, _told(row), now)
    mark_stores(now=now)
    record(StoreChanged(store_id=row.pk), now=now)
    return row.pk


@transaction.atomic
def change_store(*, actor: Actor, store_id: int, store: StoreEntry, now: datetime) -> None:
    """Change the facts of a store; days that are written already stay those of the time zone of then.

    Raises:
        NotAllowed: the actor does not manage stores.
        StoreNotFound: there is none within the actor's reach.
        MoreThanYouHave: the region or the code would change, and the actor does not see every store.
        StoreIsInvalid: a fact cannot be.
        PlaceIsInvalid: the place is none.
        StoreCodeIsTaken: another store has the code.
        NoSuchRegion: the region does not exist.
        NoSuchTimeZone: the time zone does not exist.
    """
    row = _to_change(actor, store_id, store)
    _require_right(_faults(store, but=store_id))
    before, facts = _told(row), {"code": store.code.strip(), **_facts(store)}
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
    _note(actor, "store.changed", store_id, {"before": before, "after": _told(row)}, now)
    mark_stores(now=now)
    record(StoreChanged(store_id=store_id), now=now)


def faults_of_store(*, actor: Actor, store: StoreEntry, store_id: int | None = None) -> dict[str, DomainError]:
    """Return everything for which a store would be refused, all at once, by the name of the fact; what is right is missing.

    Args:
        actor: needs ``stores.manage``.
        store: the facts as they would be written.
        store_id: the store that would be changed; None: a new one.

    Raises:
        NotAllowed, StoreNotFound, MoreThanYouHave: the actor could not write it, and learns nothing of other stores.
    """
    if store_id is None:
        _require_whole_chain(actor)
    else:
        _to_change(actor, store_id, store)
    return _faults(store, but=store_id)


def _to_change(actor: Actor, store_id: int, store: StoreEntry) -> Store:
    """Return a store that the actor may make what the entry says."""
    actor.require("stores.manage")
    row = Store.objects.select_related("region").filter(pk=store_id).first()
    if row is None or not actor.reaches(store_id):
        raise StoreNotFound(store_id=store_id)
    # Who has the region sees the store: whoever moves it gives sight of it.
    if (store.code.strip(), store.region) != (row.code, row.region.name if row.region else ""):
        _require_whole_chain(actor)
    return row


@transaction.atomic
def create_region(*, actor: Actor, name: str, now: datetime) -> int:
    """Add a region after the others and return its key.

    Raises:
        NotAllowed: the actor does not manage stores.
        MoreThanYouHave: the actor does not see every store.
        RegionNameIsInvalid: the name is empty, too long or taken.
    """
    _require_whole_chain(actor)
    last = Region.objects.aggregate(last=Max("ordinal"))["last"] or 0
    row = Region.objects.create(name=_region_name(name), ordinal=last + 1)
    _note_region(actor, "region.created", row, {}, now)
    return row.pk


@transaction.atomic
def rename_region(*, actor: Actor, region_id: int, name: str, now: datetime) -> None:
    """Give a region another name.

    Raises:
        NotAllowed: the actor does not manage stores.
        MoreThanYouHave: the actor does not see every store.
        RegionNotFound: there is none of this key.
        RegionNameIsInvalid: the name is empty, too long or taken.
    """
    row = _region(actor, region_id)
    before, row.name = row.name, _region_name(name, but=region_id)
    row.save(update_fields=["name"])
    _note_region(actor, "region.renamed", row, {"before": before}, now)


@transaction.atomic
def delete_region(*, actor: Actor, region_id: int, now: datetime) -> None:
    """Delete a region to which nothing belongs.

    Raises:
        NotAllowed: the actor does not manage stores.
        MoreThanYouHave: the actor does not see every store.
        RegionNotFound: there is none of this key.
        RegionIsInUse: stores or staff belong to it.
    """
    row = _region(actor, region_id)
    counts = {"stores": row.stores.count(), "staff": row.staff.count()}
    if any(counts.values()):
        raise RegionIsInUse(**counts)
    _note_region(actor, "region.deleted", row, {}, now)
    row.delete()


def _require_whole_chain(actor: Actor) -> None:
    actor.require("stores.manage")
    if actor.store_ids is not None:
        raise MoreThanYouHave


def _require_right(faults: Mapping[str, DomainError]) -> None:
    for fault in faults.values():
        raise fault


def _faults(store: StoreEntry, *, but: int | None = None) -> dict[str, DomainError]:
    """Return why a store would be refused by the name of the fact, in the order in which a form asks for them.

    Args:
        store: the facts.
        but: key of the store that has them.
    """
    code, faults = store.code.strip(), dict[str, DomainError]()
    others = Store.objects.all() if but is None else Store.objects.exclude(pk=but)
    if not 0 < len(store.name.strip()) <= 120:
        faults["name"] = StoreNameIsInvalid()
    if not 0 < len(code) <= 64:
        faults["code"] = StoreCodeIsInvalid()
    elif others.filter(code=code).exists():
        faults["code"] = StoreCodeIsTaken(store_code=code)
    if store.region and not Region.objects.filter(name=store.region).exists():
        faults["region"] = NoSuchRegion(region=store.region)
    if len(store.city.strip()) > 60:
        faults["city"] = CityIsTooLong()
    if store.opened_on and store.closed_on and store.closed_on < store.opened_on:
        faults["closed_on"] = StoreClosesBeforeItOpens()
    if store.place is not None and not store.place.is_on_earth:
        faults["latitude"] = PlaceIsInvalid(latitude=store.place.latitude, longitude=store.place.longitude)
    if not _is_time_zone(store.time_zone):
        faults["time_zone"] = NoSuchTimeZone(time_zone=store.time_zone)
    return faults


def _facts(store: StoreEntry) -> dict[str, Any]:
    """Return the columns of a store other than its code, of facts that were looked at."""
    return {
        "name": store.name.strip(),
        "region": Region.objects.filter(name=store.region).first(),
        "city": store.city.strip(),
        "time_zone": store.time_zone,
        "opened_on": store.opened_on,
        "closed_on": store.closed_on,
        **_degrees(store.place),
    }


def _degrees(place: Place | None) -> dict[str, float | None]:
    """Return the columns of a place, looked at; none for none."""
    if place is None:
        return {"latitude": None, "longitude": None}
    if not place.is_on_earth:
        raise PlaceIsInvalid(latitude=place.latitude, longitude=place.longitude)
    return {"latitude": round(place.latitude, 6), "longitude": round(place.longitude, 6)}


def _told(row: Store) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "region": row.region.name if row.region else "",
        "city": row.city,
        "time_zone": row.time_zone,
        "opened_on": row.opened_on.isoformat() if row.opened_on else None,
        "closed_on": row.closed_on.isoformat() if row.closed_on else None,
        "place": None if row.latitude is None else [row.latitude, row.longitude],
    }


def _region(actor: Actor, region_id: int) -> Region:
    _require_whole_chain(actor)
    row = Region.objects.filter(pk=region_id).first()
    if row is None:
        raise RegionNotFound(region_id=region_id)
    return row


def _region_name(name: str, *, but: int = 0) -> str:
    wanted = name.strip()
    if not 0 < len(wanted) <= 80 or Region.objects.filter(name=wanted).exclude(pk=but).exists():
        raise RegionNameIsInvalid
    return wanted


def _note(actor: Actor, action: str, store_id: int, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="store", subject_id=store_id, detail=detail, now=now)


def _note_region(actor: Actor, action: str, row: Region, detail: dict[str, Any], now: datetime) -> None:
    told = {"name": row.name, **detail}
    audit(actor=actor, action=action, subject_type="region", subject_id=row.pk, detail=told, now=now)


def _load_regions(names: Iterable[str]) -> Mapping[str, Region]:
    unique = list(dict.fromkeys(names))
    return {
        name: Region.objects.get_or_create(name=name, defaults={"ordinal": ordinal})[0]
        for ordinal, name in enumerate(unique, 1)
    }


def _load_person(person: StaffEntry, stores: Mapping[str, Store], now: datetime) -> None:
    if person.role not in ROLE_PERMISSIONS:
        raise NoSuchRole(role=person.role, roles=", ".join(ROLE_PERMISSIONS))
    for code in person.store_codes:
        if code not in stores:
            raise NoSuchStore(store_code=code)
    require_visible(person.username, person.display_name)
    staff = Staff.objects.filter(username=person.username).first()
    if staff is None:
        require_own_username(person.username)
        staff = Staff(username=person.username, joined_at=person.joined_at or now)
        staff.set_unusable_password()
    staff.display_name, staff.role, staff.own_role = person.display_name, person.role, None
    staff.save()
    staff.stores.set([stores[code] for code in person.store_codes])


def _require_time_zone(name: str) -> None:
    if not _is_time_zone(name):
        raise NoSuchTimeZone(time_zone=name)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
