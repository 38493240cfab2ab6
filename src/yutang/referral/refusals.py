"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchReferral(DomainError):
    """There is no such programme."""

    code: ClassVar[str] = "no_such_referral"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no referral programme %(programme_id)s.")


class NoSuchInvitation(DomainError):
    """There is no such invitation within reach."""

    code: ClassVar[str] = "no_such_invitation"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no invitation %(invitation_id)s within your reach.")


class ReferralIsWrong(DomainError):
    """A programme cannot be like this."""

    code: ClassVar[str] = "referral_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


class WordsAreRisky(DomainError):
    """The words of a share card break a law or a rule of the platform."""

    code: ClassVar[str] = "share_words_are_risky"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(written)s” cannot stand on a share card: %(reason)s")


class CommissionIsForbidden(DomainError):
    """A condition of the law for commission is not met."""

    code: ClassVar[str] = "commission_is_forbidden"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Commission is not possible like this: %(why)s")


class PromisesStand(DomainError):
    """Friends came already: what they and their inviters were promised stays."""

    code: ClassVar[str] = "referral_promises_stand"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "People came by “%(name)s” already, so what it gives, and for what, stays as it was promised. Close it and make another one."
    )


class ReferralIsNotOpen(DomainError):
    """It takes no friends now."""

    code: ClassVar[str] = "referral_is_not_open"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” takes nobody new at the moment.")


class LinkIsWrong(DomainError):
    """The link of an invitation is not ours, or was changed."""

    code: ClassVar[str] = "referral_link_is_wrong"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("This invitation leads nowhere. Ask your friend to send it again.")


class PhoneIsUnreadable(DomainError):
    """What was written is no mobile number."""

    code: ClassVar[str] = "referral_phone_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("That is no mobile number. Write it with its 11 digits.")


class OwnInvitation(DomainError):
    """Somebody took their own invitation."""

    code: ClassVar[str] = "own_invitation"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This is your own invitation. It is for a friend.")


class KnownAlready(DomainError):
    """The benefit is for people who are new."""

    code: ClassVar[str] = "known_already"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "You are our customer already; this is for people who are new. You can invite friends yourself."
    )


class InvitedBySomebodyElse(DomainError):
    """Another friend was first."""

    code: ClassVar[str] = "invited_by_somebody_else"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Another friend invited you before; that invitation counts.")


class NumberIsOfInviter(OwnInvitation):
    """The number is that of whoever invites; somebody of their household may have typed it."""

    code: ClassVar[str] = "number_is_of_inviter"
    message: ClassVar[str] = N_(
        "This is the number of whoever invites. Do you share it, and are new yourself? "
        "Take the invitation with a number or WeChat account of your own, or ask in the store."
    )


class NumberIsKnown(KnownAlready):
    """Somebody with the number is a customer already; who typed it may be somebody else."""

    code: ClassVar[str] = "number_is_known"
    message: ClassVar[str] = N_(
        "Somebody is our customer by this number already, and this is for people who are new. Do you share it, and are new yourself? "
        "Take the invitation with a number or WeChat account of your own, or ask in the store."
    )


class NumberTookAnother(InvitedBySomebodyElse):
    """Another invitation was taken by the number."""

    code: ClassVar[str] = "number_took_another"
    message: ClassVar[str] = N_(
        "With this number another friend's invitation was taken before; that one counts. Was it somebody with whom you share it? "
        "Take this one with a number or WeChat account of your own, or ask in the store."
    )


class NumberTellsNobody(DomainError):
    """So many people share the number that it does not tell one of them."""

    code: ClassVar[str] = "number_tells_nobody"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "This number does not tell who you are: several people are known here by it, or it is one of the store. "
        "Take the invitation with a number or WeChat account of your own, or ask in the store."
    )


class TakeItSlowly(DomainError):
    """The guard against abuse asks to wait."""

    code: ClassVar[str] = "take_it_slowly"
    http_status: ClassVar[int] = 429
    message: ClassVar[str] = N_("Too many at once. Try again in %(minutes)s minutes.")


class InvitationIsNotHeld(DomainError):
    """There is nothing to decide."""

    code: ClassVar[str] = "invitation_is_not_held"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This invitation is not held: somebody decided already.")


class DecisionNeedsReason(DomainError):
    """Nobody said why."""

    code: ClassVar[str] = "decision_needs_reason"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say why, in 5 to 300 characters; the audit log keeps it.")
