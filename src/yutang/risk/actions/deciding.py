"""What people decide: of what waits to be looked at, and of appeals. Whoever was stopped wrongly is counted, and let through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal
from yutang.risk import events
from yutang.risk.asks import OUTCOMES, Verdict
from yutang.risk.models import Appeal, AppealState, Decision, Effect, ListEntry, Settled, Subject, Trace
from yutang.risk.organisation import ALLOWED_DAYS
from yutang.risk.reach import decision_within
from yutang.risk.refusals import (
    AskIsWrong,
    DecisionIsSettled,
    GuardWordsAreMissing,
    NoSuchDecision,
    NothingToAppeal,
)

LONGEST_WORDS, LONGEST_ANSWER = 1_000, 200


@transaction.atomic
def let_through(*, actor: Actor, decision_id: int, now: datetime) -> None:
    """Let through what was stopped: whoever asked may ask again under the same key, and an open appeal is granted.

    Args:
        actor: needs ``guard.decide``.
        decision_id: what was refused, or waits to be looked at.
        now: when. Aware UTC.

    Raises:
        NoSuchDecision: there is none within reach.
        DecisionIsSettled: nothing was stopped, or somebody let it through already.
    """
    actor.require("guard.decide")
    row = decision_within(actor, decision_id)
    _settle(actor, row, Settled.LET_THROUGH, now)
    _answer_appeal(actor, row, AppealState.GRANTED, "", now)
    _note(actor, "guard.let_through", row, now)


@transaction.atomic
def keep_stopped(*, actor: Actor, decision_id: int, now: datetime) -> None:
    """Keep something stopped after a look; it counts as refused from now on.

    Raises:
        NoSuchDecision: there is none within reach.
        DecisionIsSettled: nothing was stopped, or somebody has decided already.
    """
    actor.require("guard.decide")
    row = decision_within(actor, decision_id)
    if row.settled:
        raise DecisionIsSettled
    _settle(actor, row, Settled.KEPT_STOPPED, now)
    _note(actor, "guard.keep_stopped", row, now)


@transaction.atomic
def settle_for_programme(
    *, actor: Actor, kind: str, programme: str, customer_id: int, is_let_through: bool, now: datetime
) -> int:
    """Settle what was stopped of a person in a programme as somebody decided there, so that it waits for nobody else.

    Args:
        actor: who decided; whoever runs the programme, whose own permission was asked before.
        kind: of the asks.
        programme: of what, such as ``referral:3``.
        customer_id: who asked.
        is_let_through: what was decided.
        now: when. Aware UTC.

    Returns:
        How many decisions it settled; those that somebody settled already stay as they are.
    """
    asked = Decision.objects.filter(kind=kind, programme=programme, customer_id=customer_id, settled="")
    settled = Settled.LET_THROUGH if is_let_through else Settled.KEPT_STOPPED
    rows = list(asked.filter(verdict__in=(Verdict.REVIEW, Verdict.REFUSE)).order_by("id"))
    for row in rows:
        _settle(actor, row, settled, now)
        _answer_appeal(actor, row, AppealState.GRANTED if is_let_through else AppealState.DECLINED, "", now)
        _note(actor, "guard.let_through" if is_let_through else "guard.keep_stopped", row, now)
    return len(rows)


@transaction.atomic
def note_outcome(*, actor: Actor, key: str, outcome: str, now: datetime) -> bool:
    """Note what became of what was asked for under a key, and return whether that was news; told twice, it is noted once.

    Args:
        actor: the room that gave it, in the name of whoever acts.
        key: of the ask.
        outcome: ``kept``, ``left_at_once``, ``refunded`` or ``bought``.
        now: when. Aware UTC.

    Raises:
        AskIsWrong: there is no such outcome.
        NoSuchDecision: nothing was asked under the key.
    """
    if outcome not in OUTCOMES:
        raise AskIsWrong(field="outcome", written=outcome[:40], expected=", ".join(OUTCOMES))
    if Decision.objects.filter(key=key).exclude(outcome=outcome).update(outcome=outcome):
        # The web of ties is told again of who asked, with the next batch.
        Trace.objects.filter(pk__in=Decision.objects.filter(key=key).values("pk")).update(is_woven=False)
        return True
    if not Decision.objects.filter(key=key).exists():
        raise NoSuchDecision(decision=key[:40])
    return False


@transaction.atomic
def note_outcomes(*, actor: Actor, keys: Sequence[str], outcome: str, now: datetime) -> int:
    """Note the same of many in a handful of statements, and return of how many that was news; see `note_outcome`.

    What was never asked about, or has been forgotten, has no outcome here.

    Raises:
        AskIsWrong: there is no such outcome.
    """
    if outcome not in OUTCOMES:
        raise AskIsWrong(field="outcome", written=outcome[:40], expected=", ".join(OUTCOMES))
    asked = Decision.objects.filter(key__in=list(keys)).exclude(outcome=outcome).order_by()
    news = list(asked.values_list("pk", flat=True))
    if news:
        Decision.objects.filter(pk__in=news).update(outcome=outcome)
        # The web of ties is told again of who asked, with the next batch.
        Trace.objects.filter(pk__in=news).update(is_woven=False)
    return len(news)


@transaction.atomic
def appeal(*, actor: Actor, decision_id: int, words: str, now: datetime) -> int:
    """Ask for another look at what was stopped, and return the appeal; each decision can be appealed against once.

    Args:
        actor: staff on behalf of a person, who needs ``guard.appeal``; the system for the person by the page.
        decision_id: what was stopped.
        words: what the person says, kept sealed. 1 to 1,000 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchDecision: there is none within reach.
        NothingToAppeal: it stopped nothing, or was appealed against before.
        GuardWordsAreMissing: nobody said why.
    """
    actor.require("guard.appeal")
    row = decision_within(actor, decision_id)
    said = words.strip()
    if not 0 < len(said) <= LONGEST_WORDS:
        raise GuardWordsAreMissing(most=LONGEST_WORDS)
    is_stopped = row.verdict != Verdict.ALLOW and row.settled != Settled.LET_THROUGH
    # Of two who ask at the same moment one waits here, and then finds the appeal of the other.
    Decision.objects.select_for_update().get(pk=row.pk)
    if not is_stopped or Appeal.objects.filter(decision=row).exists():
        raise NothingToAppeal
    made = Appeal.objects.create(
        decision=row, sealed_words=seal({"words": said}), made_by_id=actor.staff_id, made_at=now
    )
    _note(actor, "guard.appeal", row, now)
    return made.pk


@transaction.atomic
def grant_appeal(*, actor: Actor, decision_id: int, answer: str, now: datetime) -> None:
    """Grant an appeal: what was stopped is let through and counted as wrongly stopped, and the person for some days.

    They stand on the list of those who are always refused no longer.

    Args:
        actor: needs ``guard.decide``.
        decision_id: what the appeal is about.
        answer: what the person is told. 1 to 200 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchDecision: there is none within reach.
        NothingToAppeal: there is no open appeal.
        GuardWordsAreMissing: no answer was given.
    """
    actor.require("guard.decide")
    row = decision_within(actor, decision_id)
    if not _answer_appeal(actor, row, AppealState.GRANTED, _answered(answer), now):
        raise NothingToAppeal
    _settle(actor, row, Settled.LET_THROUGH, now)
    days = int(organisation_setting(ALLOWED_DAYS))
    if days and row.customer_id is not None:
        ListEntry.objects.create(
            subject=Subject.PERSON, customer_id=row.customer_id, effect=Effect.ALLOW, reason=_answered(answer),
            until=now + timedelta(days=days), made_by_id=actor.staff_id, made_at=now,
        )  # fmt: skip
    if row.customer_id is not None:
        _end_blocks(actor, row.customer_id, now)
    _note(actor, "guard.grant_appeal", row, now)


def _end_blocks(actor: Actor, customer_id: int, now: datetime) -> None:
    """Take a person off the list of those who are always refused: who was told that all is well is not refused again by it."""
    rows = ListEntry.objects.filter(customer_id=customer_id, effect=Effect.BLOCK, ended_at=None)
    for entry_id in list(rows.order_by("pk").values_list("pk", flat=True)):
        ListEntry.objects.filter(pk=entry_id).update(ended_at=now)
        audit(actor=actor, action="guard.unlist", subject_type="guard_list", subject_id=entry_id, now=now)


@transaction.atomic
def decline_appeal(*, actor: Actor, decision_id: int, answer: str, now: datetime) -> None:
    """Decline an appeal, with the answer that the person is told; what was stopped stays so.

    Raises:
        NoSuchDecision: there is none within reach.
        NothingToAppeal: there is no open appeal.
        GuardWordsAreMissing: no answer was given.
    """
    actor.require("guard.decide")
    row = decision_within(actor, decision_id)
    if not _answer_appeal(actor, row, AppealState.DECLINED, _answered(answer), now):
        raise NothingToAppeal
    if not row.settled:
        _settle(actor, row, Settled.KEPT_STOPPED, now)
    _note(actor, "guard.decline_appeal", row, now)


def _settle(actor: Actor, row: Decision, settled: Settled, now: datetime) -> None:
    """Write what somebody decided, once; a later look may still let through what was kept stopped."""
    open_ones = Decision.objects.filter(pk=row.pk).exclude(verdict=Verdict.ALLOW).exclude(settled=Settled.LET_THROUGH)
    changed = open_ones.update(settled=settled, settled_at=now, settled_by_id=actor.staff_id)
    if not changed:
        raise DecisionIsSettled
    Trace.objects.filter(pk=row.pk).update(is_woven=False)
    is_through = settled == Settled.LET_THROUGH
    told = events.Settled(row.pk, row.key, row.kind, row.programme, row.customer_id or 0, is_through)
    outbox.record(told, now=now)


def _answer_appeal(actor: Actor, row: Decision, state: AppealState, answer: str, now: datetime) -> bool:
    """Answer the open appeal against a decision, and return whether there was one."""
    waiting = Appeal.objects.filter(decision_id=row.pk, state=AppealState.OPEN)
    return bool(waiting.update(state=state, answer=answer, decided_by_id=actor.staff_id, decided_at=now))


def _answered(answer: str) -> str:
    said = answer.strip()
    if not 0 < len(said) <= LONGEST_ANSWER:
        raise GuardWordsAreMissing(most=LONGEST_ANSWER)
    return said


def _note(actor: Actor, action: str, row: Decision, now: datetime) -> None:
    detail = {"kind": row.kind, "programme": row.programme}
    audit(actor=actor, action=action, subject_type="guard_decision", subject_id=row.pk, detail=detail, now=now)
