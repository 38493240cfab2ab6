"""Who calls: an actor whose permissions and stores a token narrows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from yutang.api.refusals import TokenMayNot
from yutang.foundation.access import Actor

SERVICE_ROLE = "service"


@dataclass(frozen=True)
class Caller(Actor):
    """A program that shows a token: `granted` is what the token gives of what its member of staff may do.

    Attributes:
        token_id: key of the token.
        per_minute: calls that it may make within one minute.
        use_is_noted: whether the store holds already that the token was used in this hour.
    """

    token_id: int = 0
    per_minute: int = 0
    use_is_noted: bool = False

    def require(self, permission: str) -> None:
        """Raise `TokenMayNot` unless token and member of staff hold the permission."""
        if not self.can(permission):
            raise TokenMayNot(permission=permission)


def digest_of(secret: str) -> bytes:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(secret.encode()).digest()
