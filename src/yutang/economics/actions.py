"""Every change of the room that others may ask for: state, note, look, decide who was kept, resume."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.economics.events import ProgrammePaused, ProgrammeResumed
from yutang.economics.looking import KEPT_AFTER, as_json, seen, spent_of, would_be_lost
from yutang.economics.models import Entry, EntryKind, Look, Newcomer, Outcome, Pause, Programme, ProgrammeState
from yutang.economics.noting import ask_for_a_look, note_who_came, touch_newcomers
from yutang.economics.refusals import (
    BudgetIsUsedUp,
    EntryIsWrong,
    NoSuchProgramme,
    ProgrammeIsNotPaused,
    ProgrammeLosesByItself,
    ResumeReasonIsMissing,
    WorthIsNotKnown,
)
from yutang.economics.registries import known_organic, known_worth, still_there
from yutang.economics.statements import Statement, checked
from yutang.economics.views import Numbers
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest import journal
from yutang.orders.models import Order
from yutang.orders.queries import NOT_A_SALE

__all__ = [
    "BudgetIsUsedUp",
    "EntryIsWrong",
    "NoSuchProgramme",
    "ProgrammeIsNotPaused",
    "ProgrammeLosesByItself",
    "ResumeReasonIsMissing",
    "Statement",
    "WorthIsNotKnown",
    "decide_who_was_kept",
    "follow_sales",
    "forget_people",
    "look_at",
    "note",
    "note_earlier",
    "note_who_came",
    "note_who_left",
    "resume",
    "state",
]

_SHORTEST_REASON, _LONGEST_REASON, _LONGEST_KEY = 5, 300, 140
#: Newcomers that one run decides about. Count.
_AT_ONCE = 5_000
#: Sales are followed for so long after somebody came.
_FOLLOWED = timedelta(days=90)
_NEEDS_SOMEBODY = frozenset({EntryKind.JOINED, EntryKind.KEPT, EntryKind.LEFT})


@transaction.atomic
def state(*, actor: Actor, programme: Statement, now: datetime) -> None:
    """Keep what is stated of a programme; the worth and the organic newcomers are looked up where nobody states them.

    Args:
        actor: needs ``economics.change``.
        programme: what is stated.
        now: when. Aware UTC.

    Raises:
        StatementIsWrong: a part cannot be this.
        WorthIsNotKnown: nobody states what a kept newcomer is worth, and nothing knows it.
        ProgrammeLosesByItself: a newcomer costs more than one who stays is worth.
    """
    actor.require("economics.change")
    stated = checked(programme)
    worth, source = _worth(stated, now)
    if stated.brings_newcomers and stated.unit_cost_fen >= worth:
        raise ProgrammeLosesByItself(cost_minor=stated.unit_cost_fen, worth_minor=worth, currency="CNY")
    organic = (stated.organic or known_organic(now)) if stated.brings_newcomers else None
    columns = {
        "brings_newcomers": stated.brings_newcomers,
        "title": stated.title,
        "unit_cost_fen": stated.unit_cost_fen,
        "margin_percent": stated.margin_percent,
        "budget_fen": stated.budget_fen,
        "worth_fen": worth,
        "worth_source": source,
        "organic": asdict(organic) if organic else None,
        "changed_at": now,
        "is_due": True,
    }
    first = {"watched_from": now, "stated_at": now, "stated_by_id": actor.staff_id, "came_before": stated.came_before}
    row, _made = Programme.objects.update_or_create(
        key=stated.programme, defaults=columns, create_defaults={**columns, **first}
    )
    detail = {"name": stated.title, "value": worth, "amount": stated.unit_cost_fen, "budget": stated.budget_fen}
    audit(actor=actor, action="economics.state", subject_type="programme", subject_id=row.key, detail=detail, now=now)


@transaction.atomic
def note(
    *,
    actor: Actor,
    programme: str,
    kind: str,
    key: str,
    amount_fen: int = 0,
    customer_id: int | None = None,
    now: datetime,
) -> bool:
    """Write a line into the ledger of a programme, and return whether it is new; the same key is written once.

    Args:
        actor: who tells; whoever runs the programme, whose own permission was asked before.
        programme: its key.
        kind: ``cost``, ``joined``, ``kept``, ``left`` or ``revenue``.
        key: idempotency key within the programme. 1 to 140 characters.
        amount_fen: of costs and revenues; below 0 where something is taken back. Fen.
        customer_id: whose; costs and revenues may be nobody's.
        now: when it happened. Aware UTC.

    Raises:
        NoSuchProgramme: nothing was stated of it.
        EntryIsWrong: an entry cannot be like this.
        NoSuchCustomer: there is no such person.
    """
    row = _programme(programme)
    _check(kind, key, amount_fen, customer_id)
    columns = {"kind": kind, "amount_fen": amount_fen, "customer_id": customer_id, "at": now}
    entry, is_new = Entry.objects.get_or_create(
        programme=row, key=key, defaults={**columns, "at_date": timezone.localtime(now).date()}
    )
    if is_new:
        _count(entry)
        journal.touch(Entry._meta.db_table, {f"{entry.at_date:%Y-%m}"}, now=now)
        Programme.objects.filter(pk=row.pk, is_due=False).update(is_due=True)
        ask_for_a_look(now)
    return is_new


@transaction.atomic
def take_back(*, actor: Actor, programme: str, key: str, now: datetime) -> bool:
    """Take back a cost that a programme did not have in the end, and return whether that is new; what was never noted is not taken back.

    Args:
        actor: who tells; whoever runs the programme, whose own permission was asked before.
        programme: its key.
        key: under which the cost was noted.
        now: when it was taken back. Aware UTC.

    Raises:
        NoSuchProgramme: nothing was stated of it.
    """
    row = _programme(programme)
    noted = Entry.objects.filter(programme=row, key=key, kind=EntryKind.COST).first()
    if noted is None:
        return False
    return note(
        actor=actor, programme=programme, kind=EntryKind.COST, key=f"{key}:back"[:_LONGEST_KEY], amount_fen=-noted.amount_fen,
        customer_id=noted.customer_id, now=now,
    )  # fmt: skip


@transaction.atomic
def note_earlier(*, actor: Actor, programme: str, people: int, now: datetime) -> bool:
    """Add to who came before anything was stated, and return whether the programme is known: they bear their part of what it cost.

    Args:
        actor: needs ``economics.change``.
        programme: its key.
        people: how many more. Count.
        now: when it was told. Aware UTC.
    """
    actor.require("economics.change")
    rows = Programme.objects.filter(key=programme)
    return bool(rows.update(came_before=F("came_before") + people, is_due=True, changed_at=now))


@transaction.atomic
def note_who_left(*, actor: Actor, customer_ids: Sequence[int], key: str, now: datetime) -> int:
    """Note in every programme that people left who came through it and are not decided, and return how many that were.

    Args:
        actor: who tells.
        customer_ids: who cannot be reached any more.
        key: idempotency key of the news; each person's own is made of it.
        now: when they left. Aware UTC.
    """
    rows = Newcomer.objects.filter(customer_id__in=customer_ids, outcome=Outcome.OPEN)
    left = list(rows.values_list("pk", "programme_id", "customer_id", "joined_at"))
    today = timezone.localtime(now).date()
    entries = [
        Entry(
            programme_id=own,
            kind=EntryKind.LEFT,
            key=f"{key}:{person}"[:_LONGEST_KEY],
            customer_id=person,
            at=now,
            at_date=today,
        )
        for _pk, own, person, _joined in left
    ]
    Entry.objects.bulk_create(entries, batch_size=500, ignore_conflicts=True)
    open_ = Newcomer.objects.filter(pk__in=[row[0] for row in left], outcome=Outcome.OPEN)
    changed = open_.update(outcome=Outcome.LEFT, decided_at=now)
    if changed:
        journal.touch(Entry._meta.db_table, {f"{today:%Y-%m}"}, now=now)
        touch_newcomers([row[3] for row in left], now)
        Programme.objects.filter(pk__in={row[1] for row in left}).update(is_due=True)
        ask_for_a_look(now)
    return changed


def look_at(*, actor: Actor, programme: str, now: datetime) -> Numbers:
    """Look at a programme, keep how it stands, and pause it where its newcomers refute what is claimed or the budget is used up.

    One that brings nobody never pauses: whoever gives holds the budget.

    Args:
        actor: needs ``economics.view``; the system as a rule.
        programme: its key.
        now: aware UTC.

    Raises:
        NoSuchProgramme: nothing was stated of it.
    """
    actor.require("economics.view")
    row = _programme(programme)
    # First, so that what is noted during the look makes it due again.
    Programme.objects.filter(pk=row.pk).update(is_due=False)
    spent = spent_of(row)
    numbers, refuted, share = seen(row, spent_fen=spent, now=now)
    is_used_up = row.brings_newcomers and spent >= row.budget_fen
    reason = refuted or ("budget" if is_used_up else "")
    with transaction.atomic():
        _keep(row, numbers, now)
        if reason:
            left = max(row.budget_fen - spent, 0)
            _pause(actor, row, reason, numbers, would_be_lost(numbers, left_fen=left, share_kept=share), now)
    return numbers


@transaction.atomic
def resume(*, actor: Actor, programme: str, reason: str, now: datetime) -> None:
    """Let a paused programme go on; from now on only those who come later are evidence.

    Args:
        actor: needs ``economics.change``.
        programme: its key.
        reason: what is different now. 5 to 300 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchProgramme: nothing was stated of it.
        ResumeReasonIsMissing: nobody said why.
        BudgetIsUsedUp: there is nothing left to spend.
        ProgrammeIsNotPaused: it goes on already.
    """
    actor.require("economics.change")
    row = _programme(programme)
    said = reason.strip()
    if not _SHORTEST_REASON <= len(said) <= _LONGEST_REASON:
        raise ResumeReasonIsMissing
    if spent_of(row) >= row.budget_fen:
        raise BudgetIsUsedUp(title=row.title)
    paused = Programme.objects.filter(pk=row.pk, state=ProgrammeState.PAUSED)
    if not paused.update(state=ProgrammeState.RUNNING, watched_from=now, is_due=True, changed_at=now):
        raise ProgrammeIsNotPaused(title=row.title)
    pause = Pause.objects.get(programme=row, resumed_at=None)
    Pause.objects.filter(pk=pause.pk).update(resumed_at=now, resumed_by_id=actor.staff_id, resume_reason=said)
    outbox.record(ProgrammeResumed(row.key, pause.pk), now=now)
    detail = {"name": row.title, "reason": said}
    audit(actor=actor, action="economics.resume", subject_type="programme", subject_id=row.key, detail=detail, now=now)


def follow_sales(*, actor: Actor, now: datetime) -> int:
    """Bring what newcomers of the last months have bought, as the orders say, and return of how many it changed."""
    actor.require("economics.view")
    recent = Newcomer.objects.filter(joined_at__gte=now - _FOLLOWED, customer__isnull=False).order_by("id")
    changed = 0
    after = 0
    while rows := list(recent.filter(pk__gt=after)[:_AT_ONCE]):
        after = rows[-1].pk
        changed += _bring_sales(rows, now)
    return changed


def decide_who_was_kept(*, actor: Actor, now: datetime) -> int:
    """Decide about newcomers whose days of keeping are over, and return how many that were.

    Kept is who can still be reached, or has bought something since; of whom nobody knows anything, nothing speaks against.
    """
    actor.require("economics.view")
    open_ = Newcomer.objects.filter(outcome=Outcome.OPEN, joined_at__lte=now - KEPT_AFTER, customer__isnull=False)
    rows = list(
        open_.order_by("joined_at", "id").values_list("pk", "programme_id", "customer_id", "joined_at")[:_AT_ONCE]
    )
    if not rows:
        return 0
    there = still_there([row[2] for row in rows], [row[3] for row in rows], now)
    bought = _buyers([row[2] for row in rows])
    kept = [row[0] for row in rows if there.get(row[2], True) or bought.get(row[2], row[3]) > row[3]]
    gone = [row[0] for row in rows if row[0] not in set(kept)]
    with transaction.atomic():
        undecided = Newcomer.objects.filter(outcome=Outcome.OPEN)
        undecided.filter(pk__in=kept).update(outcome=Outcome.KEPT, decided_at=now)
        undecided.filter(pk__in=gone).update(outcome=Outcome.LEFT, decided_at=now)
        Programme.objects.filter(pk__in={row[1] for row in rows}).update(is_due=True)
        touch_newcomers([row[3] for row in rows], now)
        ask_for_a_look(now)
    return len(rows)


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off the ledgers, and return how many newcomers that were: for the erasure of a person. What they cost and brought stays.

    Args:
        actor: needs ``economics.change``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("economics.change")
    rows = Newcomer.objects.filter(customer_id__in=customer_ids)
    touch_newcomers(list(rows.values_list("joined_at", flat=True)), now)
    entries = Entry.objects.filter(customer_id__in=customer_ids)
    journal.touch_days(Entry._meta.db_table, set(entries.order_by().values_list("at_date", flat=True)), now=now)
    entries.update(customer=None)
    return rows.update(customer=None)


def _programme(key: str) -> Programme:
    row = Programme.objects.filter(key=key).first()
    if row is None:
        raise NoSuchProgramme(programme=key[:64])
    return row


def _worth(stated: Statement, now: datetime) -> tuple[int, str]:
    """Return what a kept newcomer is worth at the margin, and who says so; 0 where none is to come."""
    if not stated.brings_newcomers:
        return 0, "none"
    if stated.worth_fen is not None:
        return stated.worth_fen, "stated"
    known = known_worth(now)
    worth = round(known[1].sales_fen * stated.margin_percent / 100) if known else 0
    if known is None or worth <= 0:
        raise WorthIsNotKnown
    return worth, known[0]


def _check(kind: str, key: str, amount_fen: int, customer_id: int | None) -> None:
    has_amount = kind in {EntryKind.COST, EntryKind.REVENUE}
    is_right = kind in EntryKind.values and 0 < len(key) <= _LONGEST_KEY
    is_right = is_right and (customer_id is not None or kind not in _NEEDS_SOMEBODY)
    if not is_right or (amount_fen and not has_amount):
        raise EntryIsWrong(kind=kind[:20], amount=amount_fen)
    if customer_id is not None and not Customer.objects.filter(pk=customer_id).exists():
        raise NoSuchCustomer(customer_id=customer_id)


def _count(entry: Entry) -> None:
    """Bring the newcomer's row up to an entry; what is nobody's in particular is spread at the look."""
    person = entry.customer_id
    if person is None:
        return
    newcomer = Newcomer.objects.filter(programme=entry.programme_id, customer_id=person)
    if entry.kind == EntryKind.JOINED:
        _join(entry, person)
    elif entry.kind == EntryKind.COST:
        newcomer.update(cost_fen=F("cost_fen") + entry.amount_fen)
    elif entry.kind == EntryKind.REVENUE:
        newcomer.update(revenue_fen=F("revenue_fen") + entry.amount_fen)
        if entry.amount_fen > 0:
            newcomer.filter(first_sale_at=None).update(first_sale_at=entry.at)
    else:
        outcome = Outcome.KEPT if entry.kind == EntryKind.KEPT else Outcome.LEFT
        newcomer.filter(outcome=Outcome.OPEN).update(outcome=outcome, decided_at=entry.at)
    touch_newcomers(list(newcomer.values_list("joined_at", flat=True)), entry.at)


def _join(entry: Entry, person: int) -> None:
    """Make a newcomer with what was noted of the person before."""
    own = Entry.objects.filter(programme=entry.programme_id, customer_id=person)
    sums = own.aggregate(
        cost=Sum("amount_fen", filter=Q(kind=EntryKind.COST), default=0),
        sales=Sum("amount_fen", filter=Q(kind=EntryKind.REVENUE), default=0),
    )
    columns = {"joined_at": entry.at, "joined_date": entry.at_date, "cost_fen": sums["cost"]}
    Newcomer.objects.get_or_create(
        programme_id=entry.programme_id,
        customer_id=person,
        defaults={**columns, "revenue_fen": sums["sales"]},
    )


def _keep(row: Programme, numbers: Numbers, now: datetime) -> None:
    kept = {name: getattr(numbers, name) for name in _LOOK_COLUMNS}
    kept["evidence"] = dict(numbers.evidence or {})
    hour = now.replace(minute=0, second=0, microsecond=0)
    Look.objects.update_or_create(programme=row, hour=hour, defaults={**kept, "at": now})


def _pause(actor: Actor, row: Programme, reason: str, numbers: Numbers, saved_fen: int, now: datetime) -> None:
    """Pause a programme that runs; of two who find the reason at the same moment one does."""
    running = Programme.objects.filter(pk=row.pk, state=ProgrammeState.RUNNING)
    if not running.update(state=ProgrammeState.PAUSED, changed_at=now):
        return
    pause = Pause.objects.create(programme=row, at=now, reason=reason, numbers=as_json(numbers), saved_fen=saved_fen)
    outbox.record(ProgrammePaused(row.key, pause.pk, reason, saved_fen), now=now)
    detail = {"name": row.title, "reason": reason, "amount": saved_fen}
    audit(actor=actor, action="economics.pause", subject_type="programme", subject_id=row.key, detail=detail, now=now)


def _bring_sales(rows: Sequence[Newcomer], now: datetime) -> int:
    """Write sales and the first one of newcomers where they changed, and return of how many they did."""
    orders = Order.objects.filter(
        customer_id__in=[row.customer_id for row in rows], placed_at__gte=min(row.joined_at for row in rows)
    ).exclude(status__in=NOT_A_SALE)
    sales: dict[int | None, list[tuple[datetime, int]]] = defaultdict(list)
    columns = ("customer_id", "placed_at", "total_minor", "refunded_minor")
    for person, placed_at, total, refunded in orders.order_by("placed_at").values_list(*columns):
        if placed_at is not None:
            sales[person].append((placed_at, total - refunded))
    changed = []
    for row in rows:
        own = [(at, net) for at, net in sales[row.customer_id] if at >= row.joined_at]
        total, first = sum(net for _at, net in own), own[0][0] if own else None
        if (row.sales_fen, row.first_order_at) != (total, first):
            row.sales_fen, row.first_order_at = total, first
            changed.append(row)
    with transaction.atomic():
        Newcomer.objects.bulk_update(changed, ("sales_fen", "first_order_at"), batch_size=500)
        Programme.objects.filter(pk__in={row.programme_id for row in changed}).update(is_due=True)
        touch_newcomers([row.joined_at for row in changed], now)
    return len(changed)


def _buyers(customer_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when people bought last, who did."""
    sales = Order.objects.filter(customer_id__in=customer_ids, placed_at__isnull=False).exclude(status__in=NOT_A_SALE)
    rows = sales.order_by("placed_at").values_list("customer_id", "placed_at")
    return {person: at for person, at in rows if person is not None and at is not None}


_LOOK_COLUMNS = (
    "newcomers", "kept", "left", "left_at_once", "ordered", "cost_fen", "revenue_fen", "low_fen", "high_fen", "worth_fen",
)  # fmt: skip
