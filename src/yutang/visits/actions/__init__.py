"""Every change of the room that others may ask for."""

from yutang.visits.actions.booking import book, cancel_booking, move_booking
from yutang.visits.actions.check_in import check_in, check_in_by_hand, note_offer, note_visit
from yutang.visits.actions.following import follow_bookings, forget_people
from yutang.visits.actions.given_back import call_off_given_back
from yutang.visits.actions.hooks import note_hook, note_hook_paid, note_hook_refunded
from yutang.visits.actions.hours import change_terms
from yutang.visits.refusals import NoSuchBooking, NoSuchHook, NoSuchVisitStore

__all__ = [
    "NoSuchBooking",
    "NoSuchHook",
    "NoSuchVisitStore",
    "book",
    "call_off_given_back",
    "cancel_booking",
    "change_terms",
    "check_in",
    "check_in_by_hand",
    "follow_bookings",
    "forget_people",
    "move_booking",
    "note_hook",
    "note_hook_paid",
    "note_hook_refunded",
    "note_offer",
    "note_visit",
]
