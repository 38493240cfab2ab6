"""Who came by a code, who left, who came into the group: set-based from what WeCom's room knows, to be asked again at any time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from yutang.codes.greeting import zone_of
from yutang.codes.models import Cost, Newcomer, OwnWay, Spot
from yutang.foundation import bulk
from yutang.foundation.models import Staff, Store
from yutang.ingest import journal
from yutang.wecom.models import Friendship, Standing

TABLE = Newcomer._meta.db_table
_COLUMNS = (
    "code_id", "spot_id", "customer_id", "friendship_id", "account_id", "store_id", "was_known", "added_at", "added_date",
    "left_at", "left_date", "joined_group_at", "cost_minor", "verdict", "is_remarked", "noted",
)  # fmt: skip
_AT_ONCE = 5_000


@dataclass(frozen=True)
class _Way:
    code_id: int
    spot_id: int | None
    store_id: int | None
    zone: tzinfo


def write_newcomers(*, friendship_ids: Collection[int] | None = None, since: datetime | None = None) -> int:
    """Write down who came by a code and is not written down yet, in the caller's transaction; return how many.

    Args:
        friendship_ids: only of these friendships; None: of all.
        since: only who came from then on; None: whenever. Aware UTC.
    """
    ways = _ways()
    rows = Friendship.objects.filter(way__isnull=False, added_at__isnull=False, contact__customer__isnull=False)
    if since is not None:
        rows = rows.filter(added_at__gte=since)
    if friendship_ids is not None:
        rows = rows.filter(pk__in=list(friendship_ids))
    rows = rows.exclude(Exists(Newcomer.objects.filter(friendship=OuterRef("pk"))))
    found = rows.annotate(first=F("contact__customer__first_seen_at"), person=F("contact__customer_id"))
    columns = ("pk", "way_id", "account_id", "account__staff_id", "person", "first", "added_at")
    told = [row for row in found.order_by("added_at", "pk").values_list(*columns) if row[1] in ways]
    own_store = _own_stores({row[3] for row in told if row[3] is not None})
    return bulk.insert_new_rows(TABLE, _COLUMNS, [_row(row, ways[row[1]], own_store) for row in told])


def write_departures(*, customer_ids: Collection[int] | None = None, now: datetime) -> int:
    """Write down who is nobody's friend any more, and who came back, in the caller's transaction; return how many changed.

    Args:
        customer_ids: only of these people; None: of everybody.
        now: when a friendship ended of which nobody knows when. Aware UTC.
    """
    of_person = Friendship.objects.filter(contact__customer=OuterRef("customer"))
    is_friend = Exists(of_person.filter(standing=Standing.FRIENDS))
    ended = of_person.order_by().values("contact__customer").annotate(last=Max("ended_at")).values("last")
    # Of who came before codes were kept here it is not known by which friendship: nothing follows for them.
    rows = Newcomer.objects.filter(customer__isnull=False, friendship__isnull=False)
    if customer_ids is not None:
        rows = rows.filter(customer_id__in=list(customer_ids))
    gone = rows.filter(~is_friend, left_at=None).annotate(ended=Subquery(ended))
    back = rows.filter(is_friend, left_at__isnull=False)
    zone = timezone.get_current_timezone()
    changed: list[tuple[Any, ...]] = []
    for key, added_at, at, day in gone.values_list("pk", "added_at", "ended", "added_date"):
        left = max(at or now, added_at)
        changed.append((key, day, left, left.astimezone(zone).date()))
    changed += [(key, day, None, None) for key, day in back.values_list("pk", "added_date")]
    told = [(bulk.db_instant(left), left_on and left_on.isoformat(), key) for key, _day, left, left_on in changed]
    bulk.update_rows(TABLE, ("left_at", "left_date"), told)
    touch((day for _key, day, *_left in changed), now=now)
    return len(changed)


def write_group_joins(*, customer_ids: Collection[int], now: datetime) -> int:
    """Write down that people came into a group, where a code leads its newcomers into one; in the caller's transaction."""
    rows = Newcomer.objects.filter(customer_id__in=list(customer_ids), joined_group_at=None).exclude(code__group="none")
    days = list(rows.order_by().values_list("added_date", flat=True).distinct())
    joined = Newcomer.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(joined_group_at=now)
    touch(days, now=now)
    return joined


def touch(days: Iterable[date], *, now: datetime) -> None:
    """Let the lake read the months of these days anew."""
    months = {f"{day:%Y-%m}" for day in days}
    if months:
        journal.touch(TABLE, months, now=now)


def touch_costs(days: Iterable[date], *, now: datetime) -> None:
    """Let the lake read what was paid in the months of these days anew."""
    journal.touch(Cost._meta.db_table, {f"{day:%Y-%m}" for day in days}, now=now)


def _ways() -> dict[int, _Way]:
    """Return of which code and place each contact way is."""
    zone = timezone.get_current_timezone()
    own = OwnWay.objects.filter(way__isnull=False).order_by().values_list("way_id", "code_id")
    found = {way_id: _Way(code_id, None, None, zone) for way_id, code_id in own if way_id is not None}
    for spot in Spot.objects.filter(way__isnull=False).select_related("store"):
        if spot.way_id is not None:
            found[spot.way_id] = _Way(spot.code_id, spot.pk, spot.store_id, zone_of(spot))
    return found


def _row(row: Sequence[Any], way: _Way, own_store: dict[int, tuple[int, str]]) -> tuple[Any, ...]:
    key, _way_id, account_id, staff_id, person, first_seen_at, added_at = row
    store = own_store.get(staff_id or 0)
    zone = ZoneInfo(store[1]) if way.store_id is None and store else way.zone
    return (
        way.code_id, way.spot_id, person, key, account_id, way.store_id or (store[0] if store else None),
        first_seen_at < added_at, bulk.db_instant(added_at), added_at.astimezone(zone).date().isoformat(),
        None, None, None, 0, "", False, "",
    )  # fmt: skip


def _own_stores(staff_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return key and time zone of the store of each member of staff who has one alone."""
    rows = Staff.stores.through.objects.filter(staff_id__in=list(staff_ids)).order_by("store_id")
    stores: dict[int, list[int]] = {}
    for staff_id, store_id in rows.values_list("staff_id", "store_id"):
        stores.setdefault(staff_id, []).append(store_id)
    zones = dict(Store.objects.filter(pk__in={some[0] for some in stores.values()}).values_list("pk", "time_zone"))
    return {staff_id: (some[0], zones[some[0]]) for staff_id, some in stores.items() if len(some) == 1}


def unwelcomed() -> QuerySet[Newcomer]:
    """Return who was written down and nothing followed from it yet."""
    return Newcomer.objects.filter(Q(noted=""), customer__isnull=False)


def ripe(*, now: datetime, days: int) -> QuerySet[Newcomer]:
    """Return who stayed for so many days, and of whom nobody was told yet."""
    return Newcomer.objects.filter(noted="joined", left_at=None, added_at__lte=now - timedelta(days=days))
