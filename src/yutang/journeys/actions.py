"""Every change of the room: writing playbooks, publishing, starting, pausing, stopping, migrating, and letting them run."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.journeys.abilities import look_at_steps, missing_abilities
from yutang.journeys.asking_people import TASK
from yutang.journeys.definition import Definition
from yutang.journeys.enrolling import Entries, let_in
from yutang.journeys.enrolling_groups import let_groups_in
from yutang.journeys.groups import GroupBook
from yutang.journeys.migrating import MapIsWrong, moved_over
from yutang.journeys.models import Ending, Enrolment, Playbook, PlaybookState, Version
from yutang.journeys.moving import MoveReport, move_everybody
from yutang.journeys.reading import (
    DefinitionIsWrong,
    as_json,
    definition_from_json,
    definition_of,
    misplaced,
    rules_in,
    unreached,
)
from yutang.journeys.ready import ready_named
from yutang.journeys.refusals import (
    NoSuchPlaybook,
    PartIsForOthers,
    PlaybookCannotStart,
    PlaybookIsInUse,
    PlaybookIsNotIn,
    PlaybookNameIsWrong,
    PlaybookRunsAlready,
    PlaybookWasChanged,
    StepIsNotReached,
    StepLacksTemplate,
    StepsNeedRooms,
    SubjectIsFixed,
)
from yutang.journeys.revisions import revision_of
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.said import check_said, without_template
from yutang.journeys.trigger_kinds import FitsTrigger, StageTrigger
from yutang.journeys.triggers import look_at_triggers, looked_from
from yutang.kit.text import N_, Sentence
from yutang.segments.resolving import NoSuchSegment, whole_rule
from yutang.segments.rules.reading import rule_from_json
from yutang.worklist import actions as worklist
from yutang.worklist.queries import living_proposals

__all__ = [
    "DefinitionIsWrong",
    "MapIsWrong",
    "NoSuchPlaybook",
    "PartIsForOthers",
    "PlaybookCannotStart",
    "PlaybookIsInUse",
    "PlaybookIsNotIn",
    "PlaybookNameIsWrong",
    "PlaybookRunsAlready",
    "PlaybookWasChanged",
    "RunReport",
    "StepIsNotReached",
    "StepLacksTemplate",
    "StepsNeedRooms",
    "SubjectIsFixed",
    "adopt_playbook",
    "create_playbook",
    "delete_playbook",
    "drop_stale_tasks",
    "enrol_groups",
    "enrol_people",
    "migrate_people",
    "pause_playbook",
    "rename_playbook",
    "resume_playbook",
    "run_playbooks",
    "save_draft",
    "start_playbook",
    "stop_playbook",
]

_LONGEST_NAME = 80
_SUBJECTS = {"person": N_("people"), "group": N_("groups")}


@dataclass(frozen=True)
class RunReport:
    """What a tick did: who came in, who was held out, steps taken, who ended. Counts."""

    entered: int
    held: int
    moved: int
    ended: int


@transaction.atomic
def create_playbook(*, actor: Actor, name: str, definition: Any, ready: str = "", now: datetime) -> int:
    """Write a new playbook as a draft, and return its key.

    Args:
        actor: needs ``journeys.change``.
        name: 1 to 80 characters, used once.
        definition: as JSON (see docs/playbooks.md).
        ready: key of the ready playbook that it is made from; empty for one of one's own.
        now: when. Aware UTC.

    Raises:
        PlaybookNameIsWrong: the name is empty, too long or taken.
        DefinitionIsWrong: the definition cannot be read.
    """
    actor.require("journeys.change")
    read = definition_from_json(definition)
    check_said(read)
    row = Playbook.objects.create(
        name=_checked_name(name),
        ready=ready,
        draft=as_json(read),
        salt=secrets.token_bytes(16),
        created_by_id=actor.staff_id,
        created_at=now,
        changed_at=now,
    )
    _note(actor, "journeys.create", row, {"ready": ready} if ready else {}, now)
    return row.pk


def adopt_playbook(*, actor: Actor, ready: str, language: str, name: str = "", now: datetime) -> int:
    """Write a ready playbook as a draft in a language, and return its key.

    Args:
        actor: needs ``journeys.change``.
        ready: key of the ready playbook.
        language: ``zh-hans`` or ``en``: that of its words.
        name: another name than its own; empty: its own, with a number behind it where that is taken.
        now: when. Aware UTC.

    Raises:
        NoSuchReadyPlaybook: there is none of the key.
        PlaybookNameIsWrong: the name is too long or taken.
    """
    found = ready_named(ready, language=language)
    wanted = name.strip() or _free_name(found.name)
    return create_playbook(actor=actor, name=wanted, definition=found.definition, ready=ready, now=now)


@transaction.atomic
def rename_playbook(*, actor: Actor, playbook_id: int, name: str, now: datetime) -> None:
    """Give a playbook another name.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookNameIsWrong: the name is empty, too long or taken.
    """
    actor.require("journeys.change")
    row = _known(playbook_id)
    before, row.name, row.changed_at = row.name, _checked_name(name, of=playbook_id), now
    row.save(update_fields=["name", "changed_at"])
    _note(actor, "journeys.rename", row, {"before": before}, now)


@transaction.atomic
def save_draft(
    *, actor: Actor, playbook_id: int, definition: Any, revisions: Mapping[str, str] | None = None, now: datetime
) -> None:
    """Write what a playbook is to say from its next version on; who is in it is not touched.

    Args:
        actor: needs ``journeys.change``.
        playbook_id: which.
        definition: as JSON (see docs/playbooks.md).
        revisions: parts that the writer read, each with its `revision_of` then; what is not named may have changed since.
        now: when. Aware UTC.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookWasChanged: one of these parts is not of its revision any more.
        DefinitionIsWrong: the definition cannot be read.
    """
    actor.require("journeys.change")
    row = _known(playbook_id)
    if any(revision_of(row.draft, part) != read for part, read in (revisions or {}).items()):
        raise PlaybookWasChanged(name=row.name)
    read = definition_from_json(definition)
    check_said(read)
    row.draft, row.changed_at = as_json(read), now
    row.save(update_fields=["draft", "changed_at"])
    _note(actor, "journeys.change", row, {}, now)


@transaction.atomic
def start_playbook(*, actor: Actor, playbook_id: int, now: datetime) -> int:
    """Publish the draft as a version, if it differs from the latest, let the playbook run, and return the version's number.

    Who enters from now on gets the new version; who is in it finishes the one on which they began.

    Raises:
        NoSuchPlaybook: there is none.
        DefinitionIsWrong: the draft cannot be read.
        StepsNeedRooms: a step cannot be done yet.
        NoSuchCouponKind: a step gives a coupon that there is not.
        StepIsNotReached: no way leads to a step.
        StepLacksTemplate: a step would send short messages that no gateway takes.
        PlaybookRunsAlready: it runs, and nothing was changed since.
        PartIsForOthers: a part is not for what the playbook is about.
        SubjectIsFixed: a version before was about something else.
        PlaybookCannotStart: a schedule has no audience.
        NoSuchSegment: it asks for a segment that is not there.
    """
    actor.require("journeys.run")
    row = _known(playbook_id)
    read = definition_from_json(row.draft)
    check_said(read)
    _check_start(read)
    was = row.state
    latest = row.versions.first()
    if latest is not None and definition_of(latest).subject != read.subject:
        raise SubjectIsFixed(name=row.name)
    if latest is None or latest.definition != row.draft:
        number = 1 if latest is None else latest.number + 1
        latest = Version.objects.create(
            playbook=row, number=number, definition=row.draft, published_by_id=actor.staff_id, published_at=now
        )
    elif was == PlaybookState.RUNNING and row.current == latest:
        raise PlaybookRunsAlready(name=row.name, version=latest.number)
    trigger_changed = row.current is None or row.current.definition.get("trigger") != row.draft["trigger"]
    row.current, row.state, row.changed_at = latest, PlaybookState.RUNNING, now
    if was != PlaybookState.RUNNING or trigger_changed:
        _begin_looking(row, read, first=was == PlaybookState.DRAFT, now=now)
    row.save(update_fields=["current", "state", "changed_at", "looked", "fitted"])
    _note(actor, "journeys.start", row, {"version": latest.number}, now)
    return latest.number


@transaction.atomic
def pause_playbook(*, actor: Actor, playbook_id: int, now: datetime) -> None:
    """Let nobody in and move nobody on until the playbook is resumed.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it does not run.
    """
    _note_switch(actor, playbook_id, "journeys.pause", {PlaybookState.RUNNING}, PlaybookState.PAUSED, now)


@transaction.atomic
def resume_playbook(*, actor: Actor, playbook_id: int, now: datetime) -> None:
    """Let a paused playbook run on: who is due moves now; to whom the trigger happened meanwhile does not come in.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it is not paused.
    """
    row = _note_switch(actor, playbook_id, "journeys.resume", {PlaybookState.PAUSED}, PlaybookState.RUNNING, now)
    assert row.current is not None
    _begin_looking(row, definition_from_json(row.current.definition), first=False, now=now)
    row.save(update_fields=["looked", "fitted"])


@transaction.atomic
def stop_playbook(*, actor: Actor, playbook_id: int, now: datetime) -> int:
    """End a playbook for everybody who is in it, and return how many that were; planned messages stay planned.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it neither runs nor is paused.
    """
    states = {PlaybookState.RUNNING, PlaybookState.PAUSED}
    row = _note_switch(actor, playbook_id, "journeys.stop", states, PlaybookState.STOPPED, now)
    inside = Enrolment.objects.filter(playbook=row, ended_at=None)
    return inside.update(ended_at=now, ended_because=Ending.STOPPED, lane=F("id") * -1)


@transaction.atomic
def migrate_people(*, actor: Actor, playbook_id: int, steps: Mapping[str, str], now: datetime) -> int:
    """Bring people who are in older versions of a playbook onto the current one, and return how many.

    Args:
        actor: needs ``journeys.run``.
        playbook_id: which.
        steps: where people of each older step go on in the current version; a step that is not named goes on at the step of
            the same id.
        now: when. Aware UTC.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it was never published.
        MapIsWrong: a step at which somebody stands leads nowhere, or to what is not there.
    """
    actor.require("journeys.run")
    row = _known(playbook_id)
    if row.current is None:
        raise PlaybookIsNotIn(name=row.name)
    moved = moved_over(row, steps, now=now)
    _note(actor, "journeys.migrate", row, {"people": moved, "version": row.current.number}, now)
    return moved


@transaction.atomic
def enrol_people(
    *, actor: Actor, playbook_id: int, customer_ids: Sequence[int], occasion: str, now: datetime
) -> Entries:
    """Let people into a running playbook by hand, as far as audience, re-entry and holdout allow.

    Args:
        actor: needs ``journeys.run``.
        playbook_id: which.
        customer_ids: who.
        occasion: the same occasion lets nobody in twice. At most 40 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it does not run, or is about groups.
    """
    row, definition = _running(actor, playbook_id, subject="person")
    asked = [(key, f"h{occasion[:40]}") for key in customer_ids]
    entries = let_in(playbook=row, definition=definition, asked=asked, rules=RuleSets(now=now), now=now)
    _note(actor, "journeys.enrol", row, {"people": entries.entered, "held": entries.held}, now)
    return entries


@transaction.atomic
def enrol_groups(*, actor: Actor, playbook_id: int, group_keys: Sequence[str], occasion: str, now: datetime) -> Entries:
    """Let groups into a running playbook by hand, as far as audience, re-entry and holdout allow.

    Args:
        actor: needs ``journeys.run``.
        playbook_id: one about groups.
        group_keys: which, as the contact policy knows them; one that is gone does not come in.
        occasion: the same occasion lets no group in twice. At most 40 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsNotIn: it does not run, or is about people.
    """
    row, definition = _running(actor, playbook_id, subject="group")
    asked = [(key, f"h{occasion[:40]}") for key in group_keys]
    entries = let_groups_in(playbook=row, definition=definition, asked=asked, book=GroupBook(now=now), now=now)
    _note(actor, "journeys.enrol", row, {"groups": entries.entered, "held": entries.held}, now)
    return entries


@transaction.atomic
def delete_playbook(*, actor: Actor, playbook_id: int, now: datetime) -> None:
    """Delete a playbook in which nobody has ever been, whether it runs or not.

    Raises:
        NoSuchPlaybook: there is none.
        PlaybookIsInUse: somebody has been in it.
    """
    actor.require("journeys.change")
    row = _known(playbook_id)
    if Enrolment.objects.filter(playbook=row).exists():
        raise PlaybookIsInUse(name=row.name)
    _note(actor, "journeys.delete", row, {"name": row.name}, now)
    Playbook.objects.filter(pk=row.pk).update(current=None)
    row.delete()


def run_playbooks(*, actor: Actor, told: Callable[[int], None] = lambda moved: None, now: datetime) -> RunReport:
    """Look at the triggers of all running playbooks, and move on everybody who is due.

    Args:
        actor: the system as a rule.
        told: called after each block with how many moved so far.
        now: aware UTC.
    """
    actor.require("journeys.run")
    entries = look_at_triggers(now=now)
    moves: MoveReport = move_everybody(told=told, now=now)
    return RunReport(entries.entered, entries.held, moves.moved, moves.ended)


def drop_stale_tasks(*, actor: Actor, now: datetime) -> int:
    """Take tasks of playbooks off today's lists that nobody did in time, and return how many."""
    actor.require("journeys.run")
    holding = set(living_proposals(kind=TASK.code))
    return worklist.lapse(actor=actor, kind=TASK.code, holding=holding, now=now)


