"""Every read of the worklist that others may use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.worklist.actions import ProposalNotFound
from yutang.worklist.chances import Effect, chance_after, effect_of
from yutang.worklist.handing_over import WorkOf, may_take_over, work_of
from yutang.worklist.kinds import KINDS, UNWANTED, ProposalKind
from yutang.worklist.models import KindResult, Proposal, ProposalStatus
from yutang.worklist.reach import within_reach
from yutang.worklist.rules import REST_DAYS, business_day_of, end_of_day

#: So long it is remembered that somebody wants no contact. Days.
_UNWILLING_DAYS = 365
_LIVING = frozenset({ProposalStatus.OPEN, ProposalStatus.SNOOZED})

__all__ = [
    "AsksForNoCall",
    "KindReport",
    "NoSuchKindOfTask",
    "ProposalNotFound",
    "ProposalView",
    "Today",
    "TodayCounts",
    "TodayGroup",
    "WorkOf",
    "chances",
    "customer_to_call",
    "has_dealt_with_tasks",
    "kind_reports",
    "living_proposals",
    "may_take_over",
    "proposal",
    "proposals_about",
    "proposed_customers",
    "resting_customers",
    "today_counts",
    "today_for",
    "touches",
    "unwilling_customers",
    "work_of",
]


class AsksForNoCall(DomainError):
    """The task is closed, or is not done by a word with a customer."""

    code: ClassVar[str] = "asks_for_no_call"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This task is dealt with, or asks for no call. Load the page again.")


class NoSuchKindOfTask(DomainError):
    """No task is of this kind."""

    code: ClassVar[str] = "no_such_kind_of_task"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(kind)s” is no kind of task. There are: %(kinds)s.")


@dataclass(frozen=True)
class ProposalView:
    """One proposal as others see it.

    Attributes:
        kind: its kind with title, advice, outcomes and dismissals.
        customer_id: whom it is about; None where it is not about a person.
        owner_name: display name of the owner; empty where nobody owns it.
        reason: why, with the customer's own numbers.
        subject: where the work is done, ``{"room": ..., "id": ...}``.
        rank: what a touch is expected to bring: value at stake x chance that it helps. Minor units.
        stake_minor: value at stake. Minor units.
        chance: that a touch helps, as it was believed when this was proposed. 0-1.
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
    stake_minor: int
    chance: float
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
    """Proposals of one kind, most at stake first; `total` counts also those beyond the limit, `has_more` tells of such."""

    kind: ProposalKind
    items: tuple[ProposalView, ...]
    total: int
    has_more: bool


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
    after: tuple[int, int] | None = None,
    limit: int = 50,
    longest: str | None = None,
    longest_limit: int = 50,
) -> Today:
    """Return what is to be done today within the actor's reach: of the own stores, and what the actor owns.

    Args:
        access: who looks.
        now: aware UTC.
        owner_id: only the list of this member of staff.
        store_ids: only of these stores.
        kinds: only these kinds.
        after: rank and key of a proposal: only those that stand after it.
        limit: items a group. Count.
        longest: kind of which more items are asked for; empty: the first kind of which there are any; None: no kind.
        longest_limit: items of that kind. Count.

    Raises:
        NoSuchKindOfTask: one of the kinds is not known.
    """
    access.require("worklist.view")
    wanted = None if kinds is None else set(kinds)
    for unknown in sorted(wanted or ()):
        if unknown not in KINDS:
            raise NoSuchKindOfTask(kind=unknown[:40], kinds=", ".join(sorted(kind.code for kind in KINDS)))
    rows = _awake(_within(access, owner_id, store_ids), business_day_of(now))
    if after is not None:
        rank, key = after
        rows = rows.filter(Q(rank__lt=rank) | Q(rank=rank, pk__gt=key))
    counts = today_counts(access=access, now=now, owner_id=owner_id, store_ids=store_ids)
    totals = counts.by_kind
    groups: list[TodayGroup] = []
    for kind in sorted(KINDS, key=lambda each: (each.ordinal, each.code)):
        if totals.get(kind.code) and (wanted is None or kind.code in wanted):
            is_longest = longest is not None and (longest == kind.code if longest else not groups)
            most = longest_limit if is_longest else limit
            ranked = rows.filter(kind=kind.code).select_related("owner").order_by("-rank", "id")
            found = [_view(row, now) for row in ranked[: most + 1]]
            groups.append(TodayGroup(kind, tuple(found[:most]), totals[kind.code], len(found) > most))
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


