"""Merging people by hand, undoing merges, deciding review cases."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.customers import merging
from yutang.customers.events import MergeUndone, PeopleMerged
from yutang.customers.models import Customer, Merge, ReviewCase, ReviewStatus
from yutang.customers.queries import record_within_reach
from yutang.customers.review_history import UNDONE_MERGE
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

MERGED_BY_HAND = N_("%(actor)s found that they are one person.")
#: The reason of the pair's case stays in the reason of the merge: it says what made somebody look.
MERGED_IN_REVIEW = N_("%(actor)s found that they are one person. Asked because: %(reason)s")
UNDONE_BY_HAND = N_("%(actor)s undid their merge.")

_MERGES_AT_ONCE = 2_000


class AlreadyMerged(DomainError):
    """One of the two was merged into somebody, or both are the same."""

    code: ClassVar[str] = "already_merged"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Customer %(customer_id)s is already part of another one.")


class NoSuchMerge(DomainError):
    """There is no such merge."""

    code: ClassVar[str] = "no_such_merge"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no merge %(merge_id)s within your reach.")


class MergeIsUndone(DomainError):
    """The merge was undone before."""

    code: ClassVar[str] = "merge_is_undone"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This merge was undone already.")


class WinnerWasMergedOn(DomainError):
    """The person that came out of the merge was merged into another one since."""

    code: ClassVar[str] = "winner_was_merged_on"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The person was merged into customer %(customer_id)s since. Undo that merge first.")


class NoSuchCase(DomainError):
    """There is no such review case."""

    code: ClassVar[str] = "no_such_case"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no review case %(case_id)s within your reach.")


class CaseIsDecided(DomainError):
    """Somebody was faster."""

    code: ClassVar[str] = "case_is_decided"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This pair was decided already.")


class PairIsNotApart(DomainError):
    """The pair was not said to be two people, or somebody took that back before."""

    code: ClassVar[str] = "pair_is_not_apart"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This pair is not kept apart any more.")


class DecisionIsUnknown(DomainError):
    """A pair is one person, or it is two."""

    code: ClassVar[str] = "decision_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(decision)s is no decision: it is merged or kept_apart.")


@transaction.atomic
def merge_customers(*, actor: Actor, first_id: int, second_id: int, now: datetime) -> int:
    """Make two people one; the older record wins. Return the key of the merge.

    Raises:
        NoSuchCustomer: one of them is not within reach.
        AlreadyMerged: one of them was merged before, or they are the same.
    """
    actor.require("customers.merge")
    reason = Sentence(MERGED_BY_HAND, {"actor": actor.label})
    return _merge(actor, first_id, second_id, reason=reason, now=now).pk


def bring_what_came_late(*, actor: Actor, now: datetime) -> int:
    """Give the people of recent merges what was written for who they were while they were merged, and return how many rows that was.

    A till, an import or an event may have looked for the person before the merge and written after it.
    """
    actor.require("customers.merge")
    keys, brought = list(merging.recent_merges(now=now).values_list("pk", flat=True)), 0
    for start in range(0, len(keys), _MERGES_AT_ONCE):
        with transaction.atomic():
            some = keys[start : start + _MERGES_AT_ONCE]
            standing = Merge.objects.select_for_update().filter(pk__in=some, undone_at=None).order_by("pk")
            brought += merging.move_what_came_late(list(standing.defer("winner_profile_before", "moved")), now=now)
    return brought


@transaction.atomic
def undo_merge(*, actor: Actor, merge_id: int, now: datetime) -> None:
    """Take a merge apart: everything that moved goes back, and the two are never joined by a rule again.

    Raises:
        NoSuchMerge: there is none within reach.
        MergeIsUndone: it was undone before.
        WinnerWasMergedOn: a later merge builds on it.
    """
    actor.require("customers.merge")
    merge = Merge.objects.select_related("winner", "loser").filter(pk=merge_id).first()
    if merge is None or not (actor.reaches(merge.winner.store_id) or actor.reaches(merge.loser.store_id)):
        raise NoSuchMerge(merge_id=merge_id)
    if merge.winner.merged_into_id is not None and merge.undone_at is None:
        raise WinnerWasMergedOn(customer_id=merge.winner.merged_into_id)
    if Merge.objects.filter(pk=merge_id, undone_at=None).update(undone_at=now, undone_by_id=actor.staff_id) == 0:
        raise MergeIsUndone
    merging.take_apart(merge, now=now)
    _keep_apart(actor, merge.winner_id, merge.loser_id, now=now)
    outbox.record(MergeUndone(merge.pk, merge.winner_id, merge.loser_id), now=now)
    audit(
        actor=actor,
        action="customers.undo_merge",
        subject_type="customer",
        subject_id=merge.winner_id,
        detail={"merge_id": merge.pk, "loser_id": merge.loser_id},
        now=now,
    )


@transaction.atomic
def decide_review(*, actor: Actor, case_id: int, decision: str, now: datetime) -> None:
    """Decide whether two people are one; kept apart, no rule joins them again.

    Raises:
        NoSuchCase: there is none within reach.
        CaseIsDecided: somebody decided it before.
        DecisionIsUnknown: the decision is neither ``merged`` nor ``kept_apart``.
    """
    actor.require("review.decide")
    if decision not in (ReviewStatus.MERGED, ReviewStatus.KEPT_APART):
        raise DecisionIsUnknown(decision=decision)
    case = _case_within_reach(actor, case_id)
    decided = {"status": decision, "decided_at": now, "decided_by_id": actor.staff_id}
    if ReviewCase.objects.filter(pk=case_id, status=ReviewStatus.OPEN).update(**decided) == 0:
        raise CaseIsDecided
    pair = {case.first.merged_into_id or case.first_id, case.second.merged_into_id or case.second_id}
    if decision == ReviewStatus.MERGED and len(pair) == 2:
        _merge(actor, *sorted(pair), reason=_reviewed(actor, case), now=now)
    audit(
        actor=actor,
        action="customers.decide_review",
        subject_type="review_case",
        subject_id=case_id,
        detail={"decision": decision, "customers": sorted(pair)},
        now=now,
    )


@transaction.atomic
def reopen_review(*, actor: Actor, case_id: int, now: datetime) -> None:
    """Take back that a pair is two people: it waits for a decision again, and rules may look at it as if nobody had decided.

    Raises:
        NoSuchCase: there is none within reach.
        PairIsNotApart: it was not kept apart, or somebody took it back before.
    """
    actor.require("review.decide")
    case = _case_within_reach(actor, case_id)
    again = {"status": ReviewStatus.OPEN, "decided_at": None, "decided_by": None}
    apart = ReviewCase.objects.filter(pk=case_id, status=ReviewStatus.KEPT_APART).exclude(kind=UNDONE_MERGE)
    if apart.update(**again) == 0:
        raise PairIsNotApart
    audit(
        actor=actor,
        action="customers.reopen_review",
        subject_type="review_case",
        subject_id=case_id,
        detail={"customers": sorted((case.first_id, case.second_id))},
        now=now,
    )


def _case_within_reach(actor: Actor, case_id: int) -> ReviewCase:
    case = ReviewCase.objects.select_related("first", "second").filter(pk=case_id).first()
    if case is None or not (actor.reaches(case.first.store_id) or actor.reaches(case.second.store_id)):
        raise NoSuchCase(case_id=case_id)
    return case


def _reviewed(actor: Actor, case: ReviewCase) -> Sentence:
    return Sentence(MERGED_IN_REVIEW, {"actor": actor.label, "reason": case.reason})


def _merge(actor: Actor, first_id: int, second_id: int, *, reason: Sentence, now: datetime) -> Merge:
    for customer_id in (first_id, second_id):
        customer, _ = record_within_reach(actor, customer_id)
        if customer.merged_into_id is not None or first_id == second_id:
            raise AlreadyMerged(customer_id=customer_id)
    people = Customer.objects.in_bulk([first_id, second_id])
    merge = merging.join_two(
        winner=people[min(first_id, second_id)],
        loser=people[max(first_id, second_id)],
        reason=reason,
        actor_id=actor.staff_id,
        now=now,
    )
    outbox.record(PeopleMerged(merge.pk, merge.winner_id, merge.loser_id), now=now)
    audit(
        actor=actor,
        action="customers.merge",
        subject_type="customer",
        subject_id=merge.winner_id,
        detail={"merge_id": merge.pk, "loser_id": merge.loser_id},
        now=now,
    )
    return merge


def _keep_apart(actor: Actor, first_id: int, second_id: int, *, now: datetime) -> None:
    first, second = sorted((first_id, second_id))
    decided = {"status": ReviewStatus.KEPT_APART, "decided_at": now, "decided_by_id": actor.staff_id}
    ReviewCase.objects.filter(first_id=first, second_id=second, status=ReviewStatus.MERGED).update(**decided)
    reason = Sentence(UNDONE_BY_HAND, {"actor": actor.label}).as_json()
    ReviewCase.objects.update_or_create(
        first_id=first,
        second_id=second,
        kind=UNDONE_MERGE,
        defaults=decided,
        create_defaults={**decided, "reason": reason, "opened_at": now},
    )
