"""Moving people on: whoever is due takes one step, in blocks of the same step, each block whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from yutang.channels.models import Grievance, GrievanceKind
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.insight.models import Score
from yutang.journeys.blocks import Block, Row
from yutang.journeys.definition import ComplaintExit, RuleExit
from yutang.journeys.models import Ending, Enrolment, PlaybookState, Version
from yutang.journeys.reading import definition_of
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.standing import Arrival, Move, arrival, left
from yutang.journeys.steps import moves_of
from yutang.kit.errors import DomainError

logger = logging.getLogger(__name__)

#: People who move together: one transaction.
BLOCK = 5_000
#: A step whose rule cannot be asked now is tried again after so long.
_AGAIN = timedelta(hours=1)
_MOVED = ("version_id", "step", "visit", "since", "since_on", "due_at", "waits_for", "heard")
_ENDED = ("visit", "lane", "ended_at", "ended_because")
_PASSAGE = ("enrolment_id", "version_id", "step", "visit", "at", "outcome", "reason")


@dataclass(frozen=True)
class MoveReport:
    """What a tick did. Counts."""

    moved: int = 0
    ended: int = 0
    blocks: int = 0
    put_off: int = 0

    def __add__(self, other: MoveReport) -> MoveReport:
        return MoveReport(
            self.moved + other.moved,
            self.ended + other.ended,
            self.blocks + other.blocks,
            self.put_off + other.put_off,
        )


def move_everybody(*, told: Callable[[int], None] = lambda moved: None, now: datetime) -> MoveReport:
    """Let everybody who is due take their steps, as many as are due at the instant.

    Args:
        told: called after each block with how many moved so far; it may stop the work by raising.
        now: aware UTC.
    """
    report, rules = MoveReport(), RuleSets(now=now)
    while places := _places_due(now):
        before = report.moved + report.put_off
        for version_id, step_id, due in places:
            for _block in range(-(-due // BLOCK)):
                report += _move_block(version_id, step_id, rules, now)
                told(report.moved)
        if report.moved + report.put_off == before:
            # Other workers hold what is left.
            break
    return report


def _places_due(now: datetime) -> list[tuple[int, str, int]]:
    """Return (version, step, people) of the steps at which somebody is due in a running playbook."""
    due = Enrolment.objects.filter(ended_at=None, due_at__lte=now, playbook__state=PlaybookState.RUNNING)
    counted = due.order_by().values_list("version_id", "step").annotate(Count("id"))
    return sorted(counted)


@transaction.atomic
def _move_block(version_id: int, step_id: str, rules: RuleSets, now: datetime) -> MoveReport:
    version = Version.objects.select_related("playbook").get(pk=version_id)
    block = _block(version, step_id, rules, now)
    if not block.rows:
        return MoveReport()
    try:
        with transaction.atomic():
            leaving = _groups_leaving(block) if block.definition.is_about_groups else _leaving(block)
            staying = [row for row in block.rows if row.id not in leaving]
            going = _with_rows(block, staying)
            moves = {row.id: move for row, move in zip(staying, moves_of(going) if staying else [], strict=True)}
    except DomainError as refusal:
        logger.warning("step %s of version %s is put off: %s", step_id, version_id, refusal)
        put_off = Enrolment.objects.filter(pk__in=[row.id for row in block.rows]).update(due_at=now + _AGAIN)
        return MoveReport(blocks=1, put_off=put_off)
    return _write(block, {**leaving, **moves})


def _block(version: Version, step_id: str, rules: RuleSets, now: datetime) -> Block:
    due = Enrolment.objects.filter(version=version, step=step_id, ended_at=None, due_at__lte=now)
    held = due.select_for_update(skip_locked=True).order_by("id")
    columns = ("id", "customer_id", "group_key", "visit", "since", "heard", "entered_on", "orders_before")
    return Block(
        playbook_id=version.playbook_id,
        name=version.playbook.name,
        salt=bytes(version.playbook.salt),
        version_id=version.pk,
        definition=definition_of(version),
        step_id=step_id,
        rows=[Row(*row) for row in held.values_list(*columns)[:BLOCK]],
        rules=rules,
        now=now,
    )


def _with_rows(block: Block, rows: Sequence[Row]) -> Block:
    return Block(**{**vars(block), "rows": rows})


def _leaving(block: Block) -> dict[int, Move]:
    """Return who leaves before the step does anything: not there any more, at the goal, or with a reason to leave."""
    keys = [row.customer_id for row in block.rows]
    there = set(Customer.objects.filter(pk__in=keys, merged_into=None).values_list("pk", flat=True))
    moves = {row.id: left(at=block.now, ending=Ending.MERGED) for row in block.rows if row.customer_id not in there}
    if block.definition.goal is not None:
        ordered = {
            key: (orders, last)
            for key, orders, last in Score.objects.filter(customer_id__in=keys).values_list(
                "customer_id", "orders", "last_order_date"
            )
        }
        for row in block.rows:
            orders, last = ordered.get(row.customer_id, (0, None))
            if orders > row.orders_before and last is not None and last >= row.entered_on:
                moves[row.id] = left(at=block.now, ending=Ending.GOAL)
    for place, way_out in enumerate(block.definition.exits):
        going = _who_leaves(way_out, keys, block)
        for row in block.rows:
            if row.customer_id in going:
                moves.setdefault(row.id, left(at=block.now, ending=Ending.EXIT, reason=str(place)))
    return moves


def _groups_leaving(block: Block) -> dict[int, Move]:
    """Return which groups leave before the step does anything: not there any more, or with a reason to leave."""
    there = block.rules.groups.facts
    moves = {row.id: left(at=block.now, ending=Ending.GONE) for row in block.rows if row.group_key not in there}
    keys = [row.group_key for row in block.rows]
    for place, way_out in enumerate(block.definition.exits):
        if isinstance(way_out, RuleExit):
            for row, is_going in zip(block.rows, block.rules.groups.fits(way_out.rule, keys), strict=True):
                if is_going:
                    moves.setdefault(row.id, left(at=block.now, ending=Ending.EXIT, reason=str(place)))
    return moves


def _who_leaves(way_out: RuleExit | ComplaintExit, keys: Sequence[int], block: Block) -> set[int]:
    if isinstance(way_out, RuleExit):
        fits = block.rules.fits(way_out.rule, keys).tolist()
        return {key for key, fit in zip(keys, fits, strict=True) if fit}
    unhappy = Grievance.objects.filter(customer_id__in=keys, kind=GrievanceKind.COMPLAINT, closed_at=None)
    return set(unhappy.values_list("customer_id", flat=True))


def _write(block: Block, moves: dict[int, Move]) -> MoveReport:
    """Write what became of everybody: a line each, and where they stand now."""
    now = bulk.db_instant(block.now)
    passages, moved, ended = [], [], []
    arrivals: dict[tuple[str, datetime], Arrival] = {}
    for row in block.rows:
        move = moves[row.id]
        reason = move.reason if move.reason != "free" else ""
        passages.append((row.id, block.version_id, block.step_id, row.visit, now, move.outcome, reason))
        to = block.definition.target(block.step_id, move.to) if move.to and not move.ending else ""
        if move.to and not to:
            ending = move.ending or Ending.END.value
            ended.append((row.visit + 1, -row.id, now, ending, row.id))
        elif not move.to:
            # Stays: since when does not change, so that its patience ends.
            since_on = timezone.localtime(row.since).date().isoformat()
            stays = (block.version_id, block.step_id, row.visit + 1, bulk.db_instant(row.since), since_on)
            moved.append((*stays, bulk.db_instant(move.at), "", False, row.id))
        else:
            if (to, move.at) not in arrivals:
                arrivals[to, move.at] = arrival(block.definition, to, at=move.at)
            moved.append((*_placed(block.version_id, to, row.visit + 1, move.at, arrivals[to, move.at]), row.id))
    bulk.insert_rows("journeys_passage", _PASSAGE, passages)
    bulk.update_rows("journeys_enrolment", _MOVED, moved)
    bulk.update_rows("journeys_enrolment", _ENDED, ended)
    return MoveReport(moved=len(block.rows), ended=len(ended), blocks=1)


def _placed(version_id: int, step_id: str, visit: int, at: datetime, arrived: Arrival) -> tuple[Any, ...]:
    since_on = timezone.localtime(at).date().isoformat()
    due_at = bulk.db_instant(arrived.due_at)
    return (version_id, step_id, visit, bulk.db_instant(at), since_on, due_at, arrived.waits_for, False)