def has_dealt_with_tasks(*, access: Actor) -> bool:
    """Return whether a person has done, put off or dismissed a task within the actor's reach yet."""
    access.require("worklist.view")
    dealt_with = Q(closed_by__isnull=False) | Q(status=ProposalStatus.SNOOZED)
    return _within(access, None, None).filter(dealt_with).exists()


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


def customer_to_call(*, access: Actor, proposal_id: int, now: datetime) -> int:
    """Return whom an open task asks to call.

    Raises:
        ProposalNotFound: there is none within the actor's reach.
        AsksForNoCall: it is closed, or is not done by a word with a customer.
    """
    found = proposal(access=access, proposal_id=proposal_id, now=now)
    if found.customer_id is None or not found.kind.is_called or found.status not in _LIVING:
        raise AsksForNoCall
    return found.customer_id


def is_done(*, proposal_id: int) -> bool:
    """Return whether somebody did what was proposed, and did not take it back; for who hears of it later."""
    return Proposal.objects.filter(pk=proposal_id, status=ProposalStatus.DONE).exists()


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


def resting_customers(*, now: datetime) -> set[int]:
    """Return who is left in peace: with a living proposal, touched or put aside of late, or who wants no contact."""
    today = business_day_of(now)
    lately = end_of_day(today - timedelta(days=organisation_setting(REST_DAYS)))
    capped = [kind.code for kind in KINDS if kind.is_capped]
    living = Q(status__in=(ProposalStatus.OPEN, ProposalStatus.SNOOZED))
    closed = Q(status__in=(ProposalStatus.DONE, ProposalStatus.NOT_USEFUL), closed_at__gte=lately)
    rows = Proposal.objects.filter(living | closed, customer_id__isnull=False, kind__in=capped)
    return {*rows.values_list("customer_id", flat=True), *unwilling_customers(now=now)}


def unwilling_customers(*, now: datetime) -> set[int]:
    """Return of whom somebody noted within a year that they do not want to be contacted."""
    since = now - timedelta(days=_UNWILLING_DAYS)
    rows = Proposal.objects.filter(status=ProposalStatus.NOT_USEFUL, outcome=UNWANTED, closed_at__gte=since)
    return set(rows.filter(customer_id__isnull=False).values_list("customer_id", flat=True))


def touches(*, since: date, until: date) -> list[tuple[str, int, date]]:
    """Return (kind, customer, day) of what was done about customers on days in [since, until)."""
    rows = Proposal.objects.filter(
        status=ProposalStatus.DONE,
        customer_id__isnull=False,
        closed_at__gte=_day_begins(since),
        closed_at__lt=_day_begins(until),
    ).order_by("id")
    told = rows.values_list("kind", "customer_id", "closed_at").iterator()
    return [
        (kind, customer, business_day_of(at)) for kind, customer, at in told if customer is not None and at is not None
    ]


@dataclass(frozen=True)
class KindReport:
    """What became of the proposals of one kind, and what followed.

    Attributes:
        statuses: ``{status: proposals}`` of the days that are told.
        outcomes: ``{outcome: proposals}`` of what was done; `dismissals` of what was not useful.
        effect: what the touches changed; None where nothing was compared yet.
        without_similar: touched customers who had too few similar ones to be compared. Count.
        sales_minor: what the touched spent within 30 days; `similar_minor` what as many similar people did. Minor units.
        chance: that a touch helps, as it is believed now. 0-1.
        looked_before: exclusive day up to which it was looked what followed; None before the first look.
    """

    kind: ProposalKind
    statuses: dict[str, int]
    outcomes: dict[str, int]
    dismissals: dict[str, int]
    effect: Effect | None
    without_similar: int
    sales_minor: int
    similar_minor: int
    chance: float
    looked_before: date | None

    @property
    def proposed(self) -> int:
        """How many were proposed, whatever became of them."""
        return sum(self.statuses.values())

    @property
    def done(self) -> int:
        """How many were done."""
        return self.statuses.get(ProposalStatus.DONE, 0)

    @property
    def not_useful(self) -> int:
        """How many were dismissed."""
        return self.statuses.get(ProposalStatus.NOT_USEFUL, 0)

    @property
    def lapsed(self) -> int:
        """How many lost their reason, or their time, before anybody came to them."""
        return self.statuses.get(ProposalStatus.LAPSED, 0)


