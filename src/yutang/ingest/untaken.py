"""What was touched since a lake was written: found by runs of ids, so that a million marks are one question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import Min, Q

from yutang.foundation import bulk
from yutang.ingest.models import TouchedPartition
from yutang.ingest.watermark import Run, Watermark


@dataclass(frozen=True)
class Untaken:
    """What a lake lacks.

    Attributes:
        partitions: touched partitions by what the mark names.
        runs: ids of the marks.
        count: how many marks those are.
    """

    partitions: Mapping[str, frozenset[str]]
    runs: tuple[Run, ...]
    count: int


def untaken(watermark: Watermark) -> Untaken:
    """Return what the marks tell of that the lake of the watermark does not hold yet; all that one question sees."""
    source, gaps = _SINCE, watermark.gaps
    if gaps:
        source += _WITHIN.replace("asked", ", ".join(["(%s, %s)"] * len(gaps)))
    runs: dict[int, list[int]] = {}
    partitions: dict[str, set[str]] = defaultdict(set)
    count = 0
    for run, table, partition, first, last, marks in bulk.fetch(
        _RUNS.replace("found", source), [watermark.highest, *chain.from_iterable(gaps)]
    ):
        whole = runs.setdefault(run, [first, last])
        whole[:] = min(whole[0], first), max(whole[1], last)
        partitions[table].add(partition)
        count += marks
    found = tuple(sorted((first, last) for first, last in runs.values()))
    return Untaken({table: frozenset(some) for table, some in partitions.items()}, found, count)


def oldest_of(found: Untaken) -> datetime | None:
    """Return when the oldest of these marks was made; None where there are none."""
    # The first runs hold the oldest marks but for those that committed late, by seconds.
    within = Q(pk__in=[])
    for first, last in found.runs[:100]:
        within |= Q(pk__range=(first, last))
    oldest: datetime | None = TouchedPartition.objects.filter(within).aggregate(oldest=Min("touched_at"))["oldest"]
    return oldest


#: Ids that follow each other have one difference to their rank, so each run is one group.
_RUNS = """
    SELECT run, "table", "partition", MIN(id), MAX(id), COUNT(*)
    FROM (SELECT id, "table", "partition", id - ROW_NUMBER() OVER (ORDER BY id) AS run FROM (found) AS marks) AS ranked
    GROUP BY run, "table", "partition"
"""
_SINCE = 'SELECT id, "table", "partition" FROM ingest_touchedpartition WHERE id > %s'
_WITHIN = """
    UNION ALL
    SELECT t.id, t."table", t."partition" FROM (VALUES asked) AS gaps
    JOIN ingest_touchedpartition AS t ON t.id BETWEEN gaps.column1 AND gaps.column2
"""
