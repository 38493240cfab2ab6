"""Names of people at work: told apart at a glance, so that nobody passes for somebody else."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from yutang.foundation.models import Staff
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Signs that show nothing, of categories that otherwise show something: fillers and joiners.
_SHOW_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
#: Variation selectors, the same way: first and last of each block.
_SELECTORS = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))


class UsernameIsTaken(DomainError):
    """Somebody logs in with this name already."""

    code: ClassVar[str] = "username_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The log-in name %(username)s is taken.")


class UsernameLooksLikeAnother(UsernameIsTaken):
    """Somebody logs in with a name that people would take for this one."""

    code: ClassVar[str] = "username_looks_like_another"
    message: ClassVar[str] = N_("The log-in name %(username)s looks like %(other)s, which is taken. Take another one.")


class NameHoldsHiddenSigns(DomainError):
    """A name holds signs that show nothing, or that turn the text around."""

    code: ClassVar[str] = "name_holds_hidden_signs"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The name holds signs that cannot be seen, such as ones of no width or ones that turn the text around. "
        "Write it anew without them."
    )


def require_visible(*names: str) -> None:
    """Raise where a name holds a sign that shows nothing: control and format signs, fillers."""
    if any(_is_hidden(sign) for name in names for sign in name):
        raise NameHoldsHiddenSigns


def require_own_username(username: str) -> None:
    """Raise where somebody logs in with the name, or with one that differs in case or in width alone."""
    wanted = as_it_looks(username)
    # An installation has hundreds of people at most.
    for other in Staff.objects.order_by("pk").values_list("username", flat=True):
        if other == username:
            raise UsernameIsTaken(username=username)
        if as_it_looks(other) == wanted:
            raise UsernameLooksLikeAnother(username=username, other=other)


def as_it_looks(name: str) -> str:
    """Return the name without case, width and hidden signs; names of before may hold these."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in folded if not _is_hidden(sign))


def _is_hidden(sign: str) -> bool:
    if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} or sign in _SHOW_NOTHING:
        return True
    return any(first <= sign <= last for first, last in _SELECTORS)