def kind_reports(*, access: Actor, now: datetime, days: int = 150) -> tuple[KindReport, ...]:
    """Return what became of the proposals of the last days within the actor's reach, kind by kind; kinds without one are left out.

    What followed is told of the whole house: a store alone has too few touches to say anything.
    """
    access.require("worklist.view")
    rows = _within(access, None, None).filter(proposed_on__gt=business_day_of(now) - timedelta(days=days)).order_by()
    counts: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for kind, status, outcome, count in rows.values_list("kind", "status", "outcome").annotate(Count("id")):
        counts[kind][status, outcome] = count
    results = {row.kind: row for row in KindResult.objects.all()}
    return tuple(
        _kind_report(kind, counts[kind.code], results.get(kind.code))
        for kind in sorted(KINDS, key=lambda each: (each.ordinal, each.code))
        if kind.code in counts
    )


def chances() -> dict[str, float]:
    """Return ``{kind: chance that a touch helps}`` as it is believed now."""
    results = {row.kind: row for row in KindResult.objects.all()}
    return {kind.code: chance_after(assumed=kind.chance, effect=_effect(results.get(kind.code))) for kind in KINDS}


def _effect(row: KindResult | None) -> Effect | None:
    if row is None:
        return None
    return effect_of(touched=row.touched, ordered=row.ordered, expected=row.expected, spread=row.spread)


def _kind_report(kind: ProposalKind, counts: dict[tuple[str, str], int], row: KindResult | None) -> KindReport:
    statuses: dict[str, int] = defaultdict(int)
    for (status, _outcome), count in counts.items():
        statuses[status] += count
    effect = _effect(row)
    return KindReport(
        kind=kind,
        statuses=dict(statuses),
        outcomes={o: n for (status, o), n in counts.items() if status == ProposalStatus.DONE},
        dismissals={o: n for (status, o), n in counts.items() if status == ProposalStatus.NOT_USEFUL},
        effect=effect,
        without_similar=row.without_similar if row else 0,
        sales_minor=row.sales_minor if row else 0,
        similar_minor=row.expected_minor if row else 0,
        chance=chance_after(assumed=kind.chance, effect=effect),
        looked_before=row.as_of if row else None,
    )


def _within(access: Actor, owner_id: int | None, store_ids: Iterable[int] | None) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(kind__in=[kind.code for kind in KINDS])
    rows = rows.filter(within_reach(access))
    if store_ids is not None:
        rows = rows.filter(store_id__in=list(store_ids))
    return rows if owner_id is None else rows.filter(owner_id=owner_id)


def _awake(rows: QuerySet[Proposal], today: date) -> QuerySet[Proposal]:
    return rows.filter(Q(status=ProposalStatus.OPEN) | Q(status=ProposalStatus.SNOOZED, snoozed_until__lte=today))


def _day_begins(day: date) -> datetime:
    return end_of_day(date.fromordinal(day.toordinal() - 1))


def _view(row: Proposal, now: datetime) -> ProposalView:
    living = row.status in _LIVING
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
        stake_minor=row.stake_minor,
        chance=row.chance,
        proposed_on=row.proposed_on,
        due_at=row.due_at,
        is_overdue=living and row.due_at <= now,
        status=row.status,
        snoozed_until=row.snoozed_until,
        outcome=row.outcome,
        outcome_note=row.outcome_note,
        closed_at=row.closed_at,
    )
