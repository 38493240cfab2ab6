"""How far people came on a way of steps - events of other systems and sales - within a window of time, and who they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from numpy.typing import NDArray

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.methods.funnel import IntArray, PeopleAreTooMany, Ruler, least_group, walked
from yutang.insight.queries.change import UnknownBreakdown, require_table
from yutang.insight.queries.dashboard import stores_within
from yutang.insight.queries.funnel_asked import (
    FUNNEL_SIDES,
    SALE,
    Funnel,
    FunnelAsked,
    FunnelGroup,
    FunnelHasNoSuchStep,
    FunnelPeople,
    FunnelSide,
    FunnelStage,
    KindSeen,
    require_whole,
)
from yutang.insight.queries.groups import group_names
from yutang.kit.ahead import ahead
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer, kept_rows

#: Groups that are told: those with the most people.
_MOST_GROUPS = 50
#: What an event of the largest step takes while it is gone through (measured, with the step that is read meanwhile). Where the engine's
#: memory has no room for all of them, people are taken slice by slice.
_BYTES_AN_EVENT = 34
#: How far an event may lie from its own business day: clocks and zones differ by less.
_SLACK = timedelta(days=2)
_MS = timedelta(milliseconds=1)
_TABLES = ("api_behaviour", "orders_order", "orders_shop")


#: Keys of the store are of 63 bits.
_DIGITS = 18


@dataclass(frozen=True)
class _Walkers:
    """How far each person came; arrays of shape (n,), aligned; `waits_ms` one array for each step from the second on, -1 for none."""

    customer_ids: IntArray
    steps: NDArray[np.int8]
    groups: NDArray[np.int32]
    names: tuple[str, ...]
    waits_ms: tuple[IntArray, ...]

    def only(self, people: IntArray | None) -> _Walkers:
        """Return these people alone; all of them for None."""
        return self if people is None else self.taken(np.flatnonzero(np.isin(self.customer_ids, people)))

    def taken(self, places: IntArray) -> _Walkers:
        """Return the people at these places."""
        return _Walkers(
            self.customer_ids[places],
            self.steps[places],
            self.groups[places],
            self.names,
            tuple(each[places] for each in self.waits_ms),
        )


def funnel(*, access: Actor, asked: FunnelAsked) -> Funnel:
    """Return how far people came; kept by lake version.

    Args:
        access: who looks; only what happened in stores within reach counts.
        asked: steps, window, period, groups.

    Raises:
        FunnelIsWrong: steps, window or period are not what a funnel can be made of.
        UnknownBreakdown: there is no such breakdown.
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("insight.view")
    require_whole(asked)
    snapshot = lake_seen()
    if not snapshot.version:
        return Funnel(asked, _stages(asked, {}), (), 0, "")
    params = _params(access, asked)
    kept = kept_answer(
        snapshot,
        name="funnel.1",
        key=_key(asked, params),
        compute=lambda: _figures(asked, _walkers(snapshot, asked, params)),
    )
    names = group_names(asked.by, [key or None for key, _ in kept["groups"]], access=access)
    return Funnel(
        asked=asked,
        stages=_stages(asked, kept["whole"]),
        groups=tuple(
            FunnelGroup(key or None, names[key or None], _stages(asked, told)) for key, told in kept["groups"]
        ),
        other_groups=kept["others"],
        lake_written_at=snapshot.written_at,
    )


