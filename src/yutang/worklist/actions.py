"""Every change of the worklist: propose, complete, snooze, dismiss, and let lapse what no longer holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting, staff_members
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.worklist.events import ProposalDone, ProposalTakenBack
from yutang.worklist.handing_over import hand_over_within_reach, hand_over_work, let_go
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind
from yutang.worklist.models import KindResult, Proposal, ProposalStatus
from yutang.worklist.owners import NOBODY, Member, Need, assigned
from yutang.worklist.reach import within_reach
from yutang.worklist.rules import MOST_A_DAY, business_day_of, end_of_day
from yutang.worklist.undoing import UNDO_FOR, CannotBeUndone, restored, state_of

__all__ = [
    "UNDO_FOR",
    "CannotBeUndone",
    "Draft",
    "NoteIsTooLong",
    "OutcomeIsUnknown",
    "ProposalIsClosed",
    "ProposalNotFound",
    "ProposeReport",
    "SnoozeIsWrong",
    "complete",
    "dismiss",
    "hand_over_within_reach",
    "hand_over_work",
    "keep_results",
    "lapse",
    "let_go",
    "propose",
    "snooze",
    "undo",
    "wake",
]

_LIVING = (ProposalStatus.OPEN, ProposalStatus.SNOOZED)
_LONGEST_NOTE = 300
_LONGEST_SNOOZE = timedelta(days=90)


class ProposalNotFound(DomainError):
    """There is no such proposal within the actor's reach."""

    code: ClassVar[str] = "proposal_not_found"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no proposal %(proposal_id)s on your list.")


class ProposalIsClosed(DomainError):
    """Somebody was faster, or the reason has gone."""

    code: ClassVar[str] = "proposal_is_closed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This is already closed: somebody did it, put it aside, or it is no longer needed.")


class OutcomeIsUnknown(DomainError):
    """The kind of proposal knows no such outcome."""

    code: ClassVar[str] = "outcome_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(outcome)s is none of: %(outcomes)s.")


class NoteIsTooLong(DomainError):
    """A note is a line, not a letter."""

    code: ClassVar[str] = "note_is_too_long"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("A note has %(most)s characters at most.")


class SnoozeIsWrong(DomainError):
    """One can put aside until tomorrow at the earliest, and not for ever."""

    code: ClassVar[str] = "snooze_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Choose a day from %(first)s to %(last)s.")


@dataclass(frozen=True)
class Draft:
    """Something that may be proposed.

    Attributes:
        kind: code of a `ProposalKind`.
        dedupe_key: the same reason about the same subject is proposed once; it begins with the kind.
        reason: why, with the customer's own numbers.
        rank: what a touch is expected to bring; higher goes first. Minor units.
        stake_minor: value at stake; None: as the rank. Minor units.
        chance: that a touch helps. 0-1.
        customer_id: whom it is about, if a person.
        store_id: the customer's store, if any.
        staff_id: who already looks after it, if anybody.
        subject: where the work is done, ``{"room": ..., "id": ...}``.
        due_on: last day on which it is in time; None: as the kind says.
    """

    kind: str
    dedupe_key: str
    reason: Sentence
    rank: int
    customer_id: int | None = None
    store_id: int | None = None
    staff_id: int | None = None
    subject: Mapping[str, Any] = field(default_factory=dict)
    stake_minor: int | None = None
    chance: float = 1.0
    due_on: date | None = None


@dataclass(frozen=True)
class ProposeReport:
    """What became of drafts: counts of the proposed, of those known before, of those beyond what a person can do."""

    proposed: int
    known: int
    beyond: int


def propose(*, actor: Actor, drafts: Sequence[Draft], now: datetime) -> ProposeReport:
    """Put the best drafts on the lists of their owners, each reason once, no more than a person can do on a day.

    Args:
        actor: who proposes; the system as a rule.
        drafts: of all kinds together, because they share a person's day.
        now: aware UTC.
    """
    actor.require("worklist.work")
    today = business_day_of(now)
    with transaction.atomic():
        _give_owners(today=today)
        known = _known_keys([draft.dedupe_key for draft in drafts])
        fresh = {draft.dedupe_key: draft for draft in drafts if draft.dedupe_key not in known}
        owners = assigned(
            [
                Need(
                    each.dedupe_key,
                    each.rank,
                    each.store_id,
                    each.staff_id,
                    KINDS[each.kind].is_capped,
                    is_of_customer=each.customer_id is not None,
                )
                for each in fresh.values()
            ],
            members=_active_members(),
            load=_load(today=today),
            most_a_day=organisation_setting(MOST_A_DAY),
        )
        rows = [_row(fresh[key], owner, today=today) for key, owner in owners.items()]
        Proposal.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return ProposeReport(proposed=len(rows), known=len(drafts) - len(fresh), beyond=len(fresh) - len(rows))


