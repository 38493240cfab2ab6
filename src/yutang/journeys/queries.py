"""Every read of the room that others may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from yutang.foundation.access import Actor
from yutang.journeys.actions import NoSuchPlaybook
from yutang.journeys.definition import Definition
from yutang.journeys.dry_run import dry_run as _dry_run
from yutang.journeys.foreseeing import DAYS, DryRun, Foreseen, Left
from yutang.journeys.holdout import experiment_key
from yutang.journeys.models import Ending, Enrolment, Passage, Playbook, PlaybookState, Version
from yutang.journeys.occurrences import Occurrence, occurrences
from yutang.journeys.reach import enrolments_within, passages_within
from yutang.journeys.reading import (
    DefinitionIsWrong,
    as_json,
    definition_from_json,
    misplaced,
    rules_in,
    schema,
    unreached,
)
from yutang.journeys.ready import LANGUAGES, ReadyPlaybook, ready_named, ready_playbooks
from yutang.journeys.revisions import SETTINGS, revision_of
from yutang.journeys.said import check_said, warnings_of, without_template
from yutang.journeys.step_results import StepResults, results_of_steps
from yutang.journeys.trial_words import ASKED, BASES, STEP_TITLES
from yutang.wecom.queries import known_groups

__all__ = [
    "ASKED",
    "BASES",
    "DAYS",
    "LANGUAGES",
    "SETTINGS",
    "STATES",
    "STEP_TITLES",
    "Counts",
    "Definition",
    "DefinitionIsWrong",
    "DryRun",
    "Foreseen",
    "Left",
    "Membership",
    "Occurrence",
    "PlaybookView",
    "ReadyPlaybook",
    "StepResults",
    "VersionView",
    "arms_of",
    "as_json",
    "checked_definition",
    "definition_read",
    "dry_run",
    "dry_run_of_ready",
    "experiment_key",
    "groups_at",
    "misplaced",
    "occurrences",
    "outcomes_of",
    "people_at",
    "places_of",
    "playbook",
    "playbook_named",
    "playbook_names",
    "playbooks",
    "playbooks_of",
    "ready_named",
    "ready_playbooks",
    "results_of_steps",
    "revision_of",
    "rules_in",
    "schema",
    "unreached",
    "versions_of",
    "warnings_of",
    "without_template",
]

#: Codes of the states of a playbook.
STATES = tuple(PlaybookState.values)


@dataclass(frozen=True)
class Counts:
    """People of a playbook: inside now, gone by why, held out. Counts.

    Attributes:
        unreached: how often it happened to somebody whom on some course through the playbook no step reaches, so that they were not
            let in; None for who sees some stores only.
    """

    inside: int
    held: int
    ended: Mapping[str, int]
    unreached: int | None = None

    @property
    def entered(self) -> int:
        """Who ever came in."""
        return self.inside + sum(self.ended.values())


@dataclass(frozen=True)
class PlaybookView:
    """A playbook as others see it.

    Attributes:
        state: one of `STATES`.
        draft: what its next version would say, as JSON.
        version: number of the version that people enter; None before the first.
        version_id: its key.
        differs: the draft says something else than the version.
    """

    id: int
    name: str
    ready: str
    state: str
    draft: Mapping[str, Any]
    definition: Mapping[str, Any] | None
    version: int | None
    version_id: int | None
    differs: bool
    created_at: datetime
    changed_at: datetime
    counts: Counts


@dataclass(frozen=True)
class VersionView:
    """A version: its number, when and by whom it was published, and who is still on it. Count."""

    id: int
    number: int
    definition: Mapping[str, Any]
    published_at: datetime
    published_by: str
    inside: int


@dataclass(frozen=True)
class Membership:
    """The way of one person, or one group, through a playbook: where they stand, or why and when they left."""

    enrolment_id: int
    playbook_id: int
    name: str
    customer_id: int
    step: str
    entered_at: datetime
    due_at: datetime
    ended_at: datetime | None
    ended_because: str
    group_key: str = ""


def playbooks(*, access: Actor) -> tuple[PlaybookView, ...]:
    """Return all playbooks: those that run first, then by name."""
    access.require("journeys.view")
    rows = list(Playbook.objects.select_related("current").order_by("name"))
    counts = _counts(access, [row.pk for row in rows])
    order = {state: place for place, state in enumerate(("running", "paused", "draft", "stopped"))}
    rows.sort(key=lambda row: order[row.state])
    return tuple(_view(row, counts[row.pk]) for row in rows)


def playbook_names(*, access: Actor) -> dict[int, str]:
    """Return what all playbooks are called, by number, in the order of their names."""
    access.require("journeys.view")
    return dict(Playbook.objects.order_by("name").values_list("pk", "name"))


def playbook(*, access: Actor, playbook_id: int) -> PlaybookView:
    """Return one playbook.

    Raises:
        NoSuchPlaybook: there is none.
    """
    access.require("journeys.view")
    row = Playbook.objects.select_related("current").filter(pk=playbook_id).first()
    if row is None:
        raise NoSuchPlaybook(playbook=playbook_id)
    return _view(row, _counts(access, [row.pk])[row.pk])


def playbook_named(*, access: Actor, name: str) -> PlaybookView | None:
    """Return the playbook of a name, a number or the key of a ready one; None where there is none."""
    access.require("journeys.view")
    rows = Playbook.objects.select_related("current").order_by("pk")
    found = rows.filter(pk=int(name)).first() if name.isascii() and name.isdecimal() and len(name) < 19 else None
    found = found or rows.filter(name=name).first() or rows.filter(ready=name).first()
    return None if found is None else _view(found, _counts(access, [found.pk])[found.pk])


def versions_of(*, access: Actor, playbook_id: int) -> tuple[VersionView, ...]:
    """Return the versions of a playbook, newest first."""
    access.require("journeys.view")
    inside = enrolments_within(access, Enrolment.objects.filter(playbook_id=playbook_id, ended_at=None)).order_by()
    people = dict(inside.values_list("version_id").annotate(Count("id")))
    rows = Version.objects.filter(playbook_id=playbook_id).select_related("published_by")
    return tuple(
        VersionView(
            row.pk,
            row.number,
            row.definition,
            row.published_at,
            row.published_by.display_name if row.published_by else "",
            people.get(row.pk, 0),
        )
        for row in rows
    )


def places_of(*, access: Actor, playbook_id: int) -> dict[str, int]:
    """Return how many people within reach stand at each step now, whatever version they are on."""
    access.require("journeys.view")
    inside = enrolments_within(access, Enrolment.objects.filter(playbook_id=playbook_id, ended_at=None)).order_by()
    return dict(inside.values_list("step").annotate(Count("id")))


def outcomes_of(*, access: Actor, playbook_id: int) -> dict[str, dict[tuple[str, str], int]]:
    """Return what became of each step within reach so far: ``{step: {(outcome, reason): passages}}``, over all versions."""
    access.require("journeys.view")
    every = Passage.objects.filter(version__playbook_id=playbook_id)
    rows = passages_within(access, every, playbook_id=playbook_id).order_by()
    found: dict[str, dict[tuple[str, str], int]] = {}
    for step, outcome, reason, count in rows.values_list("step", "outcome", "reason").annotate(Count("id")):
        found.setdefault(step, {})[outcome, reason] = count
    return found


def people_at(
    *, access: Actor, playbook_id: int, step: str = "", after: int = 0, limit: int = 50
) -> tuple[Membership, ...]:
    """Return people who are in a playbook now, at one step or at all, by key; who is out of reach is left out.

    Args:
        access: needs ``journeys.view``.
        playbook_id: which.
        step: id of the step; empty: all.
        after: key of the enrolment behind which to begin.
        limit: how many at most.
    """
    access.require("journeys.view")
    inside = Enrolment.objects.filter(playbook_id=playbook_id, ended_at=None, pk__gt=after, customer__isnull=False)
    rows = inside.filter(step=step) if step else inside
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    return _memberships(rows.order_by("pk"), limit)


def groups_at(
    *, access: Actor, playbook_id: int, step: str = "", after: int = 0, limit: int = 50
) -> tuple[tuple[Membership, str], ...]:
    """Return groups that are in a playbook now with their names, at one step or at all, by key; within reach.

    Args:
        access: needs ``journeys.view`` and ``channels.view``.
        playbook_id: which.
        step: id of the step; empty: all.
        after: key of the enrolment behind which to begin.
        limit: how many at most.
    """
    access.require("journeys.view")
    access.require("channels.view")
    known = group_names(access=access)
    inside = Enrolment.objects.filter(playbook_id=playbook_id, ended_at=None, pk__gt=after, group_key__in=list(known))
    rows = inside.filter(step=step) if step else inside
    return tuple((one, known[one.group_key]) for one in _memberships(rows.order_by("pk"), limit))


def group_names(*, access: Actor) -> dict[str, str]:
    """Return the names of the groups within reach, by key; empty where a group has none.

    Args:
        access: needs ``journeys.view`` and ``channels.view``.
    """
    access.require("journeys.view")
    access.require("channels.view")
    return {
        one.chat_id: one.name
        for one in known_groups()
        if access.store_ids is None or {store for store, _ in one.stores} & access.store_ids
    }


def playbooks_of(*, access: Actor, customer_id: int, limit: int = 20) -> tuple[Membership, ...]:
    """Return a person's ways through playbooks, newest first; nobody's who is out of reach."""
    access.require("journeys.view")
    rows = Enrolment.objects.filter(customer_id=customer_id).exclude(ended_because=Ending.HELD)
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    return _memberships(rows.order_by("-pk"), limit)


def arms_of(*, access: Actor, playbook_id: int) -> tuple[tuple[int, datetime, bool], ...]:
    """Return (person, instant of entering, held out) of everybody within reach to whom it happened: what an effect is reckoned from."""
    access.require("journeys.view")
    people = Enrolment.objects.filter(playbook_id=playbook_id, customer__isnull=False)
    rows = enrolments_within(access, people).order_by("pk")
    found = rows.values_list("customer_id", "entered_at", "ended_because")
    return tuple((key, at, because == Ending.HELD) for key, at, because in found.iterator(chunk_size=20_000))


def dry_run(*, access: Actor, playbook_id: int, now: datetime) -> DryRun:
    """Return what the draft of a playbook would do to whom within the coming weeks; nothing is written.

    Raises:
        NoSuchPlaybook: there is none.
        DefinitionIsWrong: the draft cannot be read.
        FiguresAreNotReady: the figures do not hold yet what its rules ask about.
    """
    access.require("journeys.view")
    row = Playbook.objects.select_related("current").filter(pk=playbook_id).first()
    if row is None:
        raise NoSuchPlaybook(playbook=playbook_id)
    definition = definition_from_json(row.draft)
    return _dry_run(
        definition=definition,
        salt=bytes(row.salt),
        playbook_id=row.pk,
        version_id=row.current.pk if row.current else 0,
        now=now,
    )


def dry_run_of_ready(*, access: Actor, key: str, language: str, now: datetime) -> tuple[Definition, DryRun]:
    """Return a ready playbook that nobody has taken yet, and what it would do; who is held out is drawn otherwise once it is taken.

    Raises:
        NoSuchReadyPlaybook: there is none of the key.
        FiguresAreNotReady: the figures do not hold yet what its rules ask about.
    """
    access.require("journeys.view")
    definition = definition_from_json(ready_named(key, language=language).definition)
    found = _dry_run(definition=definition, salt=key.encode(), playbook_id=0, version_id=0, now=now)
    return definition, found


def checked_definition(given: Any) -> dict[str, Any]:
    """Return a definition as it is kept.

    Raises:
        DefinitionIsWrong: it cannot be read, or its messages say what may not go out.
    """
    read = definition_from_json(given)
    check_said(read)
    return as_json(read)


def definition_read(given: Any) -> Definition:
    """Return a definition as a value.

    Raises:
        DefinitionIsWrong: it cannot be read.
    """
    return definition_from_json(given)


def _counts(access: Actor, keys: Sequence[int]) -> dict[int, Counts]:
    rows = enrolments_within(access, Enrolment.objects.filter(playbook_id__in=keys)).order_by()
    by: dict[int, dict[str, int]] = {key: {} for key in keys}
    for key, because, count in rows.values_list("playbook_id", "ended_because").annotate(Count("id")):
        by[key][because] = count
    unreached = dict(Playbook.objects.filter(pk__in=keys).order_by().values_list("pk", "unreached"))
    return {
        key: Counts(
            found.get("", 0),
            found.get(Ending.HELD, 0),
            {because: n for because, n in found.items() if because not in {"", Ending.HELD.value}},
            unreached.get(key, 0) if access.store_ids is None else None,
        )
        for key, found in by.items()
    }


def _view(row: Playbook, counts: Counts) -> PlaybookView:
    current = row.current
    return PlaybookView(
        id=row.pk,
        name=row.name,
        ready=row.ready,
        state=row.state,
        draft=row.draft,
        definition=current.definition if current else None,
        version=current.number if current else None,
        version_id=current.pk if current else None,
        differs=current is None or current.definition != row.draft,
        created_at=row.created_at,
        changed_at=row.changed_at,
        counts=counts,
    )


def _memberships(rows: QuerySet[Enrolment], limit: int) -> tuple[Membership, ...]:
    return tuple(
        Membership(
            row.pk,
            row.playbook_id,
            row.playbook.name,
            row.customer_id or 0,
            row.step,
            row.entered_at,
            row.due_at,
            row.ended_at,
            row.ended_because,
            row.group_key,
        )
        for row in rows.select_related("playbook")[:limit]
    )
