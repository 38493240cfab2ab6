"""What becomes of a seat when its payment comes in, in time or too late, or does not come."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.groupbuy import neighbours
from yutang.groupbuy.actions.freeing import free_seats, locked_groups
from yutang.groupbuy.actions.joining import new_group
from yutang.groupbuy.events import GroupFilled, PaidTooLate, SeatPaid
from yutang.groupbuy.finding import PURPOSE, payment_key
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import LIVING, Campaign, Group, GroupState, Late, Seat, SeatState
from yutang.groupbuy.refusals import NoSuchSeat, StockIsGone
from yutang.ingest import journal
from yutang.payments.actions import Back, refund_many
from yutang.payments.queries import paid_at_of

LATE_REASON = "paid_too_late"


def take_paid_seat(*, actor: Actor, seat_id: int, now: datetime) -> str:
    """Take a place for good because its payment came in, and return how the seat stands now; told again, nothing changes.

    A payment that comes after the place was given up takes the place anew where the group still has one. Where it has none,
    the campaign says whether a new group begins with it or the money goes back; the money goes back too where no stock is left.
    What is known before the transaction stays so: a seat that was paid, a payment that came in, and a place that is no longer held.

    Args:
        actor: needs ``groupbuy.join``.
        seat_id: which seat.
        now: when. Aware UTC.

    Raises:
        NoSuchSeat: there is none.
    """
    actor.require("groupbuy.join")
    found = bulk.fetch("SELECT group_id, state, paid_at FROM groupbuy_seat WHERE id = %s", (seat_id,), often=True)
    if not found:
        raise NoSuchSeat(seat=seat_id)
    group_id, state, was_paid = found[0]
    if was_paid is not None:
        return str(state)
    paid_at = paid_at_of(key=payment_key(seat_id))
    if paid_at is None:
        return str(state)
    if state == SeatState.HELD and _held_seat_taken(seat_id, group_id, paid_at, now):
        return SeatState.PAID
    return _take_again(seat_id, paid_at, now)


def _held_seat_taken(seat_id: int, group_id: int, paid_at: datetime, now: datetime) -> bool:
    """Take a held place for good, and close its group where it was the last one; return False where it is no longer held.

    The group comes before the seat, as everywhere: whoever frees the place at the same moment waits, or is waited for.
    """
    at = bulk.db_instant(now)
    try:
        with journal.marked_transaction():
            group = bulk.fetch(_COUNT_PAID, (at, group_id), often=True)
            seat = bulk.fetch(_PAY_SEAT, (bulk.db_instant(paid_at), seat_id, group_id), often=True)
            if not group or not seat:
                raise _NotHeld
            (campaign_id, size, state, started), (customer_id, is_newcomer, price, joined) = group[0], seat[0]
            mark_seats([_day(joined)], now=now)
            mark_groups([_day(started)], now=now)
            told: list[object] = [SeatPaid(seat_id, group_id, campaign_id, customer_id or 0, bool(is_newcomer), price)]
            if state == GroupState.FILLED:
                told.append(_filled(group_id, campaign_id, size, now))
            outbox.record_all(told, now=now)
    except _NotHeld:
        return False
    return True


class _NotHeld(Exception):
    """The place was given up a moment ago: nothing of this transaction stays."""


#: A group with a held place is open, and has one place more taken than paid.
_COUNT_PAID = """
    UPDATE groupbuy_group SET paid = paid + 1, state = CASE WHEN paid + 1 = size THEN 'filled' ELSE state END,
        ended_at = CASE WHEN paid + 1 = size THEN %s ELSE ended_at END
    WHERE id = %s AND state = 'open' AND paid < taken RETURNING campaign_id, size, state, started_date
"""
_PAY_SEAT = """
    UPDATE groupbuy_seat SET state = 'paid', paid_at = %s, ended_at = NULL
    WHERE id = %s AND group_id = %s AND state = 'held' RETURNING customer_id, is_newcomer, price_minor, joined_date
