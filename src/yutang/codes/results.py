"""What codes brought: what lies in the lake, and what came since, counted in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, F, Q, QuerySet, Sum
from django.utils import timezone

from yutang.codes.finding import newcomers_within
from yutang.codes.models import Cost, Newcomer, ScanDay, Spot
from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

#: After so many days it is asked who stayed.
KEPT_AFTER = (1, 7, 30)
#: A sync reads what was there a while before it was swapped in.
_SLACK = timedelta(hours=1)
#: Without a lake everything is counted in the store.
_BEGINNING = date(1900, 1, 1)
#: What newcomers cost when they came: all of them, and those who came so many days ago.
_GIFTS = ("gifts", *(f"gifts_{days}" for days in KEPT_AFTER))
_COUNTS = (
    "came",
    "fresh",
    "friends",
    "grouped",
    "held_back",
    *(f"{w}_{n}" for n in KEPT_AFTER for w in ("ripe", "kept")),
    *_GIFTS,
)


@dataclass(frozen=True)
class Tally:
    """What became of a code. Money in minor units of its currency.

    Attributes:
        scans: how often people opened the page behind it, at places of stores within reach. Count; None: it is printed at none of these.
        known_scans: of these, by people whom the address named.
        came: people who became friends by it. Count.
        fresh: of these, whom the shop did not know.
        friends: of these, who still are.
        grouped: of these, who came into a group since.
        held_back: of these, whom the guard refused or slowed down.
        ripe_1: who came at least a day ago; likewise `ripe_7` and `ripe_30`.
        kept_1: of these, who were friends for a day at least; likewise `kept_7` and `kept_30`.
        buyers: who ordered since, by what the lake knows.
        orders: their orders since. Count.
        sales_minor: of these, net of refunds.
        cost_minor: everything that was paid, and the cost of each newcomer; None for who does not see the whole chain.
        ripe_cost_minor: by days (1, 7, 30): the same up to so many days ago.
    """

    scans: int | None = 0
    known_scans: int | None = 0
    came: int = 0
    fresh: int = 0
    friends: int = 0
    grouped: int = 0
    held_back: int = 0
    ripe_1: int = 0
    kept_1: int = 0
    ripe_7: int = 0
    kept_7: int = 0
    ripe_30: int = 0
    kept_30: int = 0
    buyers: int = 0
    orders: int = 0
    sales_minor: int = 0
    cost_minor: int | None = None
    ripe_cost_minor: Mapping[int, int] | None = None

    @property
    def lost(self) -> int:
        """People who came and are nobody's friend any more. Count."""
        return self.came - self.friends

    @property
    def cost_per_newcomer_minor(self) -> int | None:
        """What each who came cost, rounded; None without a cost or a newcomer."""
        return _each(self.cost_minor, self.came)

    @property
    def kept_days(self) -> int:
        """After how many days `cost_per_kept_minor` asks: 30 where somebody came that long ago, else 7, else 1."""
        return next((days for days in (30, 7) if getattr(self, f"ripe_{days}")), 1)

    @property
    def cost_per_kept_minor(self) -> int | None:
        """What each cost who stayed for `kept_days` days, rounded: what was paid for those who came that long ago, by who stayed."""
        cost = None if self.ripe_cost_minor is None else self.ripe_cost_minor[self.kept_days]
        return _each(cost, getattr(self, f"kept_{self.kept_days}"))

    def kept_ratio(self, *, days: int) -> float | None:
        """Return the share of those who came so many days ago that stayed as long. 0-1; None where nobody did."""
        ripe = getattr(self, f"ripe_{days}")
        return getattr(self, f"kept_{days}") / ripe if ripe else None


@dataclass(frozen=True)
class Tallies:
    """What became of every code.

    Attributes:
        of: by key of the code.
        ordered_until: up to when orders are known; None where the lake has none.
        nothing: of a code of which nothing is known.
    """

    of: Mapping[int, Tally]
    ordered_until: datetime | None
    nothing: Tally = Tally()

    def tally(self, code_id: int) -> Tally:
        """Return what became of a code; that nothing did, where nothing is known of it."""
        return self.of.get(code_id, self.nothing)


def tallies(*, access: Actor, now: datetime) -> Tallies:
    """Return what became of every code, of people who came to stores within reach.

    Args:
        access: needs ``codes.view``.
        now: aware UTC.
    """
    access.require("codes.view")
    snapshot = lake_seen()
    seen = _seen_until(snapshot)
    live_date = timezone.localtime(seen).date() if seen else _BEGINNING
    counts = _live(access, live_date, now=now)
    orders: dict[int, dict[str, int]] = {}
    if seen is not None:
        kept = _kept(access, snapshot, seen, now=now)
        orders = {row["code_id"]: row for row in kept["orders"]}
        _add(counts, kept["counts"])
        _take_off(counts, access, live_date, seen)
    scans = _scans(access)
    costs = _costs(counts, now=now) if access.store_ids is None else {}
    unseen = {} if access.store_ids is None else {"scans": None, "known_scans": None}
    found = {}
    for key in {*counts, *scans, *costs}:
        own = counts.get(key, {})
        people = {name: value for name, value in own.items() if name not in _GIFTS}
        of_code = {name: value for name, value in orders.get(key, {}).items() if name != "code_id"}
        told: dict[str, Any] = {**people, **scans.get(key, unseen), **of_code, **costs.get(key, {})}
        found[key] = Tally(**told)
    ordered_until = seen if seen and "orders_order" in snapshot.manifests else None
    return Tallies(found, ordered_until, Tally() if access.store_ids is None else Tally(scans=None, known_scans=None))


