"""The roles: what the named ones give, and those that the organisation puts together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed_rooms
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import permission_rows, role_label
from yutang.foundation import actions, queries
from yutang.foundation.access import CHAIN_PERMISSIONS
from yutang.kit.errors import DomainError


@room("staff.manage")
def roles(request: StaffRequest) -> HttpResponseBase:
    """Show every role, and in one table who may do what."""
    found = queries.roles()
    groups = permission_rows(frozenset())
    if sheet_asked(request):
        return sheet_answer(request, listed_rooms.of_roles(found, groups))
    context = {
        "roles": [{"one": one, "label": role_label(one.key, one.name)} for one in found],
        "groups": [
            {
                "title": group["title"],
                "rows": [{**row, "held": [row["code"] in one.permissions for one in found]} for row in group["rows"]],
            }
            for group in groups
        ],
        "columns": len(found) + 1,
    }
    return render(request, "console/staff/roles.html", context)


@room("staff.manage")
def new(request: StaffRequest) -> HttpResponse:
    """Put a role together, from nothing or from another one."""
    if request.method != "POST":
        model = {one.key: one for one in queries.roles()}.get(request.GET.get("like", ""))
        held = model.permissions & request.actor.permissions if model else frozenset()
        return _form(request, {"permissions": held, "is_chain_wide": bool(model and model.is_chain_wide)})
    try:
        actions.create_role(actor=request.actor, **_asked(request), now=request.now)
    except DomainError as refusal:
        return _form(request, _asked(request), error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("The role was made. Give it to people on the page of staff."))
    return redirect("staff-roles")


@room("staff.manage")
def one(request: StaffRequest, role_key: str) -> HttpResponse:
    """Show a role, and change it where it is an own one."""
    role = _role(role_key)
    values = {"name": role.name, "permissions": role.permissions, "is_chain_wide": role.is_chain_wide}
    if request.method != "POST":
        return _form(request, values, role=role)
    try:
        actions.change_role(actor=request.actor, key=role_key, **_asked(request), now=request.now)
    except DomainError as refusal:
        asked = _asked(request)
        return _form(request, asked, role=role, error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("The role was changed. It holds from everybody's next page on."))
    return redirect("staff-roles")


@room("staff.manage")
@require_POST
def delete(request: StaffRequest, role_key: str) -> HttpResponse:
    """Delete a role that nobody has."""
    _role(role_key)
    actions.delete_role(actor=request.actor, key=role_key, now=request.now)
    messages.success(request, _("The role was deleted."))
    return redirect("staff-roles")


def _role(key: str) -> queries.RoleView:
    try:
        return queries.role_by_key(key)
    except queries.NoSuchRole as refusal:
        raise Http404 from refusal


def _asked(request: StaffRequest) -> dict[str, Any]:
    given = request.POST
    return {
        "name": given.get("name", ""),
        "permissions": given.getlist("permissions"),
        "is_chain_wide": given.get("reach") == "chain",
    }


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    role: queries.RoleView | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    groups = permission_rows(frozenset(values["permissions"]))
    for group in groups:
        for row in group["rows"]:
            row["open"] = request.actor.can(row["code"])
            row["needs_chain"] = row["code"] in CHAIN_PERMISSIONS
    context = {
        "role": role,
        "label": role_label(role.key, role.name) if role else "",
        "values": values,
        "groups": groups,
        "error": error,
        "may_change": role is None
        or (
            not role.is_named
            and role.key != request.actor.role
            and request.actor.covers(
                permissions=role.permissions, store_ids=None if role.is_chain_wide else frozenset()
            )
        ),
        "sees_everything": request.actor.store_ids is None,
    }
    return render(request, "console/staff/role.html", context, status=status)
