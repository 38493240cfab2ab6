"""Every read of the room that others may use: always within the asker's stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet

from yutang.customers.queries import tag_choices
from yutang.foundation.access import Actor
from yutang.foundation.queries import regions, stores
from yutang.insight.lake_reading import answer
from yutang.insight.queries.scores import latest_run
from yutang.kit.text import Sentence
from yutang.lake.results import kept_answer
from yutang.segments.comparing import SIDES, Comparison, SideBySide, SideFacts, compared, side_by_side
from yutang.segments.evaluating import FiguresAreNotReady, Found, found_by, opened_lake
from yutang.segments.member_sets import Keys, as_keys, in_both, unpacked, without
from yutang.segments.models import Segment, Snapshot
from yutang.segments.presets import Preset, preset_named, presets
from yutang.segments.resolving import NoSuchSegment, RuleIsTooLong, SegmentsGoInCircles, whole_rule
from yutang.segments.rules.compiling import CompiledRule, people_query
from yutang.segments.rules.reading import RuleIsWrong, as_json, rule_from_json
from yutang.segments.rules.wording import Names, sentence_of
from yutang.segments.snapshots import members_at
from yutang.segments.standpoints import standpoint

__all__ = [
    "SIDES",
    "Change",
    "Comparison",
    "FiguresAreNotReady",
    "Found",
    "NoSuchSegment",
    "Preset",
    "PresetCount",
    "RuleIsTooLong",
    "RuleIsWrong",
    "SegmentView",
    "SegmentsGoInCircles",
    "SideBySide",
    "SideFacts",
    "SizeAt",
    "change_since",
    "checked_rule",
    "compared",
    "names_for",
    "people_of",
    "preset_counts",
    "preset_named",
    "presets",
    "query_of",
    "rule_of",
    "segment_names",
    "segment_view",
    "segments",
    "side_by_side",
    "sizes_of",
    "words_of",
]

_MOST_SIZES = 400


@dataclass(frozen=True)
class SegmentView:
    """A saved segment as others see it; numbers are those within the asker's reach.

    Attributes:
        size: people as of the latest snapshot; None before the first.
        entered: who came since the snapshot before; left likewise. Count.
        as_of: exclusive day of the latest snapshot; None before the first.
    """

    id: int
    name: str
    rule: Mapping[str, Any]
    preset: str
    created_at: datetime
    changed_at: datetime
    size: int | None
    entered: int
    left: int
    as_of: date | None
    taken_at: datetime | None


@dataclass(frozen=True)
class SizeAt:
    """How many people a segment had at an instant, and how many came and left since the one before."""

    snapshot_id: int
    taken_at: datetime
    as_of: date
    size: int
    entered: int
    left: int


@dataclass(frozen=True)
class Change:
    """Who came and who left a segment between a snapshot and the latest one, as keys, ascending."""

    since: datetime
    entered: Keys
    left: Keys


@dataclass(frozen=True)
class PresetCount:
    """A preset and how many people within reach it has."""

    preset: Preset
    people: int


def checked_rule(given: Any) -> dict[str, Any]:
    """Return a rule as it is kept.

    Raises:
        RuleIsWrong: it cannot be read; says where and what was expected.
    """
    return as_json(rule_from_json(given))


def people_of(*, access: Actor, rule: Any, today: date, as_of: date | None = None) -> Found:
    """Return the people within reach who fit a rule.

    Args:
        access: needs ``segments.view``.
        rule: as JSON.
        today: the business day.
        as_of: first day that is not known; None: as far as orders are known.

    Raises:
        RuleIsWrong: the rule cannot be read.
        NoSuchSegment: it refers to one that does not exist.
    """
    access.require("segments.view")
    return found_by(rule_from_json(rule), access=access, today=today, as_of=as_of)


def query_of(*, access: Actor, rule: Any, today: date, as_of: date | None = None) -> CompiledRule:
    """Return the query that a rule becomes, to be looked at; arguments as for `people_of`."""
    access.require("segments.view")
    whole = whole_rule(rule_from_json(rule))
    with opened_lake() as engine:
        if engine is None:
            raise FiguresAreNotReady
        return people_query(whole, standpoint(engine, access=access, today=today, as_of=as_of))


def rule_of(*, access: Actor, segment_id: int) -> dict[str, Any]:
    """Return the rule of a saved segment.

    Raises:
        NoSuchSegment: there is none.
    """
    access.require("segments.view")
    return dict(_segment(segment_id).rule)


def words_of(*, rule: Any, names: Names, currency: str | None = None) -> Sentence:
    """Return a rule in words.

    Args:
        rule: as JSON.
        names: what `names_for` returned.
        currency: of amounts; None: the one in which customers are scored.
    """
    if currency is None:
        run = latest_run()
        currency = run.currency if run else "CNY"
    return sentence_of(rule_from_json(rule), names=names, currency=currency)


def names_for(*, access: Actor) -> Names:
    """Return what the keys in rules are called, by list. Stores out of reach stay numbers."""
    access.require("segments.view")
    return {
        "stores": {store.id: store.name for store in stores(access=access)},
        "regions": {region.id: region.name for region in regions()},
        "tags": {tag.id: tag.name for tag in tag_choices()},
        "segments": dict(Segment.objects.values_list("pk", "name")),
    }


def segments(*, access: Actor) -> tuple[SegmentView, ...]:
    """Return the saved segments, by name."""
    access.require("segments.view")
    reach = _reach(access)
    saved = Segment.objects.order_by("name")
    rows = list(saved.defer("members") if reach is None else saved)
    latest = _latest(rows)
    return tuple(_view(row, latest.get(row.pk), reach) for row in rows)


def segment_names(*, access: Actor) -> dict[int, str]:
    """Return what the saved segments are called, by key, in the order of their names."""
    access.require("segments.view")
    return dict(Segment.objects.order_by("name").values_list("pk", "name"))


def segment_view(*, access: Actor, segment_id: int) -> SegmentView:
    """Return one saved segment.

    Raises:
        NoSuchSegment: there is none.
    """
    access.require("segments.view")
    row = _segment(segment_id)
    return _view(row, row.snapshots.first(), _reach(access))


def sizes_of(*, access: Actor, segment_id: int) -> tuple[SizeAt, ...]:
    """Return the sizes of a segment within reach under its present rule, oldest first, at most the latest 400.

    Raises:
        NoSuchSegment: there is none.
    """
    access.require("segments.view")
    row = _segment(segment_id)
    reach = _reach(access)
    taken = list(row.snapshots.filter(rule_version=row.rule_version)[:_MOST_SIZES])
    if reach is None:
        return tuple(reversed([_size_at(one, one.size, one.entered_count, one.left_count) for one in taken]))
    sizes: list[SizeAt] = []
    size = len(in_both(unpacked(row.members), reach))
    for one in taken:
        entered, left = _within(one.entered, reach), _within(one.left, reach)
        sizes.append(_size_at(one, size, len(entered), len(left)))
        size += len(left) - len(entered)
    return tuple(reversed(sizes))


def change_since(*, access: Actor, segment_id: int, snapshot_id: int | None = None) -> Change | None:
    """Return who within reach came and left since a snapshot.

    Args:
        access: needs ``segments.view``.
        segment_id: the segment.
        snapshot_id: the earlier snapshot; None: the one before the latest.

    Returns:
        None where there is no such snapshot, or nothing can be told of it any more.

    Raises:
        NoSuchSegment: there is no such segment.
    """
    access.require("segments.view")
    row = _segment(segment_id)
    taken: QuerySet[Snapshot] = row.snapshots.all()
    earlier = taken.filter(pk=snapshot_id).first() if snapshot_id is not None else next(iter(taken[1:2]), None)
    before = members_at(row, earlier) if earlier is not None else None
    if earlier is None or before is None:
        return None
    now_in, reach = unpacked(row.members), _reach(access)
    entered, left = without(now_in, before), without(before, now_in)
    if reach is not None:
        entered, left = in_both(entered, reach), in_both(left, reach)
    return Change(earlier.taken_at, entered, left)


def preset_counts(*, access: Actor) -> tuple[PresetCount, ...]:
    """Return every preset with its people within reach, all from one query, which is kept by lake version."""
    access.require("segments.view")
    reach = None if access.store_ids is None else sorted(access.store_ids)
    rows: list[dict[str, Any]] = []
    with opened_lake() as engine:
        if engine:
            rows = kept_answer(
                engine.snapshot,
                name="preset_counts.1",
                key={"stores": reach},
                compute=lambda: answer(engine, "segments.preset_counts", {"stores": reach}).to_pylist(),
            )
    by_stage: dict[str, int] = {}
    by_cell: dict[tuple[int, int], int] = {}
    for row in rows:
        by_stage[row["stage"]] = by_stage.get(row["stage"], 0) + row["people"]
        cell = (row["r"], row["f"])
        by_cell[cell] = by_cell.get(cell, 0) + row["people"]
    return tuple(
        PresetCount(one, sum(by_cell.get(cell, 0) for cell in one.cells) if one.cells else by_stage.get(one.stage, 0))
        for one in presets()
    )


def _segment(segment_id: int) -> Segment:
    row = Segment.objects.filter(pk=segment_id).first()
    if row is None:
        raise NoSuchSegment(segment_id=segment_id)
    return row


def _reach(access: Actor) -> Keys | None:
    """Return the people of the actor's stores; None: everybody."""
    if access.store_ids is None:
        return None
    with opened_lake() as engine:
        if engine is None:
            return as_keys([])
        return as_keys(answer(engine, "segments.people_of_stores", {"stores": sorted(access.store_ids)})["customer_id"])


