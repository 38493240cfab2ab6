"""What the room of visits refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchVisitStore(DomainError):
    """The store is not there, or out of reach."""

    code: ClassVar[str] = "no_such_visit_store"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store)s within your reach.")


class NoSuchBooking(DomainError):
    """There is no such booking within reach."""

    code: ClassVar[str] = "no_such_booking"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no booking %(booking_id)s within your reach.")


class NoSuchHook(DomainError):
    """Nobody took up an offer under this key."""

    code: ClassVar[str] = "no_such_hook"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("Nobody took up an offer under the key %(key)s. Note that first.")


class StoreTakesNoBookings(DomainError):
    """The store has no opening hours for visits, or does not take bookings now."""

    code: ClassVar[str] = "store_takes_no_bookings"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(store)s takes no bookings at present. Choose another store, or call there.")


class TimeIsNotOffered(DomainError):
    """There is no slot at this instant: closed, too soon, too far away."""

    code: ClassVar[str] = "time_is_not_offered"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(store)s offers no visit at this time. Choose one of the times that are shown.")


class SlotIsFull(DomainError):
    """All places of the slot are taken."""

    code: ClassVar[str] = "slot_is_full"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The last place at this time was taken just now. Choose another time.")


class TooManyBookings(DomainError):
    """The person has as many visits to come as one may have."""

    code: ClassVar[str] = "too_many_bookings"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("There are %(most)s booked visits to come already. Move one of them, or call one off.")


class OfferIsUsedElsewhere(DomainError):
    """What led to the visit is not used at this store."""

    code: ClassVar[str] = "offer_is_used_elsewhere"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This offer is not used at %(store)s. Choose one of its own stores.")


class PlaceIsBooked(DomainError):
    """One place is one visit."""

    code: ClassVar[str] = "place_is_booked"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "A visit is booked with this place already: one place is one visit. Move it to another time instead."
    )


class BookingKeyIsTaken(DomainError):
    """The idempotency key was used for another visit."""

    code: ClassVar[str] = "booking_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The key %(key)s was used for another visit. Take a new key for each booking.")


class BookingIsOver(DomainError):
    """The booking was checked in, missed or called off already."""

    code: ClassVar[str] = "booking_is_over"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This booking cannot be changed any more: %(state)s.")


class CheckInCodeIsMistyped(DomainError):
    """The check character does not fit."""

    code: ClassVar[str] = "check_in_code_is_mistyped"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "There is a slip in this code for a visit. Read it again, character by character: there is no 0, O, 1, I or L in it."
    )


class CheckInCodeIsUnknown(DomainError):
    """No booking has the code."""

    code: ClassVar[str] = "check_in_code_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("No booking has this code. Ask the customer to show it again, or look for the name.")


class CameAlready(DomainError):
    """The code was used already."""

    code: ClassVar[str] = "came_already"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This visit was checked in already, on %(came_at)s.")


class BookingIsElsewhere(DomainError):
    """The booking is of a store out of reach."""

    code: ClassVar[str] = "booking_is_elsewhere"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This visit was booked at %(store)s. Move it here first, or send the customer there.")


class BookingIsOnAnotherDay(DomainError):
    """The booking is not for today."""

    code: ClassVar[str] = "booking_is_on_another_day"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This visit is booked for %(starts_at)s. Move it to today first.")


class BookingWasCalledOff(DomainError):
    """The booking was called off."""

    code: ClassVar[str] = "booking_was_called_off"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This visit was called off. Book it anew, or note a visit without a booking.")


class PlaceWasGivenBack(DomainError):
    """The money of the place with which it was booked went back."""

    code: ClassVar[str] = "place_was_given_back"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The money for this place was given back, and the visit was called off with it. Do not serve it as paid; note a visit without "
        "a booking if the customer stays."
    )


class NobodyCameYet(DomainError):
    """An upgrade is offered to who is there."""

    code: ClassVar[str] = "nobody_came_yet"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Check the customer in first: an upgrade is offered to who is there.")


class HoursAreWrong(DomainError):
    """Opening hours or the terms of booking cannot be this."""

    code: ClassVar[str] = "hours_are_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


class HookIsWrong(DomainError):
    """What is noted of an offer cannot be this."""

    code: ClassVar[str] = "hook_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "An offer needs a programme of 1 to 64 characters and a price of 0 or more, and keeps both under its key %(key)s."
    )
