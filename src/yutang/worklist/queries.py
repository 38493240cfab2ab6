"""Every read of the worklist that others may use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.kit.text import Sentence
from yutang.worklist.actions import ProposalNotFound
from yutang.worklist.handing_over import WorkOf, work_of
from yutang.worklist.kinds import KINDS, ProposalKind
from yutang.worklist.models import Proposal, ProposalStatus
from yutang.worklist.rules import business_day_of, end_of_day

__all__ = [
    "ProposalNotFound",
    "ProposalView",
    "Today",
    "TodayCounts",
    "TodayGroup",
    "WorkOf",
    "living_proposals",
    "proposal",
    "proposals_about",
    "proposed_customers",
    "today_counts",
    "today_for",
    "work_of",
]


@dataclass(frozen=True)
class ProposalView:
    """One proposal as others see it.

    Attributes:
        kind: its kind with title, advice, outcomes and dismissals.
        customer_id: whom it is about; None where it is not about a person.
        owner_name: display name of the owner; empty where nobody owns it.
        reason: why, with the customer's own numbers.
        subject: where the work is done, ``{"room": ..., "id": ...}``.
        rank: value at stake, minor units.
        is_overdue: whether the deadline has passed while it is open.
        outcome: code of what came of it; empty while open.
    """

    id: int
    kind: ProposalKind
    customer_id: int | None
    store_id: int | None
    owner_id: int | None
    owner_name: str
    reason: Sentence
    subject: dict[str, Any]
    rank: int
    proposed_on: date
    due_at: datetime
    is_overdue: bool
    status: str
    snoozed_until: date | None
    outcome: str
    outcome_note: str
    closed_at: datetime | None


@dataclass(frozen=True)
class TodayGroup:
    """Proposals of one kind, most at stake first; `total` counts also those beyond the limit."""

    kind: ProposalKind
    items: tuple[ProposalView, ...]
    total: int


@dataclass(frozen=True)
class TodayCounts:
    """Counts of today's list.

    Attributes:
        open: to do.
        overdue: of these, past the deadline.
        snoozed: put aside for a later day.
        done_today: done today.
        not_useful_today: dismissed today.
        by_kind: ``{kind: open}``.
    """

    open: int
    overdue: int
    snoozed: int
    done_today: int
    not_useful_today: int
    by_kind: dict[str, int]


@dataclass(frozen=True)
class Today:
    """Today's board: groups in the order of their kinds; kinds without a proposal are left out."""

    day: date
    groups: tuple[TodayGroup, ...]
    counts: TodayCounts


def today_for(
    *,
    access: Actor,
    now: datetime,
    owner_id: int | None = None,
    store_ids: Iterable[int] | None = None,
    kinds: Iterable[str] | None = None,
    limit: int = 50,
) -> Today:
    """Return what is to be done today within the actor's reach: of the own stores, and what the actor owns.

    Args:
        access: who looks.
        now: aware UTC.
        owner_id: only the list of this member of staff.
        store_ids: only of these stores.
        kinds: only these kinds.
        limit: items a group. Count.
    """
    access.require("worklist.view")
    wanted = None if kinds is None else set(kinds)
    rows = _awake(_within(access, owner_id, store_ids), business_day_of(now))
    counts = today_counts(access=access, now=now, owner_id=owner_id, store_ids=store_ids)
    totals = counts.by_kind
    groups = []
    for kind in sorted(KINDS, key=lambda each: (each.ordinal, each.code)):
        if totals.get(kind.code) and (wanted is None or kind.code in wanted):
            found = rows.filter(kind=kind.code).select_related("owner").order_by("-rank", "id")[:limit]
            groups.append(TodayGroup(kind, tuple(_view(row, now) for row in found), totals[kind.code]))
    return Today(business_day_of(now), tuple(groups), counts)


