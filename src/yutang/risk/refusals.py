"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class AskIsWrong(DomainError):
    """An ask cannot be like this."""

    code: ClassVar[str] = "ask_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” of the ask cannot be “%(written)s”: %(expected)s")


class AskKeyIsTaken(DomainError):
    """The key was used for something else."""

    code: ClassVar[str] = "ask_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The key %(key)s was used to ask for something else, or for another person. Take a new key for each ask."
    )


class NoSuchAskStore(DomainError):
    """The store that something is asked at is not there."""

    code: ClassVar[str] = "no_such_ask_store"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store)s. Ask without one where it is not known.")


class AskNeedsStore(DomainError):
    """A program that is held to stores asks about nobody and at no store."""

    code: ClassVar[str] = "ask_needs_store"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Say at which store this is asked, or by which customer: this access is held to some stores."
    )


class NoSuchDecision(DomainError):
    """There is no such decision within reach."""

    code: ClassVar[str] = "no_such_decision"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no decision %(decision)s of the guard within your reach.")


class DecisionIsSettled(DomainError):
    """Somebody has decided about it already, or there is nothing to decide."""

    code: ClassVar[str] = "decision_is_settled"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "There is nothing to decide here: it was let through, or somebody has looked at it already. Open the decision to see who."
    )


class NothingToAppeal(DomainError):
    """The decision stopped nothing, or was appealed against before."""

    code: ClassVar[str] = "nothing_to_appeal"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Nothing was stopped here, or another look was asked for already. The answer stands with the decision."
    )


class GuardWordsAreMissing(DomainError):
    """Nobody said why."""

    code: ClassVar[str] = "guard_words_are_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say why, in at most %(most)s characters.")


class ListedThingIsWrong(DomainError):
    """Something cannot stand on a list."""

    code: ClassVar[str] = "listed_thing_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(written)s” cannot stand on a list as this: a customer by number, a network address such as 203.0.113.7, a postal "
        "address with house and door, a device or account in at most 300 characters."
    )


class NoSuchListEntry(DomainError):
    """There is no such entry, or it was taken off."""

    code: ClassVar[str] = "no_such_list_entry"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no entry %(entry)s on the lists of the guard.")


class EndIsPast(DomainError):
    """The day until which an entry holds is over."""

    code: ClassVar[str] = "guard_end_is_past"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The last day lies in the past. Name one that is to come, or none.")


class NoSuchRuleVersion(DomainError):
    """There is no such version of the rules."""

    code: ClassVar[str] = "no_such_rule_version"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no version %(version)s of the rules of the guard.")


class VersionIsInUse(DomainError):
    """A version that is or was in force is not changed."""

    code: ClassVar[str] = "rule_version_is_in_use"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Version %(version)s is in force, on trial or replaced, and stays as it is. Save your changes as a new version."
    )
