"""What the room of prepaid balances refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class AmountIsWrong(DomainError):
    """An amount cannot be this."""

    code: ClassVar[str] = "balance_amount_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The amount cannot be %(written_minor)s: it lies above 0 and not above %(most_minor)s.")


class BalanceIsTooSmall(DomainError):
    """The balance does not pay it."""

    code: ClassVar[str] = "balance_is_too_small"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The balance is %(left_minor)s and does not pay %(wanted_minor)s. Top up first, or take the rest another way."
    )


class PrincipalIsTooSmall(DomainError):
    """No more is paid out than was paid in and not spent."""

    code: ClassVar[str] = "principal_is_too_small"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Of what was paid in %(left_minor)s is left; %(wanted_minor)s cannot be paid out. Bonus is never paid out."
    )


class BonusIsNotPromised(DomainError):
    """The bonus is more than a plan gives."""

    code: ClassVar[str] = "bonus_is_not_promised"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "For %(principal_minor)s the plans give a bonus of %(bonus_minor)s at most. Who may change plans can give more."
    )


class NoSuchPlan(DomainError):
    """There is no such plan, or nobody can take it any more."""

    code: ClassVar[str] = "no_such_plan"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no open plan %(plan_id)s. Choose one of those that are shown.")


class PlanIsWrong(DomainError):
    """A plan cannot be this."""

    code: ClassVar[str] = "plan_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A plan needs an amount above 0 that no other plan has, and a bonus between 0 and that amount."
    )


class BalanceKeyIsTaken(DomainError):
    """The idempotency key was used for something else."""

    code: ClassVar[str] = "balance_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The key %(key)s was used for something else. Take a new key for each movement.")


class BalanceReasonIsMissing(DomainError):
    """Nobody said why."""

    code: ClassVar[str] = "balance_reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say why, in at most 200 characters: the books are asked about it.")


class NoSuchSpending(DomainError):
    """Nothing was spent under the key, within reach."""

    code: ClassVar[str] = "no_such_spending"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("Nothing was spent under the key %(key)s within your reach.")


class MoreThanWasSpent(DomainError):
    """More is returned than was spent and not returned."""

    code: ClassVar[str] = "more_than_was_spent"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Of this purchase %(left_minor)s can still be returned, not %(wanted_minor)s.")


class NoSuchTopUp(DomainError):
    """There is no such top-up to be paid."""

    code: ClassVar[str] = "no_such_top_up"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no top-up %(order_id)s that waits for a payment.")


class PaymentDoesNotFit(DomainError):
    """Another amount was paid than was asked for."""

    code: ClassVar[str] = "payment_does_not_fit"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(paid_minor)s was paid where %(asked_minor)s was asked for. Give the payment back.")


class NoSuchBalanceStore(DomainError):
    """The store is not there, or out of reach."""

    code: ClassVar[str] = "no_such_balance_store"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store)s within your reach.")


class MethodIsUnknown(DomainError):
    """Money cannot come, or go, this way."""

    code: ClassVar[str] = "method_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Money cannot come by “%(method)s”. There are: cash, card, online, other.")


class PrincipalIsOwed(DomainError):
    """Somebody who is to be erased has principal left."""

    code: ClassVar[str] = "principal_is_owed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(left_minor)s of principal is owed to who is to be erased. Pay it out first.")


class NobodyTakesPayments(DomainError):
    """No way to pay online is set up."""

    code: ClassVar[str] = "nobody_takes_payments"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Nothing can be paid online here at present. Top up in the store.")
