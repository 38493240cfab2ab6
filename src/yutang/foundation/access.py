"""Who acts, and what they may do and see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Every permission there is. A role is a set of them.
PERMISSIONS = frozenset(
    {
        "customers.view",
        "customers.unmask",
        "customers.merge",
        "customers.tag",
        "imports.view",
        "imports.run",
        "imports.undo",
        "events.record",
        "worklist.view",
        "worklist.work",
        "insight.view",
        "segments.view",
        "segments.edit",
        "segments.export",
        "review.decide",
        "staff.manage",
        "jobs.manage",
        "keys.rotate",
        "backups.make",
        "audit.view",
    }
)

_STORE = frozenset(
    {
        "customers.view",
        "customers.unmask",
        "customers.tag",
        "worklist.view",
        "worklist.work",
        "insight.view",
        "segments.view",
    }
)
_OPERATOR = _STORE | {
    "customers.merge",
    "review.decide",
    "imports.view",
    "imports.run",
    "events.record",
    "segments.edit",
    "segments.export",
}

#: Permissions by role; the scope by store is the actor's own.
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": PERMISSIONS,
    "region_manager": _STORE | {"imports.view"},
    "store_manager": _STORE,
    "operator": _OPERATOR,
    "analyst": frozenset(
        {"customers.view", "insight.view", "imports.view", "segments.view", "segments.edit", "segments.export"}
    ),
    "compliance": frozenset({"customers.view", "audit.view", "imports.view"}),
    "auditor": frozenset({"audit.view", "imports.view", "insight.view"}),
}

#: Roles that always see every store; the others see the stores that they are given.
CHAIN_WIDE_ROLES = frozenset({"owner", "operator", "analyst", "compliance", "auditor"})


class NotAllowed(DomainError):
    """The actor's role does not hold the permission."""

    code: ClassVar[str] = "not_allowed"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_("Your role does not allow this. Ask the owner of the account.")


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, or the system itself.

    Attributes:
        staff_id: key of the member of staff; None for the system.
        role: role name, or ``"system"``.
        store_ids: stores within reach; None means all of them.
        label: name for logs and screens.
        via: by what somebody acts who does not act in person, such as ``token:7``; the audit trail keeps it.
    """

    staff_id: int | None
    role: str
    store_ids: frozenset[int] | None
    label: str
    via: str = ""

    @classmethod
    def system(cls) -> Actor:
        """Return the actor for work that no person started."""
        return cls(staff_id=None, role="system", store_ids=None, label="system")

    def can(self, permission: str) -> bool:
        """Return whether the actor holds the permission; an unknown permission is a programming error."""
        if permission not in PERMISSIONS:
            raise ValueError(f"there is no permission {permission!r}")
        return self.role == "system" or permission in ROLE_PERMISSIONS.get(self.role, frozenset())

    def require(self, permission: str) -> None:
        """Raise `NotAllowed` unless the actor holds the permission."""
        if not self.can(permission):
            raise NotAllowed(permission=permission)

    def reaches(self, store_id: int | None) -> bool:
        """Return whether something of the store is within the actor's reach."""
        return self.store_ids is None or store_id in self.store_ids
