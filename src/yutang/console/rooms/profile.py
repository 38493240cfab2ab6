"""My profile: name, language and theme, password, second factor, and where I am logged in."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console.access import SECOND_FACTOR_MARK, StaffRequest, room
from yutang.console.agents import device_words
from yutang.console.rooms.account import PasswordsDiffer
from yutang.console.sentences import spoken
from yutang.console.words import permission_rows, reach_words
from yutang.foundation import actions, queries
from yutang.kit.errors import DomainError


@room(None)
def profile(request: StaffRequest) -> HttpResponse:
    """Show everything that a person sets for themselves."""
    return _page(request)


@room(None)
@require_POST
def rename(request: StaffRequest) -> HttpResponse:
    """Change the name that others see."""
    actions.rename_oneself(actor=request.actor, display_name=request.POST.get("display_name", ""), now=request.now)
    messages.success(request, _("Your name was changed."))
    return redirect("profile")


@never_cache
@room(None)
def password(request: StaffRequest) -> HttpResponse:
    """Change the own password; all other sessions end."""
    if request.method != "POST":
        return redirect("profile")
    given = request.POST
    key = request.session.session_key or ""
    try:
        if given.get("password") != given.get("again"):
            raise PasswordsDiffer
        actions.change_own_password(
            actor=request.actor,
            present=given.get("present", ""),
            password=given.get("password", ""),
            session_key=key,
            now=request.now,
        )
    except DomainError as refusal:
        return _page(request, password_error=spoken(refusal.sentence), status=refusal.http_status)
    _go_on(request)
    messages.success(request, _("Your password was changed. All other sessions have ended."))
    return redirect("profile")


@never_cache
@room(None, before_second_factor=True)
def second_factor(request: StaffRequest) -> HttpResponse:
    """Set the second factor up: scan, confirm by a first code, keep the recovery codes."""
    standing = queries.second_factor_of(access=request.actor)
    if standing.confirmed_at is not None:
        return redirect("profile")
    error, status = "", 200
    if request.method == "POST":
        try:
            codes = actions.confirm_second_factor(
                actor=request.actor,
                code=request.POST.get("code", ""),
                session_key=request.session.session_key or "",
                now=request.now,
            )
        except DomainError as refusal:
            error, status = spoken(refusal.sentence), refusal.http_status
        else:
            request.session[SECOND_FACTOR_MARK] = True
            # Whoever knew the key of the session before knows nothing of the one that has given a second factor.
            before = request.session.session_key or ""
            request.session.cycle_key()
            _follow(request, before)
            return _codes(request, codes)
    draft = actions.begin_second_factor(actor=request.actor, now=request.now)
    context = {
        "picture": _picture(draft.address),
        "secret": " ".join(draft.secret[at : at + 4] for at in range(0, len(draft.secret), 4)),
        "error": error,
        "is_required": standing.is_required,
    }
    return render(request, "console/profile/second_factor.html", context, status=status)


@never_cache
@room(None)
@require_POST
def remove_second_factor(request: StaffRequest) -> HttpResponse:
    """Take the own second factor off."""
    given = request.POST.get("password", "")
    actions.remove_second_factor(actor=request.actor, password=given, now=request.now)
    request.session.pop(SECOND_FACTOR_MARK, None)
    messages.success(request, _("The second factor was taken off."))
    return redirect("profile")


@never_cache
@room(None)
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes and show them once; who comes back to the address later sees none."""
    if request.method != "POST":
        return redirect("profile")
    given = request.POST.get("password", "")
    return _codes(request, actions.renew_recovery_codes(actor=request.actor, password=given, now=request.now))


@room(None)
@require_POST
def end_session(request: StaffRequest, session_id: int) -> HttpResponse:
    """End one of the own sessions."""
    actions.end_session(actor=request.actor, session_id=session_id, now=request.now)
    messages.success(request, _("The session has ended."))
    return redirect("profile")


@room(None)
@require_POST
def end_other_sessions(request: StaffRequest) -> HttpResponse:
    """End all own sessions but this one."""
    key = request.session.session_key or ""
    ended = actions.end_other_sessions(actor=request.actor, session_key=key, now=request.now)
    messages.success(request, ngettext("%(n)s session has ended.", "%(n)s sessions have ended.", ended) % {"n": ended})
    return redirect("profile")


@room(None)
@require_POST
def confirm_device(request: StaffRequest, session_id: int) -> HttpResponse:
    """Write down that a new browser is the own one."""
    actions.confirm_device(actor=request.actor, session_id=session_id, now=request.now)
    messages.success(request, _("Thank you. This browser is known from now on."))
    return redirect("profile")


def _page(request: StaffRequest, *, password_error: str = "", status: int = 200) -> HttpResponse:
    key = request.session.session_key or ""
    sessions = queries.own_sessions(access=request.actor, session_key=key)
    context = {
        "staff": request.user,
        "reach": reach_words(request.actor),
        "permissions": permission_rows(request.actor.permissions),
        "second_factor": queries.second_factor_of(access=request.actor),
        "sessions": [_session(one) for one in sessions if not one.is_over],
        "news": [_session(one) for one in sessions if one.is_news and not one.is_this],
        "others": sum(not one.is_over and not one.is_this for one in sessions),
        "password_error": password_error,
    }
    return render(request, "console/profile/page.html", context, status=status)


def _session(one: queries.SessionView) -> dict[str, Any]:
    return {"one": one, "device": device_words(one.agent)}


def _codes(request: StaffRequest, codes: tuple[str, ...]) -> HttpResponse:
    return render(request, "console/profile/codes.html", {"codes": codes})


def _go_on(request: StaffRequest) -> None:
    """Let this session go on under a new key after the password has changed."""
    staff: Any = request.user
    staff.refresh_from_db()
    before = request.session.session_key or ""
    update_session_auth_hash(request, staff)
    _follow(request, before)


def _follow(request: StaffRequest, before: str) -> None:
    """Keep the session that had another key before in the list of sessions."""
    after = request.session.session_key or ""
    actions.rename_session(actor=request.actor, before=before, after=after, now=request.now)


def _picture(address: str) -> str:
    """Return a QR code as SVG that needs no style of its own."""
    code = segno.make(address, error="m", micro=False)
    # Made here from what the store holds; segno escapes nothing into it but numbers.
    return mark_safe(code.svg_inline(border=3, omitsize=True, svgclass="qr", lineclass="qr-line"))  # noqa: S308
