"""What the room refuses, and what to do then."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchCommunity(DomainError):
    """There is no such group within reach."""

    code: ClassVar[str] = "no_such_community"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no group %(group)s within your reach.")


class GroupIsClosed(DomainError):
    """Nobody is led into it, and nothing is done about it any more."""

    code: ClassVar[str] = "group_is_closed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The group “%(name)s” is closed. Open it again before you do something about it.")


class GroupCannotBeThis(DomainError):
    """What a group is to be cannot be."""

    code: ClassVar[str] = "group_cannot_be_this"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(what)s is wrong: %(why)s")


class SeedsAnother(DomainError):
    """One customer seeds one group of a purpose."""

    code: ClassVar[str] = "seeds_another"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This customer seeds the group “%(name)s” already. One customer seeds one group of a purpose."
    )


class ProbeIsWrong(DomainError):
    """A probe says what cannot be."""

    code: ClassVar[str] = "probe_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The probe cannot be taken: %(why)s")


class DeedIsUnknown(DomainError):
    """Nobody can do this about a group."""

    code: ClassVar[str] = "deed_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(deed)s” is none of: %(deeds)s.")


class NoGroupsChosen(DomainError):
    """A post needs groups."""

    code: ClassVar[str] = "no_groups_chosen"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("No group fits the filters. Choose others, then plan the post.")


class InvitationIsWrong(DomainError):
    """Who came by whom cannot be so."""

    code: ClassVar[str] = "invitation_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Nobody invites themselves, and who invites is or was a member of the group.")