def _within(stored: bytes | memoryview, reach: Keys) -> Keys:
    return in_both(unpacked(stored), reach)


def _latest(rows: Sequence[Segment]) -> dict[int, Snapshot]:
    """Return the latest snapshot of each segment, in one question."""
    of_them = Snapshot.objects.filter(segment__in=[row.pk for row in rows]).order_by()
    newest = of_them.values("segment_id").annotate(newest=Max("pk")).values_list("newest", flat=True)
    return {one.segment_id: one for one in Snapshot.objects.filter(pk__in=list(newest))}


def _view(row: Segment, latest: Snapshot | None, reach: Keys | None) -> SegmentView:
    size = entered = left = 0
    if latest is not None and reach is None:
        size, entered, left = latest.size, latest.entered_count, latest.left_count
    elif latest is not None and reach is not None:
        size = len(_within(row.members, reach))
        entered, left = len(_within(latest.entered, reach)), len(_within(latest.left, reach))
    current = latest is not None and latest.rule_version == row.rule_version
    return SegmentView(
        id=row.pk,
        name=row.name,
        rule=row.rule,
        preset=row.preset,
        created_at=row.created_at,
        changed_at=row.changed_at,
        size=size if current else None,
        entered=entered if current else 0,
        left=left if current else 0,
        as_of=latest.as_of if latest and current else None,
        taken_at=latest.taken_at if latest and current else None,
    )


def _size_at(one: Snapshot, size: int, entered: int, left: int) -> SizeAt:
    return SizeAt(one.pk, one.taken_at, one.as_of, size, entered, left)