def _seen_until(snapshot: Snapshot) -> datetime | None:
    """Return up to when the lake certainly knows who came and left; None where it knows nobody, or not yet what they cost."""
    held = snapshot.manifests.get("codes_newcomer")
    if held is None or "cost_minor" not in held.columns or not snapshot.written_at:
        return None
    return datetime.fromisoformat(snapshot.written_at).astimezone(UTC) - _SLACK


def _kept(access: Actor, snapshot: Snapshot, seen: datetime, *, now: datetime) -> dict[str, list[dict[str, Any]]]:
    stores = None if access.store_ids is None else sorted(access.store_ids)
    today = timezone.localtime(now).date()

    def compute() -> dict[str, list[dict[str, Any]]]:
        seen_until = seen.replace(tzinfo=None)
        params = {"live_date": timezone.localtime(seen).date(), "seen_until": seen_until, "stores": stores}
        with open_engine(snapshot) as engine:
            counted = answer(engine, "codes.tallies", params).to_pylist()
            ordered: list[dict[str, Any]] = []
            if "orders_order" in snapshot.manifests:
                until = {"end_date": today + timedelta(days=1), "stores": stores}
                ordered = answer(engine, "codes.orders", until).to_pylist()
        return {"counts": counted, "orders": ordered}

    key = {"stores": stores, "today": today.isoformat()}
    found: dict[str, list[dict[str, Any]]] = kept_answer(snapshot, name="codes.tallies.2", key=key, compute=compute)
    return found


def _live(access: Actor, live_date: date, *, now: datetime) -> dict[int, dict[str, int]]:
    """Return the counts of who came from a day on, from the store."""
    rows = newcomers_within(access).filter(added_date__gte=live_date)
    wanted = {
        "came": Q(),
        "fresh": Q(was_known=False),
        "friends": Q(left_at=None),
        "grouped": Q(joined_group_at__isnull=False),
        "held_back": Q(verdict__in=("refuse", "slow")),
    }
    for days in KEPT_AFTER:
        ripe = Q(added_at__lte=now - timedelta(days=days))
        wanted[f"ripe_{days}"] = ripe
        wanted[f"kept_{days}"] = ripe & (Q(left_at=None) | Q(left_at__gte=F("added_at") + timedelta(days=days)))
    figures: dict[str, Aggregate] = {name: Count("pk", filter=each) for name, each in wanted.items()}
    figures["gifts"] = Sum("cost_minor", default=0)
    figures |= {f"gifts_{days}": Sum("cost_minor", filter=wanted[f"ripe_{days}"], default=0) for days in KEPT_AFTER}
    counted = _by_code(rows, figures)
    return {row.pop("code_id"): row for row in counted}


def _by_code(rows: QuerySet[Newcomer], wanted: Mapping[str, Aggregate]) -> list[dict[str, int]]:
    # The key is reckoned, so that SQLite takes the index of the filter and not that of the grouping, which has every row.
    counted = rows.order_by().annotate(key=F("code_id") + 0).values_list("key").annotate(**wanted)
    return [dict(zip(("code_id", *wanted), row, strict=True)) for row in counted]


def _add(counts: dict[int, dict[str, int]], more: list[dict[str, int]]) -> None:
    for row in more:
        so_far = counts.setdefault(row["code_id"], dict.fromkeys(_COUNTS, 0))
        for name in _COUNTS:
            so_far[name] += row[name]


def _take_off(counts: dict[int, dict[str, int]], access: Actor, live_date: date, seen: datetime) -> None:
    """Take off who left since the lake was written, of those whom it counts as friends."""
    left = newcomers_within(access).filter(left_at__gte=seen, added_date__lt=live_date)
    for row in _by_code(left, {"gone": Count("pk")}):
        if row["code_id"] in counts:
            counts[row["code_id"]]["friends"] -= row["gone"]


def _scans(access: Actor) -> dict[int, dict[str, int]]:
    """Return how often the pages of codes were opened, at places of stores within reach."""
    rows = ScanDay.objects.all()
    found: dict[int, dict[str, int]] = {}
    if access.store_ids is not None:
        rows = rows.filter(spot__store_id__in=access.store_ids)
        seen = Spot.objects.filter(store_id__in=access.store_ids).order_by().values_list("code_id", flat=True)
        found = {code_id: {"scans": 0, "known_scans": 0} for code_id in seen.distinct()}
    summed = rows.order_by().values_list("spot__code_id").annotate(Sum("scans"), Sum("known"))
    return found | {code_id: {"scans": scans, "known_scans": known} for code_id, scans, known in summed}


def _costs(counts: Mapping[int, Mapping[str, int]], *, now: datetime) -> dict[int, dict[str, Any]]:
    """Return what each code cost in all, and up to 1, 7 and 30 days ago."""
    today = timezone.localtime(now).date()
    until = {
        f"paid_{days}": Sum("amount_minor", filter=Q(business_date__lte=today - timedelta(days=days)), default=0)
        for days in KEPT_AFTER
    }
    summed = Cost.objects.order_by().values("code_id").annotate(paid=Sum("amount_minor"), **until)
    paid: dict[int, dict[str, Any]] = {row["code_id"]: {**row} for row in summed}
    found = {}
    for key in {*paid, *(code_id for code_id, own in counts.items() if own["gifts"])}:
        of_code, own = paid.get(key, {}), counts.get(key, {})
        ripe = {days: of_code.get(f"paid_{days}", 0) + own.get(f"gifts_{days}", 0) for days in KEPT_AFTER}
        found[key] = {"cost_minor": of_code.get("paid", 0) + own.get("gifts", 0), "ripe_cost_minor": ripe}
    return found


def _each(minor: int | None, among: int) -> int | None:
    return None if minor is None or not among else round(minor / among)