def funnel_people(
    *,
    access: Actor,
    asked: FunnelAsked,
    step: int,
    side: FunnelSide = "took",
    group_key: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> FunnelPeople:
    """Return who stands behind a figure of a funnel, the newest customer first.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        asked: the funnel; with groups, only the people of `group_key`.
        step: which step, from 1.
        side: everybody who took it, or who took no further one.
        group_key: key of the group; None for what belongs to none.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        FunnelIsWrong: there is no such funnel or step.
        UnknownBreakdown: there is no such breakdown or side.
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("customers.view")
    access.require("insight.view")
    require_whole(asked)
    if not 1 <= step <= len(asked.steps):
        raise FunnelHasNoSuchStep(steps=len(asked.steps), step=step)
    if side not in FUNNEL_SIDES:
        raise UnknownBreakdown(asked=side, known=", ".join(FUNNEL_SIDES))
    snapshot = lake_seen()
    if not snapshot.version:
        return FunnelPeople({}, 0, 0, None)
    params = _params(access, asked)
    rows = kept_rows(
        snapshot,
        name="funnel_people.1",
        key=_key(asked, params),
        compute=lambda: _as_rows(_walkers(snapshot, asked, params)),
    )
    wanted = pc.greater_equal(rows["steps"], step) if side == "took" else pc.equal(rows["steps"], step)
    if asked.by != "all":
        wanted = pc.and_(wanted, pc.equal(rows["group_key"], group_key or ""))
    behind = rows.filter(wanted).select(["customer_id", "steps"])
    page = {
        "reach": stores_within(access, None),
        "after_id": int(after) if after and after.isdecimal() and len(after) <= _DIGITS else None,
        "most": limit + 1,
    }
    with open_engine(snapshot) as engine:
        found = answer(engine, "insight.funnel_behind", page, {"walker": behind}).to_pylist()
    shown = {row["customer_id"]: row["steps"] for row in found[:limit]}
    next_key = str(list(shown)[-1]) if len(found) > limit else None
    count = found[0]["customers"] if found else 0
    return FunnelPeople(shown, count, behind.num_rows - count if found or not after else 0, next_key)


def funnel_kinds(*, access: Actor) -> tuple[KindSeen, ...]:
    """Return the kinds of events that can be steps, the most frequent first; kept by lake version."""
    access.require("insight.view")
    snapshot = lake_seen()
    if "api_behaviour" not in snapshot.manifests:
        return ()
    return _kinds(snapshot)


def _kinds(snapshot: Snapshot) -> tuple[KindSeen, ...]:
    kept = kept_answer(snapshot, name="funnel_kinds.1", key={}, compute=lambda: _kinds_read(snapshot))
    found: dict[str, KindSeen] = {}
    for kind, source, events, last in kept:
        known = found.get(kind, KindSeen(kind, (), 0, date.min))
        found[kind] = KindSeen(
            kind, (*known.sources, source), known.events + events, max(known.last_date, date.fromisoformat(last))
        )
    return tuple(sorted(found.values(), key=lambda one: (-one.events, one.kind)))


def _kinds_read(snapshot: Snapshot) -> list[list[Any]]:
    with open_engine(snapshot) as engine:
        rows = answer(engine, "insight.funnel_kinds").to_pylist()
    return [[row["kind"], row["source"], row["events"], row["last_date"].isoformat()] for row in rows]


def _params(access: Actor, asked: FunnelAsked) -> dict[str, Any]:
    """Return what both ways to read need."""
    midnight = datetime.combine(asked.period.start, time(), timezone.get_default_timezone())
    offset = midnight.utcoffset() or timedelta()
    return {
        "start_date": asked.period.start,
        "end_date": asked.period.end,
        "stores": stores_within(access, asked.store_ids),
        "from_ms": _ms(asked.period.start) - _SLACK // _MS,
        "until_ms": _ms(asked.period.end) + _SLACK // _MS,
        "day_ms": (timedelta(days=1) - offset) // _MS,
    }


def _ms(day: date) -> int:
    return (datetime.combine(day, time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // _MS


def _key(asked: FunnelAsked, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything on which the answer depends besides the lake."""
    people = None if asked.people is None else hashlib.blake2b(asked.people.tobytes(), digest_size=16).hexdigest()
    return {
        **params,
        "start_date": asked.period.start.isoformat(),
        "end_date": asked.period.end.isoformat(),
        "steps": [[one.kind, one.store_id, one.channel] for one in asked.steps],
        "within": asked.within // _MS,
        "by": asked.by,
        "people": people,
    }


def _walkers(snapshot: Snapshot, asked: FunnelAsked, params: dict[str, Any]) -> _Walkers:
    for table in _TABLES:
        require_table(snapshot, table)
    with open_engine(snapshot) as engine:
        read = _read_here if engine.dialect.is_near else _read_there
        return read(engine, asked, params).only(asked.people)


def _read_there(engine: Engine, asked: FunnelAsked, params: dict[str, Any]) -> _Walkers:
    """Let the engine go through the events, and take one row a person from it."""
    steps = pa.table(
        {
            "step": pa.array(range(1, len(asked.steps) + 1), pa.int32()),
            "is_again": pa.array(asked.again, pa.bool_()),
            "kind": pa.array([one.kind for one in asked.steps], pa.string()),
            "store_id": pa.array([one.store_id for one in asked.steps], pa.int64()),
            "channel": pa.array([one.channel for one in asked.steps], pa.string()),
        }
    )
    rows = answer(
        engine,
        "insight.funnel_people",
        {**params, "window_ms": asked.within // _MS, "grouping": asked.by},
        {"asked_step": steps},
    )
    names, groups = np.unique(rows["group_key"].to_numpy().astype(str), return_inverse=True)
    return _Walkers(
        rows["customer_id"].to_numpy(),
        rows["steps"].to_numpy().astype(np.int8),
        groups.astype(np.int32),
        tuple(str(name) for name in names),
        tuple(pc.fill_null(rows[f"wait_{place}_ms"], -1).to_numpy() for place in range(2, len(asked.steps) + 1)),
    )


def _read_here(engine: Engine, asked: FunnelAsked, params: dict[str, Any]) -> _Walkers:
    """Read the events of one step after the other, and go through them here, as many people at once as memory allows."""
    room = max(1, engine.memory_bytes // _BYTES_AN_EVENT)
    slices = max(1, -(-_most_events(engine.snapshot, asked, room) // room))
    while True:
        try:
            return _together([_slice(engine, asked, params, slices, place) for place in range(slices)])
        except PeopleAreTooMany as many:
            slices = many.slices


def _most_events(snapshot: Snapshot, asked: FunnelAsked, room: int) -> int:
    """Return how many events one step may have at most; what was seen how often is only counted where there is no room for all."""
    rows = {
        name: sum(file.rows for file in snapshot.manifests[name].partitions.values())
        for name in ("api_behaviour", "orders_order")
    }
    if max(rows.values()) <= room:
        return max(rows.values())
    known = {one.kind: one.events for one in _kinds(snapshot)} | {SALE: rows["orders_order"]}
    return max(known.get(step.kind, 0) for step in asked.steps)


def _slice(engine: Engine, asked: FunnelAsked, params: dict[str, Any], slices: int, place: int) -> _Walkers:
    ruler = Ruler.of(
        from_ms=params["from_ms"],
        until_ms=params["until_ms"],
        window_ms=asked.within // _MS,
        slices=slices,
        slice_=place,
    )
    begun = _Grouped()

    def events() -> Iterator[IntArray]:
        for number, step in enumerate(asked.steps):
            grouping = asked.by if number == 0 else "all"
            told = {
                **params,
                "kind": step.kind,
                "store_id": step.store_id,
                "channel": step.channel,
                "grouping": grouping,
                "slices": slices,
                "slice": place,
            }
            yield _keys(engine, told, ruler, begun if grouping != "all" else None)

    # While one step is sorted and gone through, the events of the next one are read.
    found = walked(ahead(events()), ruler=ruler, again=asked.again)
    names, groups = begun.of(found.begun)
    return _Walkers(found.customer_ids, found.steps, groups, names, found.waits_ms)


def _keys(engine: Engine, told: Mapping[str, Any], ruler: Ruler, begun: _Grouped | None) -> IntArray:
    """Return the keys of the events of a step; their groups go to `begun`."""
    keys = []
    for batch in engine.batches(catalogue_of("yutang")["insight.funnel_step"], told):
        keys.append(ruler.keys(batch["customer_id"].to_numpy(), batch["at_ms"].to_numpy()))
        if begun is not None:
            begun.add(keys[-1], batch["group_key"])
    return np.concatenate(keys) if keys else np.empty(0, np.int64)


class _Grouped:
    """The groups of the events with which people begin."""

    def __init__(self) -> None:
        self._keys: list[IntArray] = []
        self._codes: list[NDArray[np.int32]] = []
        self._names: dict[str, int] = {}

    def add(self, keys: IntArray, names: pa.Array) -> None:
        """Note the group of each event; the keys stay as they are given."""
        told = pc.fill_null(names, "").dictionary_encode()
        codes = [self._names.setdefault(name, len(self._names)) for name in told.dictionary.to_pylist()]
        self._keys.append(keys)
        self._codes.append(np.array(codes, np.int32)[told.indices.to_numpy()] if codes else np.empty(0, np.int32))

    def of(self, begun: IntArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """Return the names of groups in their order, and the group of each event asked for; one without a name where none were noted."""
        if not self._keys or not len(begun):
            return ("",), np.zeros(len(begun), np.int32)
        names = sorted(self._names)
        places = np.empty(len(names), np.int32)
        places[[self._names[name] for name in names]] = np.arange(len(names), dtype=np.int32)
        groups = places[np.concatenate(self._codes)]
        return tuple(names), least_group(np.concatenate(self._keys), groups, begun)


def _together(parts: Sequence[_Walkers]) -> _Walkers:
    """Return the people of all slices."""
    if len(parts) == 1:
        return parts[0]
    names = sorted({name for part in parts for name in part.names})
    places = {name: place for place, name in enumerate(names)}
    groups = [np.array([places[name] for name in part.names], np.int32)[part.groups] for part in parts]
    return _Walkers(
        np.concatenate([part.customer_ids for part in parts]),
        np.concatenate([part.steps for part in parts]),
        np.concatenate(groups),
        tuple(names),
        tuple(np.concatenate(waits) for waits in zip(*(part.waits_ms for part in parts), strict=True)),
    )


def _as_rows(walkers: _Walkers) -> pa.Table:
    names = pa.DictionaryArray.from_arrays(pa.array(walkers.groups), pa.array(walkers.names, pa.string()))
    return pa.table(
        {
            "customer_id": walkers.customer_ids,
            "steps": walkers.steps.astype(np.int32),
            "group_key": names.cast(pa.string()),
        }
    )


def _figures(asked: FunnelAsked, walkers: _Walkers) -> dict[str, Any]:
    """Return the JSON-able figures of everybody and of each group."""
    told: list[tuple[str, dict[str, Any]]] = []
    others = 0
    if asked.by != "all":
        sizes = np.bincount(walkers.groups, minlength=len(walkers.names))
        largest = sorted(np.flatnonzero(sizes), key=lambda code: (-sizes[code], code))
        order = np.argsort(walkers.groups, kind="stable")
        ends = np.cumsum(sizes)
        for code in largest[:_MOST_GROUPS]:
            members = walkers.taken(order[ends[code] - sizes[code] : ends[code]])
            told.append((walkers.names[code], _figures_of(members)))
        others = max(0, len(largest) - _MOST_GROUPS)
    return {"whole": _figures_of(walkers), "groups": told, "others": others}


def _figures_of(walkers: _Walkers) -> dict[str, Any]:
    reached = np.bincount(walkers.steps, minlength=len(walkers.waits_ms) + 2)[::-1].cumsum()[::-1]
    return {
        "people": [int(each) for each in reached[1:]],
        "waits_ms": [float(np.median(took)) if len(took := each[each >= 0]) else None for each in walkers.waits_ms],
    }


def _stages(asked: FunnelAsked, told: Mapping[str, Any]) -> tuple[FunnelStage, ...]:
    people = told.get("people") or [0] * len(asked.steps)
    waits: Iterable[float | None] = (None, *(told.get("waits_ms") or [None] * (len(asked.steps) - 1)))
    return tuple(
        FunnelStage(
            step=step,
            people=many,
            first_ratio=many / people[0] if people[0] else None,
            before_ratio=many / before if before else None,
            median_seconds=None if wait is None else wait / 1000,
        )
        for step, many, before, wait in zip(asked.steps, people, (None, *people[:-1]), waits, strict=True)
    )
