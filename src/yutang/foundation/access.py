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
        "channels.view",
        "channels.send",
        "journeys.view",
        "journeys.change",
        "journeys.run",
        "codes.view",
        "codes.change",
        "content.view",
        "content.edit",
        "content.approve",
        "experiments.view",
        "coupons.view",
        "coupons.change",
        "coupons.give",
        "coupons.redeem",
        "guard.view",
        "guard.appeal",
        "guard.decide",
        "guard.change",
        "guard.ask",
        "communities.view",
        "communities.change",
        "economics.view",
        "economics.change",
        "referral.view",
        "referral.invite",
        "referral.change",
        "groupbuy.view",
        "groupbuy.join",
        "groupbuy.change",
        "payments.view",
        "payments.take",
        "payments.refund",
        "visits.view",
        "visits.book",
        "visits.change",
        "membership.view",
        "membership.take",
        "membership.refund",
        "membership.change",
        "privacy.view",
        "privacy.answer",
        "privacy.erase",
        "review.decide",
        "staff.manage",
        "stores.manage",
        "settings.manage",
        "jobs.manage",
        "webhooks.manage",
        "keys.rotate",
        "backups.make",
        "audit.view",
        "audit.export",
    }
)

#: What belongs to no store: a role that is given by store or region cannot hold it.
CHAIN_PERMISSIONS = frozenset(
    {
        "channels.send",
        "journeys.view",
        "journeys.change",
        "journeys.run",
        "codes.change",
        "content.edit",
        "content.approve",
        "experiments.view",
        "coupons.change",
        "guard.change",
        "guard.ask",
        "economics.view",
        "economics.change",
        "referral.change",
        "groupbuy.change",
        "payments.view",
        "payments.refund",
        "membership.change",
        "privacy.view",
        "privacy.answer",
        "privacy.erase",
        "imports.run",
        "imports.undo",
        "settings.manage",
        "jobs.manage",
        "webhooks.manage",
        "keys.rotate",
        "backups.make",
        "audit.view",
        "audit.export",
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
        "channels.view",
        "codes.view",
        "content.view",
        "coupons.view",
        "coupons.give",
        "coupons.redeem",
        "guard.view",
        "guard.appeal",
        "communities.view",
        "communities.change",
        "referral.view",
        "referral.invite",
        "groupbuy.view",
        "groupbuy.join",
        "payments.take",
        "visits.view",
        "visits.book",
        "visits.change",
        "membership.view",
        "membership.take",
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
    "channels.send",
    "journeys.view",
    "journeys.change",
    "journeys.run",
    "codes.change",
    "content.edit",
    "content.approve",
    "experiments.view",
    "coupons.change",
    "guard.decide",
    "guard.change",
    "guard.ask",
    "economics.view",
    "economics.change",
    "referral.change",
    "groupbuy.change",
    "payments.view",
    "payments.refund",
    "membership.refund",
    "membership.change",
}

#: Permissions by role; the scope by store is the actor's own.
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": PERMISSIONS,
    "region_manager": _STORE | {"imports.view", "membership.refund"},
    "store_manager": _STORE,
    "operator": _OPERATOR,
    "analyst": frozenset(
        {
            "customers.view",
            "insight.view",
            "imports.view",
            "segments.view",
            "segments.edit",
            "segments.export",
            "channels.view",
            "journeys.view",
            "experiments.view",
            "codes.view",
            "content.view",
            "coupons.view",
            "guard.view",
            "communities.view",
            "economics.view",
            "referral.view",
            "groupbuy.view",
            "payments.view",
            "visits.view",
            "membership.view",
        }
    ),
    "compliance": frozenset(
        {
            "customers.view",
            "audit.view",
            "audit.export",
            "imports.view",
            "channels.view",
            "journeys.view",
            "content.view",
            "content.approve",
            "guard.view",
            "guard.appeal",
            "guard.decide",
            "guard.change",
            "economics.view",
            "referral.view",
            "privacy.view",
            "privacy.answer",
            "privacy.erase",
        }
    ),
    "auditor": frozenset(
        {
            "audit.view",
            "audit.export",
            "imports.view",
            "insight.view",
            "channels.view",
            "journeys.view",
            "experiments.view",
            "codes.view",
            "content.view",
            "coupons.view",
            "guard.view",
            "communities.view",
            "economics.view",
            "referral.view",
            "groupbuy.view",
            "payments.view",
            "visits.view",
            "membership.view",
            "privacy.view",
        }
    ),
}

#: What people call the named roles.
ROLE_TITLES = {
    "owner": N_("Owner"),
    "region_manager": N_("Area manager"),
    "store_manager": N_("Store manager"),
    "operator": N_("Operator"),
    "analyst": N_("Analyst"),
    "compliance": N_("Compliance"),
    "auditor": N_("Auditor"),
}

#: Roles that always see every store; the others see the stores that they are given.
CHAIN_WIDE_ROLES = frozenset({"owner", "operator", "analyst", "compliance", "auditor"})


#: How the key of an own role begins; its number in the store follows.
OWN_ROLE = "own-"


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
        role: name of a named role, ``"own-"`` and a number for an own one, or ``"system"``.
        store_ids: stores within reach; None means all of them.
        label: name for logs and screens.
        granted: permissions of an own role, or of a token; None: those of the named role.
        via: by what somebody acts who does not act in person, such as ``token:7``; the audit trail keeps it.
    """

    staff_id: int | None
    role: str
    store_ids: frozenset[int] | None
    label: str
    granted: frozenset[str] | None = None
    via: str = ""

    @classmethod
    def system(cls) -> Actor:
        """Return the actor for work that no person started."""
        return cls(staff_id=None, role="system", store_ids=None, label="system")

    @property
    def own_id(self) -> int:
        """Key of the member of staff for look-ups; 0, which nobody has, for the system and for nobody."""
        return self.staff_id or 0

    @property
    def permissions(self) -> frozenset[str]:
        """Everything that the actor may do."""
        if self.role == "system":
            return PERMISSIONS
        return ROLE_PERMISSIONS.get(self.role, frozenset()) if self.granted is None else self.granted & PERMISSIONS

    def can(self, permission: str) -> bool:
        """Return whether the actor holds the permission; an unknown permission is a programming error."""
        if permission not in PERMISSIONS:
            raise ValueError(f"there is no permission {permission!r}")
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise `NotAllowed` unless the actor holds the permission."""
        if not self.can(permission):
            raise NotAllowed(permission=permission)

    def reaches(self, store_id: int | None) -> bool:
        """Return whether something of the store is within the actor's reach."""
        return self.store_ids is None or store_id in self.store_ids

    def covers(self, *, permissions: frozenset[str], store_ids: frozenset[int] | None) -> bool:
        """Return whether the actor holds all of these permissions and reaches all of these stores (None: all there are).

        Nobody gives away, or takes from others, more than they have themselves.
        """
        if not permissions <= self.permissions:
            return False
        return self.store_ids is None or (store_ids is not None and store_ids <= self.store_ids)