def lapse(*, actor: Actor, kind: str, holding: Collection[str], now: datetime) -> int:
    """Take open proposals of a kind off the lists whose reason has gone or whose time has passed; return how many.

    Args:
        actor: who does it; the system as a rule.
        kind: code of the kind.
        holding: dedupe keys whose reason still holds.
        now: aware UTC.
    """
    actor.require("worklist.work")
    too_late = now - timedelta(days=KINDS[kind].lapses_after_days)
    living = Proposal.objects.filter(kind=kind, status__in=_LIVING)
    gone = [
        key
        for key, dedupe_key, due_at in living.values_list("id", "dedupe_key", "due_at").iterator()
        if dedupe_key not in holding or due_at < too_late
    ]
    return _close_many(gone, now=now)


def keep_results(*, actor: Actor, results: Sequence[KindResult], now: datetime) -> None:
    """Keep what followed the done proposals, in place of what was kept before."""
    actor.require("worklist.work")
    for result in results:
        result.found_at = now
    with transaction.atomic():
        KindResult.objects.all().delete()
        KindResult.objects.bulk_create(results)


def wake(*, actor: Actor, now: datetime) -> int:
    """Open the proposals again whose snooze has ended, and return how many."""
    actor.require("worklist.work")
    ended = Proposal.objects.filter(status=ProposalStatus.SNOOZED, snoozed_until__lte=business_day_of(now))
    return ended.update(status=ProposalStatus.OPEN)


def complete(*, actor: Actor, proposal_id: int, outcome: str, note: str = "", now: datetime) -> None:
    """Close a proposal as done, with what came of it.

    Raises:
        ProposalNotFound: not within the actor's reach.
        ProposalIsClosed: it was closed before.
        OutcomeIsUnknown: the kind has no such outcome.
        NoteIsTooLong: the note has more than 300 characters.
    """
    proposal = _reachable(actor, proposal_id)
    _close(proposal, ProposalStatus.DONE, KINDS[proposal.kind].outcomes, actor, outcome=outcome, note=note, now=now)


def dismiss(*, actor: Actor, proposal_id: int, outcome: str, note: str = "", now: datetime) -> None:
    """Close a proposal as not useful, with the reason.

    Raises:
        ProposalNotFound: not within the actor's reach.
        ProposalIsClosed: it was closed before.
        OutcomeIsUnknown: there is no such reason.
        NoteIsTooLong: the note has more than 300 characters.
    """
    proposal = _reachable(actor, proposal_id)
    kind = KINDS[proposal.kind]
    _close(proposal, ProposalStatus.NOT_USEFUL, kind.dismissals, actor, outcome=outcome, note=note, now=now)


def snooze(*, actor: Actor, proposal_id: int, until: date, now: datetime) -> None:
    """Put a proposal aside until a day; it comes back on that day, and its deadline is not before the day's end.

    Raises:
        ProposalNotFound: not within the actor's reach.
        ProposalIsClosed: it was closed before.
        SnoozeIsWrong: the day is not between tomorrow and 90 days from now.
    """
    today = business_day_of(now)
    first, last = today + timedelta(days=1), today + _LONGEST_SNOOZE
    if not first <= until <= last:
        raise SnoozeIsWrong(first=first.isoformat(), last=last.isoformat())
    proposal = _reachable(actor, proposal_id)
    with transaction.atomic():
        changed = Proposal.objects.filter(pk=proposal.pk, status__in=_LIVING).update(
            status=ProposalStatus.SNOOZED,
            snoozed_until=until,
            due_at=max(proposal.due_at, end_of_day(until)),
            before_change=state_of(proposal, actor=actor, now=now),
        )
        if not changed:
            raise ProposalIsClosed
        _note_in_audit(actor, "worklist.snooze", proposal, {"until": until.isoformat()}, now)


def undo(*, actor: Actor, proposal_id: int, now: datetime) -> None:
    """Take back that the actor closed a proposal or put it aside, within ten minutes.

    Raises:
        ProposalNotFound: not within the actor's reach.
        CannotBeUndone: it is longer ago, somebody else did it, or it was changed since.
    """
    proposal = _reachable(actor, proposal_id)
    before = restored(proposal, actor=actor, now=now)
    with transaction.atomic():
        unchanged = Proposal.objects.filter(pk=proposal.pk, status=proposal.status, due_at=proposal.due_at)
        if not unchanged.update(**before):
            raise CannotBeUndone
        _note_in_audit(actor, "worklist.undo", proposal, {"undone": proposal.status}, now)
        if proposal.status == ProposalStatus.DONE and KINDS[proposal.kind].is_heard:
            outbox.record(ProposalTakenBack(*_told(proposal, actor)), now=now)