"""


def _day(written: date | str) -> date:
    return date.fromisoformat(written) if isinstance(written, str) else written


@journal.marked_transaction()
def _take_again(seat_id: int, paid_at: datetime, now: datetime) -> str:
    """Take a place that was given up anew, begin a group with its payment or give that back; return how the seat stands then."""
    seat = _locked(seat_id)
    if seat.paid_at is not None:
        return seat.state
    group = seat.group
    if not _taken_again(seat, group, now):
        return _late(seat, paid_at, now)
    _write(seat, SeatState.PAID, paid_at=paid_at, ended_at=None, now=now)
    _tell_paid(seat, group, now)
    _fill(group.pk, now)
    return SeatState.PAID


@transaction.atomic
def give_up_seat(*, actor: Actor, seat_id: int, now: datetime) -> bool:
    """Free a held place because its payment was given up, and return whether it was held."""
    actor.require("groupbuy.join")
    return bool(free_seats([seat_id], now=now))


def seat_of_purpose(purpose: str) -> int | None:
    """Return the seat that a payment is for; None where it is for something else."""
    kind, _colon, number = purpose.partition(":")
    return int(number) if kind == PURPOSE and number.isascii() and number.isdigit() else None


def _locked(seat_id: int) -> Seat:
    """Return a seat, its group locked before it was read."""
    group_id = Seat.objects.filter(pk=seat_id).values_list("group_id", flat=True).first()
    if group_id is None:
        raise NoSuchSeat(seat=seat_id)
    group = locked_groups([group_id])[group_id]
    seat = Seat.objects.select_related("campaign").get(pk=seat_id)
    seat.group = group
    return seat


def _taken_again(seat: Seat, group: Group, now: datetime) -> bool:
    """Take a place that was given up once more, where the group has one and the person no other; return whether that went."""
    others = Seat.objects.filter(campaign_id=seat.campaign_id, customer_id=seat.customer_id or 0, state__in=LIVING)
    nths = list(others.order_by().values_list("nth", "group_id"))
    is_in = any(group_id == group.pk for _nth, group_id in nths)
    if seat.state != SeatState.LAPSED or is_in or len(nths) >= seat.campaign.per_person:
        return False
    regular = 0 if seat.is_newcomer else 1
    room = Group.objects.filter(
        pk=group.pk,
        state=GroupState.OPEN,
        ends_at__gt=now,
        taken__lt=F("size"),
        regulars__lte=F("most_regulars") - regular,
    )
    if not room.update(taken=F("taken") + 1, paid=F("paid") + 1, regulars=F("regulars") + regular):
        return False
    seat.nth = 1 + max((nth for nth, _group in nths), default=0)
    return True


def _late(seat: Seat, paid_at: datetime, now: datetime) -> str:
    """Begin a new group with a payment that came too late, or give it back."""
    lost, fresh = seat.group_id, _fresh_group(seat, now)
    if fresh is None:
        _write(seat, SeatState.LATE, paid_at=paid_at, ended_at=seat.ended_at or now, now=now)
        key = payment_key(seat.pk)
        refund_many(actor=Actor.system(), wanted=[Back(f"{key}:late", key, None, LATE_REASON)], now=now)
    else:
        Group.objects.filter(pk=fresh.pk).update(taken=1, paid=1, regulars=0 if seat.is_newcomer else 1)
        seat.group = fresh
        _write(seat, SeatState.PAID, paid_at=paid_at, ended_at=None, now=now)
        _tell_paid(seat, fresh, now)
    told = PaidTooLate(seat.pk, lost, seat.campaign_id, seat.customer_id or 0, fresh.pk if fresh else 0)
    outbox.record(told, now=now)
    return seat.state


def _fresh_group(seat: Seat, now: datetime) -> Group | None:
    """Return a new group for a late payment, where the campaign wants that, it is open, and the person may have the place."""
    campaign: Campaign = seat.campaign
    others = Seat.objects.filter(campaign=campaign, customer_id=seat.customer_id or 0, state__in=LIVING).order_by()
    nths = list(others.values_list("nth", flat=True))
    if campaign.when_late != Late.NEW_GROUP or campaign.ends_at <= now or len(nths) >= campaign.per_person:
        return None
    if seat.state == SeatState.LEFT:
        # Who left wanted to be out.
        return None
    try:
        with transaction.atomic():
            fresh = new_group(campaign=campaign, size=seat.group.size, now=now)
    except StockIsGone:
        return None
    seat.nth = 1 + max(nths, default=0)
    return fresh


def _write(seat: Seat, state: str, *, paid_at: datetime, ended_at: datetime | None, now: datetime) -> None:
    seat.state, seat.paid_at, seat.ended_at = state, paid_at, ended_at
    seat.save(update_fields=["state", "paid_at", "ended_at", "group", "nth"])
    mark_seats([seat.joined_date], now=now)
    mark_groups([seat.group.started_date], now=now)


def _fill(group_id: int, now: datetime) -> None:
    """Close a group whose members have all paid."""
    full = Group.objects.filter(pk=group_id, state=GroupState.OPEN, paid=F("size"))
    if full.update(state=GroupState.FILLED, ended_at=now):
        campaign_id, size = Group.objects.values_list("campaign_id", "size").get(pk=group_id)
        outbox.record(_filled(group_id, campaign_id, size, now), now=now)


def _filled(group_id: int, campaign_id: int, size: int, now: datetime) -> GroupFilled:
    """Tell the neighbours what a group that filled cost and brought, and return its event: what did not fill costs nothing."""
    members = bulk.fetch(_MEMBERS, (group_id,), often=True)
    programme = neighbours.programme_of(campaign_id)
    neighbours.NEIGHBOURS.notes(
        [
            neighbours.Note(programme, kind, f"seat:{seat_id}:{kind}", amount, customer_id)
            for seat_id, customer_id, _key, is_newcomer, beyond in members
            # What a place costs beyond its price; later orders come to the economics by themselves.
            for kind, amount in (("joined", 0), ("cost", max(0, beyond)))
            if (amount if kind == "cost" else is_newcomer)
        ],
        now,
    )
    neighbours.NEIGHBOURS.outcomes([f"groupbuy:{row[2]}" for row in members], "bought", now)
    return GroupFilled(group_id, campaign_id, size, tuple(row[1] for row in members if row[1] is not None))


_MEMBERS = """
    SELECT s.id, s.customer_id, s.key, s.is_newcomer, c.cost_minor - s.price_minor
    FROM groupbuy_seat AS s JOIN groupbuy_campaign AS c ON c.id = s.campaign_id
    WHERE s.group_id = %s AND s.state = 'paid' ORDER BY s.id
"""


def _tell_paid(seat: Seat, group: Group, now: datetime) -> None:
    told = SeatPaid(seat.pk, group.pk, seat.campaign_id, seat.customer_id or 0, seat.is_newcomer, seat.price_minor)
    outbox.record(told, now=now)
