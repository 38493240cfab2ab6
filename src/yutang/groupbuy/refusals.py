"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchCampaign(DomainError):
    """There is none."""

    code: ClassVar[str] = "no_such_group_campaign"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no group-buying campaign %(campaign)s.")


class NoSuchGroup(DomainError):
    """There is none."""

    code: ClassVar[str] = "no_such_group"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no group %(group)s. Open the link from the message again, whole.")


class NoSuchSeat(DomainError):
    """There is none."""

    code: ClassVar[str] = "no_such_seat"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no place %(seat)s in a group.")


class CampaignIsWrong(DomainError):
    """A part of a campaign cannot be this."""

    code: ClassVar[str] = "group_campaign_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s.")


class CampaignIsNotOpen(DomainError):
    """Nobody starts or joins a group of it now."""

    code: ClassVar[str] = "group_campaign_is_not_open"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” takes nobody now. Groups that are running go on.")


class CampaignIsPromised(DomainError):
    """Groups run: what they were promised does not change."""

    code: ClassVar[str] = "group_campaign_is_promised"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” was opened already: prices, sizes, hours and rules stay as they were promised. Close it and make another one."
    )


class CampaignStateDiffers(DomainError):
    """It stands otherwise than this needs."""

    code: ClassVar[str] = "group_campaign_state_differs"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This cannot be done while the campaign is %(state)s.")


class StockIsGone(DomainError):
    """No further group fits into the stock."""

    code: ClassVar[str] = "group_stock_is_gone"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” has no places left for another group of %(size)s. Join one that is running, if there is one."
    )


class SizeIsNotOffered(DomainError):
    """The campaign has no such tier."""

    code: ClassVar[str] = "group_size_is_not_offered"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(name)s” has no groups of %(size)s.")


class GroupIsFull(DomainError):
    """Every place is taken or held."""

    code: ClassVar[str] = "group_is_full"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This group has no place left. Start one of your own, or join another one.")


class GroupIsOver(DomainError):
    """It filled or expired."""

    code: ClassVar[str] = "group_is_over"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This group is over. Start one of your own, or join another one.")


class OnlyNewcomers(DomainError):
    """The places that are left are for newcomers."""

    code: ClassVar[str] = "group_only_newcomers"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The places that are left in this group are for new customers. Start a group of your own."
    )


class PersonIsIn(DomainError):
    """The person has a place in this group already."""

    code: ClassVar[str] = "group_person_is_in"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This number has a place in this group already. Open it by the link you got, or on the phone you joined with."
    )


class PersonHasEnoughSeats(DomainError):
    """The person has as many as one may have."""

    code: ClassVar[str] = "group_person_has_enough"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("A person buys “%(name)s” at most %(most)s times.")


class PlaceIsMissing(DomainError):
    """The campaign is local, and nobody said where the person is."""

    code: ClassVar[str] = "group_place_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "This offer is for people within %(radius_km)s km of a store. Let the page use your location, so that it can tell."
    )


class TooFarAway(DomainError):
    """The person is farther away than the campaign allows."""

    code: ClassVar[str] = "group_too_far_away"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "You are %(distance_km)s km from the nearest store (%(store)s); this offer is for people within %(radius_km)s km."
    )


class PhoneIsWrong(DomainError):
    """What was typed is no mobile number."""

    code: ClassVar[str] = "group_phone_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("That is no mobile number. Write it with its 11 digits.")


class NumberIsShared(DomainError):
    """So many people share the number that it does not tell one of them."""

    code: ClassVar[str] = "group_number_is_shared"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "This number does not tell who you are: several people are known here by it, or it is one of the store. "
        "Join with a number or WeChat account of your own, or ask in the store."
    )


class SeatWasStopped(DomainError):
    """The guard does not let the person in."""

    code: ClassVar[str] = "group_seat_was_stopped"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("You cannot join now: %(reason)s")


class SlowDown(DomainError):
    """The guard lets nobody in who comes so fast."""

    code: ClassVar[str] = "group_slow_down"
    http_status: ClassVar[int] = 429
    message: ClassVar[str] = N_("That was fast. Try again in %(seconds)s seconds.")


class SeatCannotBeLeft(DomainError):
    """The group filled, or the seat is over already."""

    code: ClassVar[str] = "group_seat_cannot_be_left"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This place cannot be given up any more: the group is complete, or it is over. Ask the shop about a return."
    )


class SeatCannotBeTakenOut(DomainError):
    """The seat is over, was not paid, or its money goes back already."""

    code: ClassVar[str] = "group_seat_cannot_be_taken_out"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Nothing is to be given back for this place: it is over, or its money goes back already."
    )


class ReasonIsMissing(DomainError):
    """Nobody said why somebody is taken out of a group."""

    code: ClassVar[str] = "group_reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say in 2 to 200 characters why: it stands in the audit log.")


class JoinKeyIsTaken(DomainError):
    """The idempotency key was used for another seat."""

    code: ClassVar[str] = "group_join_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The key %(key)s was used for another place. Take a new key for each.")