def _begin_looking(row: Playbook, read: Definition, *, first: bool, now: datetime) -> None:
    """Forget up to where the trigger was looked at: what was before is no news."""
    wants_present = isinstance(read.trigger, FitsTrigger | StageTrigger) and read.trigger.include_present
    row.looked = looked_from(trigger=read.trigger, include_present=first and wants_present, now=now)
    row.fitted = None


def _check_start(read: Definition) -> None:
    missing = missing_abilities(read.steps)
    if missing:
        raise StepsNeedRooms(step=missing[0][0], do=missing[0][1])
    look_at_steps(read.steps)
    lost = unreached(read)
    if lost:
        raise StepIsNotReached(step=lost[0])
    wrong = misplaced(read)
    if wrong:
        raise PartIsForOthers(place=wrong[0], subject=Sentence(_SUBJECTS[read.subject]).as_json())
    if read.trigger.kind == "schedule" and read.audience is None and not read.is_about_groups:
        raise PlaybookCannotStart
    unsendable = without_template(read)
    if unsendable:
        raise StepLacksTemplate(step=unsendable[0][0].partition(".")[0])
    for place, rule in rules_in(read):
        try:
            whole_rule(rule_from_json(rule))
        except NoSuchSegment as refusal:
            raise DefinitionIsWrong(place=place, expected=refusal.sentence.as_json()) from refusal


