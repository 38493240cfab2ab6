"""Who else may approve what somebody wrote."""

from __future__ import annotations

from yutang.content.models import Version
from yutang.foundation.access import ROLE_PERMISSIONS, Actor
from yutang.foundation.models import Staff

_APPROVES = "content.approve"


def who_else_approves(version: Version, *, actor: Actor) -> tuple[str, ...]:
    """Return who must decide in an actor's place: others who may approve, where the actor wrote or asked; nobody else otherwise.

    The system writes and approves what comes with the product, or what whoever runs the server asks for.
    """
    if actor.staff_id is None or actor.staff_id not in {version.written_by_id, version.asked_by_id}:
        return ()
    others = Staff.objects.filter(is_active=True).exclude(pk=actor.staff_id).select_related("own_role").order_by("id")
    return tuple(one.display_name for one in others if _approves(one) and _can_log_in(one))


def _can_log_in(staff: Staff) -> bool:
    """Return whether somebody has a password: who was entered and never invited cannot be waited for."""
    return bool(staff.password) and staff.has_usable_password()


def _approves(staff: Staff) -> bool:
    held = staff.own_role.held if staff.own_role else ROLE_PERMISSIONS.get(staff.role, frozenset())
    return _APPROVES in held
