"""What group-buying does when payments come in, or do not. The pages do the same at once; the second of both changes nothing."""

from __future__ import annotations

from datetime import datetime

from yutang.economics.events import ProgrammePaused
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.groupbuy.actions import give_up_seat, pause_campaign, take_paid_seat
from yutang.groupbuy.actions.paying import seat_of_purpose
from yutang.groupbuy.events import SeatPaid
from yutang.groupbuy.leading_on import note_given_back, note_paid, note_taken_up
from yutang.groupbuy.neighbours import campaign_of
from yutang.groupbuy.refusals import CampaignStateDiffers, NoSuchCampaign
from yutang.payments.events import Failed, Paid, Refunded


@handles(Paid)
def take_seats(event: Paid, *, event_id: int, now: datetime) -> None:
    """Take the place that was paid for."""
    seat_id = seat_of_purpose(event.purpose)
    if seat_id is not None:
        take_paid_seat(actor=Actor.system(), seat_id=seat_id, now=now)


@handles(Failed)
def free_places(event: Failed, *, event_id: int, now: datetime) -> None:
    """Free the place whose payment was given up; that it was taken counts on the way to the store."""
    seat_id = seat_of_purpose(event.purpose)
    if seat_id is not None:
        give_up_seat(actor=Actor.system(), seat_id=seat_id, now=now)
        note_taken_up(seat_id=seat_id)


@handles(SeatPaid)
def lead_to_the_store(event: SeatPaid, *, event_id: int, now: datetime) -> None:
    """Tell the room of visits, which invites whoever has paid."""
    note_paid(seat_id=event.seat_id, now=now)


@handles(Refunded)
def lead_nowhere(event: Refunded, *, event_id: int, now: datetime) -> None:
    """Tell the room of visits that the money of a place went back."""
    seat_id = seat_of_purpose(event.purpose)
    if seat_id is not None:
        note_given_back(seat_id=seat_id, now=now)


@handles(ProgrammePaused)
def pause_what_does_not_pay(event: ProgrammePaused, *, event_id: int, now: datetime) -> None:
    """Pause the campaign that the economics of programmes found to cost more than it is worth."""
    campaign_id = campaign_of(event.programme)
    if campaign_id is None:
        return
    try:
        pause_campaign(actor=Actor.system(), campaign_id=campaign_id, why="economics", now=now)
    except (CampaignStateDiffers, NoSuchCampaign):
        # It ended meanwhile.
        return