def today_counts(
    *, access: Actor, now: datetime, owner_id: int | None = None, store_ids: Iterable[int] | None = None
) -> TodayCounts:
    """Return the counts of today's list within the actor's reach."""
    access.require("worklist.view")
    today = business_day_of(now)
    rows = _within(access, owner_id, store_ids)
    by_kind: dict[str, int] = defaultdict(int)
    overdue = 0
    per_kind = _awake(rows, today).order_by().values_list("kind")
    for kind, count, late in per_kind.annotate(to_do=Count("id"), late=Count("id", filter=Q(due_at__lte=now))):
        by_kind[kind] += count
        overdue += late
    closed = rows.filter(closed_at__gte=_day_begins(today)).order_by().values_list("status").annotate(Count("id"))
    closed_today = dict(closed)
    return TodayCounts(
        open=sum(by_kind.values()),
        overdue=overdue,
        snoozed=rows.filter(status=ProposalStatus.SNOOZED, snoozed_until__gt=today).count(),
        done_today=closed_today.get(ProposalStatus.DONE, 0),
        not_useful_today=closed_today.get(ProposalStatus.NOT_USEFUL, 0),
        by_kind=dict(by_kind),
    )


def proposal(*, access: Actor, proposal_id: int, now: datetime) -> ProposalView:
    """Return one proposal.

    Raises:
        ProposalNotFound: there is none within the actor's reach.
    """
    access.require("worklist.view")
    row = _within(access, None, None).select_related("owner").filter(pk=proposal_id).first()
    if row is None:
        raise ProposalNotFound(proposal_id=proposal_id)
    return _view(row, now)


def proposals_about(*, access: Actor, customer_id: int, now: datetime, limit: int = 20) -> tuple[ProposalView, ...]:
    """Return what was proposed about a customer, newest first, within the actor's reach."""
    access.require("worklist.view")
    rows = _within(access, None, None).select_related("owner").filter(customer_id=customer_id).order_by("-id")
    return tuple(_view(row, now) for row in rows[:limit])


def living_proposals(*, kind: str) -> dict[str, int | None]:
    """Return ``{dedupe key: customer}`` of the open and snoozed proposals of a kind: what a refresh must check."""
    rows = Proposal.objects.filter(kind=kind, status__in=(ProposalStatus.OPEN, ProposalStatus.SNOOZED))
    return dict(rows.values_list("dedupe_key", "customer_id"))


def proposed_customers(*, kind: str, since: date) -> list[tuple[int, str]]:
    """Return (customer, dedupe key) of what was proposed of a kind about a person since a day, whatever became of it."""
    rows = Proposal.objects.filter(kind=kind, customer_id__isnull=False, proposed_on__gte=since).order_by("id")
    return list(rows.values_list("customer_id", "dedupe_key"))


def _within(access: Actor, owner_id: int | None, store_ids: Iterable[int] | None) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(kind__in=[kind.code for kind in KINDS])
    if access.store_ids is not None:
        reach = Q(store_id__in=access.store_ids)
        rows = rows.filter(reach | Q(owner_id=access.staff_id) if access.staff_id is not None else reach)
    if store_ids is not None:
        rows = rows.filter(store_id__in=list(store_ids))
    return rows if owner_id is None else rows.filter(owner_id=owner_id)


def _awake(rows: QuerySet[Proposal], today: date) -> QuerySet[Proposal]:
    return rows.filter(Q(status=ProposalStatus.OPEN) | Q(status=ProposalStatus.SNOOZED, snoozed_until__lte=today))


def _day_begins(day: date) -> datetime:
    return end_of_day(date.fromordinal(day.toordinal() - 1))


def _view(row: Proposal, now: datetime) -> ProposalView:
    living = row.status in {ProposalStatus.OPEN, ProposalStatus.SNOOZED}
    return ProposalView(
        id=row.pk,
        kind=KINDS[row.kind],
        customer_id=row.customer_id,
        store_id=row.store_id,
        owner_id=row.owner_id,
        owner_name=row.owner.display_name if row.owner else "",
        reason=Sentence.from_json(row.reason),
        subject=row.subject,
        rank=row.rank,
        proposed_on=row.proposed_on,
        due_at=row.due_at,
        is_overdue=living and row.due_at <= now,
        status=row.status,
        snoozed_until=row.snoozed_until,
        outcome=row.outcome,
        outcome_note=row.outcome_note,
        closed_at=row.closed_at,
    )
