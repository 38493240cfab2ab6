"""Who else may approve what somebody wrote."""

from __future__ import annotations

from yutang.content.models import Version
from yutang.foundation.access import ROLE_PERMISSIONS, Actor
from yutang.foundation.models import Staff

_APPROVES = "content.approve"


def who_else_approves(version: Version, *, actor: Actor) -> tuple[str, ...]:
    """Return who must decide in an actor's place: others who really can, where the actor wrote or asked; nobody else otherwise.

    Who wrote and who asked both wait for a third who can. Where there is none, whoever asked for what another wrote decides, so that
    four eyes see it all the same; the writer decides where nobody else can at all. The system writes and approves what comes with the
    product, or what whoever runs the server asks for.
    """
    if actor.staff_id is None or actor.staff_id not in {version.written_by_id, version.asked_by_id}:
        return ()
    others = Staff.objects.filter(is_active=True).exclude(pk=actor.staff_id).select_related("own_role").order_by("id")
    able = [one for one in others if _approves(one) and one.can_log_in]
    thirds = [one for one in able if one.pk not in {version.written_by_id, version.asked_by_id}]
    if not thirds and actor.staff_id != version.written_by_id:
        return ()
    return tuple(one.display_name for one in thirds or able)


def _approves(staff: Staff) -> bool:
    held = staff.own_role.held if staff.own_role else ROLE_PERMISSIONS.get(staff.role, frozenset())
    return _APPROVES in held