def _close(
    proposal: Proposal,
    status: ProposalStatus,
    allowed: tuple[Outcome, ...],
    actor: Actor,
    *,
    outcome: str,
    note: str,
    now: datetime,
) -> None:
    codes = [each.code for each in allowed]
    if outcome not in codes:
        raise OutcomeIsUnknown(outcome=outcome, outcomes=", ".join(codes))
    if len(note) > _LONGEST_NOTE:
        raise NoteIsTooLong(most=_LONGEST_NOTE)
    with transaction.atomic():
        changed = Proposal.objects.filter(pk=proposal.pk, status__in=_LIVING).update(
            status=status,
            outcome=outcome,
            outcome_note=note,
            closed_at=now,
            closed_by=actor.staff_id,
            before_change=state_of(proposal, actor=actor, now=now),
        )
        if not changed:
            raise ProposalIsClosed
        _note_in_audit(actor, f"worklist.{status}", proposal, {"outcome": outcome}, now)
        if status == ProposalStatus.DONE and KINDS[proposal.kind].is_heard:
            outbox.record(ProposalDone(*_told(proposal, actor), outcome), now=now)


def _told(proposal: Proposal, actor: Actor) -> tuple[int, str, int, int]:
    """Return what an event says of a proposal and of whoever changed it."""
    return proposal.pk, proposal.kind, int(proposal.subject.get("id") or 0), actor.own_id


def _reachable(actor: Actor, proposal_id: int) -> Proposal:
    actor.require("worklist.work")
    proposal = Proposal.objects.filter(within_reach(actor), pk=proposal_id).first()
    if proposal is None:
        raise ProposalNotFound(proposal_id=proposal_id)
    return proposal


def _note_in_audit(actor: Actor, action: str, proposal: Proposal, detail: dict[str, Any], now: datetime) -> None:
    told = {"kind": proposal.kind, **detail}
    audit(actor=actor, action=action, subject_type="proposal", subject_id=proposal.pk, detail=told, now=now)


def _give_owners(*, today: date) -> None:
    """Give living proposals that nobody owns, or somebody who no longer sees them, an owner.

    They were proposed before, so no cap holds them back.
    """
    members = {each.staff_id: each for each in _active_members()}
    if not members:
        return
    scoped = [each.staff_id for each in members.values() if each.reach is not None]
    waiting = Q(owner=None) | Q(owner_id__in=scoped, customer_id__isnull=False)
    rows = Proposal.objects.filter(waiting, status__in=_LIVING)
    needs, had = [], {}
    for pk, rank, store_id, customer_id, owner_id in rows.values_list(
        "pk", "rank", "store_id", "customer_id", "owner_id"
    ):
        need = Need(str(pk), rank, store_id, None, is_capped=False, is_of_customer=customer_id is not None)
        if owner_id is None or not members[owner_id].sees(need):
            needs.append(need)
            had[need.key] = owner_id
    owners = assigned(
        needs, members=list(members.values()), load=_load(today=today), most_a_day=organisation_setting(MOST_A_DAY)
    )
    moved: dict[tuple[int | None, int], list[int]] = {}
    for key, owner in owners.items():
        moved.setdefault((had[key], owner), []).append(int(key))
    for (before, owner), keys in moved.items():
        for start in range(0, len(keys), 500):
            living = Proposal.objects.filter(pk__in=keys[start : start + 500], owner_id=before)
            living.update(owner_id=owner or None)


def _known_keys(keys: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(keys), 500):
        asked = keys[start : start + 500]
        known.update(Proposal.objects.filter(dedupe_key__in=asked).values_list("dedupe_key", flat=True))
    return known


def _active_members() -> list[Member]:
    return [Member(each.id, each.role, each.store_ids, each.reach) for each in staff_members() if each.is_active]


def _load(*, today: date) -> dict[int, int]:
    """Return how many capped proposals each has today: open ones, those that come back today, those closed today."""
    capped = [kind.code for kind in KINDS if kind.is_capped]
    begun = end_of_day(today - timedelta(days=1))
    closed_today = Q(status__in=(ProposalStatus.DONE, ProposalStatus.NOT_USEFUL), closed_at__gte=begun)
    awake = Q(status=ProposalStatus.OPEN) | Q(status=ProposalStatus.SNOOZED, snoozed_until__lte=today)
    rows = Proposal.objects.filter(awake | closed_today, kind__in=capped)
    return Counter(owner or NOBODY for owner in rows.values_list("owner_id", flat=True).iterator())


def _row(draft: Draft, owner: int, *, today: date) -> Proposal:
    kind: ProposalKind = KINDS[draft.kind]
    return Proposal(
        kind=draft.kind,
        dedupe_key=draft.dedupe_key,
        customer_id=draft.customer_id,
        store_id=draft.store_id,
        owner_id=owner or None,
        reason=draft.reason.as_json(),
        subject=dict(draft.subject),
        rank=draft.rank,
        stake_minor=draft.rank if draft.stake_minor is None else draft.stake_minor,
        chance=draft.chance,
        proposed_on=today,
        due_at=end_of_day(draft.due_on or today + timedelta(days=kind.due_days)),
    )


def _close_many(ids: Sequence[int], *, now: datetime) -> int:
    closed = 0
    for start in range(0, len(ids), 500):
        rows = Proposal.objects.filter(pk__in=ids[start : start + 500], status__in=_LIVING)
        closed += rows.update(status=ProposalStatus.LAPSED, closed_at=now)
    return closed
