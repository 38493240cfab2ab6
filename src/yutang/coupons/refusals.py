"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchCouponKind(DomainError):
    """There is no kind of coupon of this name."""

    code: ClassVar[str] = "no_such_coupon_kind"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_(
        "There is no kind of coupon “%(kind)s”. Look at the page of coupons for those that there are."
    )


class NoSuchCoupon(DomainError):
    """There is no such coupon within reach."""

    code: ClassVar[str] = "no_such_coupon"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no coupon %(coupon_id)s within your reach.")


class CouponKindIsWrong(DomainError):
    """A kind of coupon cannot be like this."""

    code: ClassVar[str] = "coupon_kind_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


class CouponKindIsClosed(DomainError):
    """The kind is not given any more."""

    code: ClassVar[str] = "coupon_kind_is_closed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” is closed: nobody gets a new one. Open it again on its page, or give another kind."
    )


class CouponKindIsPaused(DomainError):
    """The guard of economics has paused the kind."""

    code: ClassVar[str] = "coupon_kind_is_paused"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The guard of economics has paused “%(name)s”: it cost more than the newcomers are worth, or its budget is used up. "
        "It is given again once somebody lets it go on under “Growth economics”."
    )


class CouponsAreGone(DomainError):
    """The budget is used up, or the pool is empty."""

    code: ClassVar[str] = "coupons_are_gone"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” is given out: nothing is left of its budget, or no code of its pool. Raise the budget or add codes on its page."
    )


class PersonHasEnough(DomainError):
    """The person has as many of the kind as one person may have."""

    code: ClassVar[str] = "person_has_enough"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This customer has had “%(name)s” as often as one person may: %(most)s.")


class CouponWasStopped(DomainError):
    """Something that stands guard does not let it be given or redeemed."""

    code: ClassVar[str] = "coupon_was_stopped"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This was stopped: %(reason)s")


class TooManyByHand(DomainError):
    """Somebody gave as many as a member of staff may give by hand a day."""

    code: ClassVar[str] = "too_many_by_hand"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "You have given %(most)s coupons by hand today, as many as one may. Ask the operator, who may give more and can change the setting."
    )


class GivingKeyIsTaken(DomainError):
    """The idempotency key was used for another coupon."""

    code: ClassVar[str] = "giving_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The key %(key)s was used for another coupon or another person. Take a new key for each giving."
    )


class CodesAreWrong(DomainError):
    """A list of codes holds something that is no code, or nothing."""

    code: ClassVar[str] = "codes_are_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Line %(line)s: “%(written)s” is no code that can be taken. One code a line, 4 to 40 characters, at most 100,000 lines."
    )


class KindMakesItsCodes(DomainError):
    """Codes are added to a kind whose codes are made here."""

    code: ClassVar[str] = "kind_makes_its_codes"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The codes of “%(name)s” are made here. Only a kind with codes of another shop system takes a list."
    )


class CouponIsNotGiven(DomainError):
    """It was redeemed, expired or taken back already."""

    code: ClassVar[str] = "coupon_is_not_given"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Only a coupon that was not used can be taken back; this one is %(state)s.")


class ReasonIsMissing(DomainError):
    """Nobody said why."""

    code: ClassVar[str] = "coupon_reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say why, in at most 200 characters: the customer may ask.")


class OrderIsUnreadable(DomainError):
    """The number or the value of an order cannot be this."""

    code: ClassVar[str] = "coupon_order_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The order cannot be “%(written)s”: a number has at most 80 characters, a value lies above 0."
    )


class RedemptionRefused(DomainError):
    """A code was not redeemed. Each kind of refusal is kept, by its code."""

    code: ClassVar[str] = "redemption_refused"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This coupon cannot be redeemed.")

    #: The coupon that was meant; None where the code is nobody's.
    coupon_id: int | None = None

    def of(self, coupon_id: int) -> RedemptionRefused:
        """Return the refusal with the coupon that was meant, for the record and not for the answer."""
        self.coupon_id = coupon_id
        return self


class CodeIsMistyped(RedemptionRefused):
    """It looks like one of our codes, and its check character does not fit."""

    code: ClassVar[str] = "code_is_mistyped"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "There is a slip in this code. Read it again, character by character: there is no 0, O, 1, I or L in it."
    )


class CodeIsUnknown(RedemptionRefused):
    """Nobody has a coupon of this code."""

    code: ClassVar[str] = "code_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("No coupon has this code. Ask the customer to show it again.")


class CouponIsRedeemed(RedemptionRefused):
    """It was redeemed already."""

    code: ClassVar[str] = "coupon_is_redeemed"
    message: ClassVar[str] = N_("This coupon was redeemed already, on %(redeemed_at)s.")


class CouponIsOver(RedemptionRefused):
    """Its time is over."""

    code: ClassVar[str] = "coupon_is_over"
    message: ClassVar[str] = N_("This coupon held until %(last_date)s.")


class CouponIsTakenBack(RedemptionRefused):
    """It was taken back."""

    code: ClassVar[str] = "coupon_is_taken_back"
    message: ClassVar[str] = N_("This coupon was taken back.")


class CouponIsNotForStore(RedemptionRefused):
    """It holds in other stores."""

    code: ClassVar[str] = "coupon_is_not_for_store"
    message: ClassVar[str] = N_("This coupon holds only at: %(stores)s.")


class StoreIsMissing(RedemptionRefused):
    """It holds in some stores only, and nobody said at which one this is."""

    code: ClassVar[str] = "coupon_needs_store"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("This coupon holds only at: %(stores)s. Say at which store it is redeemed.")


class OrderIsTooSmall(RedemptionRefused):
    """The order is worth less than the coupon asks for."""

    code: ClassVar[str] = "order_is_too_small"
    message: ClassVar[str] = N_("This coupon holds from %(least_minor)s on; the order is worth %(worth_minor)s.")


class OrderValueIsMissing(RedemptionRefused):
    """What the coupon takes off, or whether it holds, follows from the order's value, which nobody said."""

    code: ClassVar[str] = "order_value_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Say what the order is worth: whether this coupon holds, and what it takes off, follows from that."
    )


class ProductsDoNotFit(RedemptionRefused):
    """None of the products for which it holds is in the order."""

    code: ClassVar[str] = "products_do_not_fit"
    message: ClassVar[str] = N_("This coupon holds only for: %(products)s. The order has none of these.")


class TooManyWrongCodes(RedemptionRefused):
    """Somebody tried so many codes that are nobody's that it looks like guessing."""

    code: ClassVar[str] = "too_many_wrong_codes"
    http_status: ClassVar[int] = 429
    message: ClassVar[str] = N_("Too many codes that nobody has. Wait %(minutes)s minutes, then try again.")


class RedemptionWasStopped(RedemptionRefused):
    """Something that stands guard does not let it be redeemed."""

    code: ClassVar[str] = "redemption_was_stopped"
    message: ClassVar[str] = N_("This was stopped: %(reason)s")


class CouponKindIsPromised(DomainError):
    """People hold coupons of the kind: what these are worth does not change any more."""

    code: ClassVar[str] = "coupon_kind_is_promised"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Customers hold “%(name)s” already, so what it gives, and where and from when on it holds, stays as it was promised. "
        "Close it and make another kind."
    )


class NoSuchStoreHere(DomainError):
    """The store is not there, or out of reach."""

    code: ClassVar[str] = "no_such_store_here"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store)s within your reach.")
