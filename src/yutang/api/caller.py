"""Who calls: an actor whose permissions and stores a token narrows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from yutang.foundation.access import Actor

SERVICE_ROLE = "service"


@dataclass(frozen=True)
class Caller(Actor):
    """A program that shows a token.

    Attributes:
        token_id: key of the token.
        granted: permissions that the token gives; None: all that its member of staff holds.
        per_minute: calls that it may make within one minute.
        use_is_noted: whether the store holds already that the token was used in this hour.
    """

    token_id: int = 0
    granted: frozenset[str] | None = None
    per_minute: int = 0
    use_is_noted: bool = False

    def can(self, permission: str) -> bool:
        """Return whether token and, behind a personal one, the role of the member of staff hold the permission."""
        held = super().can(permission)
        if self.role == SERVICE_ROLE:
            return self.granted is not None and permission in self.granted
        return held and (self.granted is None or permission in self.granted)


def digest_of(secret: str) -> bytes:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(secret.encode()).digest()
