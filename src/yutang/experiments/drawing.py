"""Keeping who was drawn into which arm: what is kept stands, what is new is drawn, in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from yutang.experiments.assignment import Arms, Ints, arm_of_group, arms_of_people
from yutang.experiments.models import Assignment, Experiment
from yutang.foundation import bulk
from yutang.ingest import journal

#: Up to so many are asked for and written in one plain statement.
_FEW = 500
_ROWS_AT_ONCE = 50_000
_COLUMNS = ("experiment_id", "customer_id", "group_key", "arm", "version", "assigned_at", "assigned_date")


@dataclass(frozen=True)
class Drawn:
    """The arms of people.

    Attributes:
        codes: names of the arms; the first is held out.
        arms: place of each person's arm among the names. Shape (n,), aligned with the people that were asked for.
        new: who was drawn just now. Count.
    """

    codes: tuple[str, ...]
    arms: Arms
    new: int

    @property
    def is_held_out(self) -> Any:
        """Whether each person is left out. Boolean, shape (n,)."""
        return self.arms == 0


@dataclass(frozen=True)
class Asked:
    """People who were asked for, with the arms that were kept of them.

    Attributes:
        people: each once, ascending. Shape (n,).
        place: of each person that was asked for among them. Shape (m,).
        arms: kept arm; -1 of who was not drawn yet. Shape (n,).
    """

    people: Ints
    place: Ints
    arms: Arms

    @property
    def new(self) -> int:
        """How many were not drawn yet. Count."""
        return int((self.arms < 0).sum())


def people_of(experiment: Experiment, customer_ids: Sequence[int] | Ints) -> Asked:
    """Return people with the arms that are kept of them."""
    people, place = np.unique(np.asarray(customer_ids, dtype=np.int64), return_inverse=True)
    return Asked(people, place.reshape(-1), _kept(experiment, people))


def keep_people(experiment: Experiment, asked: Asked, *, now: datetime) -> Drawn:
    """Draw who is new, keep it, and return the arm of everybody who was asked for."""
    arms, fresh = asked.arms, asked.arms < 0
    if fresh.any():
        new, version = asked.people[fresh], len(experiment.versions) - 1
        drawn = arms_of_people(
            salt=bytes(experiment.salt), customer_ids=new, shares=list(experiment.shares(version).values())
        )
        written = _write(experiment, new, drawn, version, now)
        # Somebody else drew one of them meanwhile: what was kept first stands.
        arms[fresh] = drawn if written == len(new) else _kept(experiment, new)
    return Drawn(tuple(experiment.shares()), arms[asked.place], int(fresh.sum()))


def kept_arms(experiment: Experiment, customer_ids: Sequence[int] | Ints) -> Arms:
    """Return the kept arm of each person; -1 of who was never drawn. Shape (n,)."""
    asked = people_of(experiment, customer_ids)
    return asked.arms[asked.place]


def kept_groups(experiment: Experiment, groups: Iterable[str]) -> dict[str, int]:
    """Return the kept arms of those groups that were drawn."""
    rows = Assignment.objects.filter(experiment=experiment, customer=None, group_key__in=list(groups))
    return dict(rows.order_by().values_list("group_key", "arm"))


def keep_groups(experiment: Experiment, members: Mapping[str, Sequence[int]], *, now: datetime) -> dict[str, int]:
    """Draw groups that are new, keep the arms and who is in them, and return the arms."""
    if not members:
        return {}
    version, day = len(experiment.versions) - 1, timezone.localtime(now).date()
    shares = list(experiment.shares(version).values())
    groups = sorted(members)
    rows = [
        (
            experiment.pk,
            None,
            group,
            arm_of_group(salt=bytes(experiment.salt), group_key=group, shares=shares),
            version,
            bulk.db_instant(now),
            day.isoformat(),
        )
        for group in groups
    ]
    bulk.insert_new_rows("experiments_assignment", _COLUMNS, rows)
    found = Assignment.objects.filter(experiment=experiment, customer=None, group_key__in=groups).order_by()
    keys = {group: (key, arm) for group, key, arm in found.values_list("group_key", "id", "arm")}
    people = [(keys[group][0], person, day.isoformat()) for group in groups for person in sorted(set(members[group]))]
    bulk.insert_new_rows("experiments_groupmember", ("assignment_id", "customer_id", "assigned_date"), people)
    _mark(("experiments_assignment", "experiments_groupmember"), day.isoformat(), now)
    return {group: arm for group, (_key, arm) in keys.items()}


def _kept(experiment: Experiment, people: Ints) -> Arms:
    """Return the kept arms of distinct people, ascending; -1 where none is kept."""
    arms: Arms = np.full(len(people), -1, dtype=np.int16)
    rows = Assignment.objects.filter(experiment=experiment, customer__isnull=False).order_by()
    if len(people) <= _FEW:
        rows = rows.filter(customer_id__in=people.tolist())
    elif len(people):
        rows = rows.filter(customer_id__gte=int(people[0]), customer_id__lte=int(people[-1]))
    found = _pairs(rows)
    if len(found):
        place = np.searchsorted(people, found["key"])
        place[place == len(people)] = 0
        is_asked = people[place] == found["key"]
        arms[place[is_asked]] = found["arm"][is_asked]
    return arms


def _pairs(rows: QuerySet[Assignment]) -> Any:
    pairs = rows.values_list("customer_id", "arm").iterator(chunk_size=_ROWS_AT_ONCE)
    return np.fromiter(pairs, dtype=[("key", np.int64), ("arm", np.int16)])


def _write(experiment: Experiment, people: Ints, arms: Arms, version: int, now: datetime) -> int:
    """Write arms that are new, and return how many of them nobody else had written meanwhile."""
    at, day = bulk.db_instant(now), timezone.localtime(now).date().isoformat()
    written = 0
    for start in range(0, len(people), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        pairs = zip(people[part].tolist(), arms[part].tolist(), strict=True)
        rows = [(experiment.pk, person, "", arm, version, at, day) for person, arm in pairs]
        written += bulk.insert_new_rows("experiments_assignment", _COLUMNS, rows)
    _mark(("experiments_assignment",), day, now)
    return written


def _mark(tables: Iterable[str], day: str, now: datetime) -> None:
    """Mark the month as changed, for the lake."""
    for table in tables:
        journal.touch(table, {day[:7]}, now=now)
