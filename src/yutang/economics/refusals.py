"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchProgramme(DomainError):
    """Nobody stated economics of this programme."""

    code: ClassVar[str] = "no_such_programme"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_(
        "Nothing was stated of a programme “%(programme)s”. Look at the page of growth economics."
    )


class StatementIsWrong(DomainError):
    """A statement cannot be like this."""

    code: ClassVar[str] = "statement_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


class WorthIsNotKnown(DomainError):
    """Nobody said what a kept newcomer is worth, and nothing knows it."""

    code: ClassVar[str] = "worth_is_not_known"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "What a newcomer who stays is worth is not known yet: too few people have been customers for a year. State it yourself."
    )


class ProgrammeLosesByItself(DomainError):
    """A newcomer is to cost more than one who stays is worth: each one would be a loss, even if all stayed."""

    code: ClassVar[str] = "programme_loses_by_itself"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A newcomer is to cost %(cost_minor)s, and one who stays is worth %(worth_minor)s: "
        "this loses even if everybody stays. Give less, or state a higher worth with its reason."
    )


class ProgrammeIsNotPaused(DomainError):
    """It goes on already."""

    code: ClassVar[str] = "programme_is_not_paused"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(title)s” is not paused: somebody let it go on, or it never stopped.")


class ResumeReasonIsMissing(DomainError):
    """Nobody said why."""

    code: ClassVar[str] = "resume_reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say in 5 to 300 characters what is different now; the audit log keeps it.")


class BudgetIsUsedUp(DomainError):
    """A programme without money cannot go on."""

    code: ClassVar[str] = "programme_budget_is_used_up"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The budget of “%(title)s” is used up. State a larger one first.")


class EntryIsWrong(DomainError):
    """An entry of the ledger cannot be like this."""

    code: ClassVar[str] = "entry_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "An entry “%(kind)s” of %(amount)s fen cannot be kept: only costs and sales have an amount, "
        "and whoever came, stayed or left is somebody."
    )