def _note_switch(
    actor: Actor, playbook_id: int, action: str, states: set[PlaybookState], to: PlaybookState, now: datetime
) -> Playbook:
    actor.require("journeys.run")
    row = _known(playbook_id)
    if row.state not in states:
        raise PlaybookIsNotIn(name=row.name)
    row.state, row.changed_at = to, now
    row.save(update_fields=["state", "changed_at"])
    _note(actor, action, row, {}, now)
    return row


def _running(actor: Actor, playbook_id: int, *, subject: str) -> tuple[Playbook, Definition]:
    actor.require("journeys.run")
    row = _known(playbook_id)
    if row.state != PlaybookState.RUNNING or row.current is None or definition_of(row.current).subject != subject:
        raise PlaybookIsNotIn(name=row.name)
    return row, definition_of(row.current)


def _known(playbook_id: int) -> Playbook:
    row = Playbook.objects.select_for_update(of=("self",)).select_related("current").filter(pk=playbook_id).first()
    if row is None:
        raise NoSuchPlaybook(playbook=playbook_id)
    return row


def _checked_name(name: str, *, of: int | None = None) -> str:
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or "\x00" in name:
        raise PlaybookNameIsWrong
    others = Playbook.objects.filter(name=name) if of is None else Playbook.objects.filter(name=name).exclude(pk=of)
    if others.exists():
        raise PlaybookNameIsWrong
    return name


def _free_name(name: str) -> str:
    taken = set(Playbook.objects.filter(name__startswith=name).values_list("name", flat=True))
    return next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _note(actor: Actor, action: str, row: Playbook, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="playbook", subject_id=row.pk, detail=detail, now=now)
