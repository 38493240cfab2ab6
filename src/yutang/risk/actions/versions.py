"""Versions of the rules: written, put on trial, put in force, and never changed after that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.risk.models import RuleSet, VersionState
from yutang.risk.refusals import GuardWordsAreMissing, NoSuchRuleVersion, VersionIsInUse
from yutang.risk.rule_versions import digest_of
from yutang.risk.rules import as_json, read_rules

_LONGEST_NOTE = 200


@transaction.atomic
def save_rules(*, actor: Actor, body: Any, note: str, now: datetime) -> int:
    """Keep rules as a new version that is used for nothing yet, and return its number.

    Args:
        actor: needs ``guard.change``.
        body: the rules, as JSON (see `rules.read_rules`).
        note: what is new. At most 200 characters.
        now: when. Aware UTC.

    Raises:
        GuardRuleIsWrong: a rule cannot be like this.
        GuardWordsAreMissing: the note is too long.
    """
    actor.require("guard.change")
    if len(note.strip()) > _LONGEST_NOTE:
        raise GuardWordsAreMissing(most=_LONGEST_NOTE)
    kept = as_json(read_rules(body))
    row = RuleSet.objects.create(
        body=kept, digest=digest_of(kept), note=note.strip(), made_by_id=actor.staff_id, made_at=now
    )
    _note(actor, "guard.save_rules", row.pk, {"note": note.strip()}, now)
    return row.pk


@transaction.atomic
def put_on_trial(*, actor: Actor, version: int, now: datetime) -> None:
    """Let a version say beside the one in force what it would have said; what it says changes nothing.

    Args:
        actor: needs ``guard.change``.
        version: a draft.
        now: when. Aware UTC.

    Raises:
        NoSuchRuleVersion: there is none.
        VersionIsInUse: it is or was in force, or is on trial.
    """
    actor.require("guard.change")
    bulk.one_at_a_time("risk.versions")
    RuleSet.objects.filter(state=VersionState.SHADOW).exclude(pk=version).update(state=VersionState.DRAFT)
    _move(version, VersionState.DRAFT, VersionState.SHADOW)
    _note(actor, "guard.try_rules", version, {}, now)


@transaction.atomic
def end_trial(*, actor: Actor, version: int, now: datetime) -> None:
    """End the trial of a version; it is a draft again.

    Raises:
        NoSuchRuleVersion: there is none.
        VersionIsInUse: it is not on trial.
    """
    actor.require("guard.change")
    _move(version, VersionState.SHADOW, VersionState.DRAFT)
    _note(actor, "guard.end_trial", version, {}, now)


@transaction.atomic
def put_in_force(*, actor: Actor, version: int, now: datetime) -> None:
    """Let a version decide from now on; the one before it is kept as replaced.

    Args:
        actor: needs ``guard.change``.
        version: any version that is not in force; 0: the rules that come with the product.
        now: when. Aware UTC.

    Raises:
        NoSuchRuleVersion: there is none.
        VersionIsInUse: it is in force.
    """
    actor.require("guard.change")
    bulk.one_at_a_time("risk.versions")
    if version and not RuleSet.objects.filter(pk=version).exists():
        raise NoSuchRuleVersion(version=version)
    old = RuleSet.objects.filter(state=VersionState.ACTIVE)
    if old.filter(pk=version).exists() or (version == 0 and not old.exists()):
        raise VersionIsInUse(version=version)
    old.update(state=VersionState.RETIRED)
    RuleSet.objects.filter(pk=version).update(state=VersionState.ACTIVE, in_force_at=now)
    _note(actor, "guard.use_rules", version, {}, now)


def _move(version: int, was: VersionState, becomes: VersionState) -> None:
    if not RuleSet.objects.filter(pk=version, state=was).update(state=becomes):
        raise (
            VersionIsInUse(version=version)
            if RuleSet.objects.filter(pk=version).exists()
            else NoSuchRuleVersion(version=version)
        )


def _note(actor: Actor, action: str, version: int, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="guard_rules", subject_id=version, detail=detail, now=now)
