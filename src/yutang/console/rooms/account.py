"""Log-in, log-out, language and theme, and the way home."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.shell import MENU, THEME_COOKIE
from yutang.foundation import actions
from yutang.foundation.queries import actor_for

_YEAR = 365 * 24 * 3600


class LogIn(LoginView):
    """The log-in page; afterwards the console speaks the person's language in the person's theme."""

    template_name = "console/account/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in and set the person's language and theme, unless this browser has chosen already."""
        response = super().form_valid(form)
        staff: Any = self.request.user
        if settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            _keep(response, settings.LANGUAGE_COOKIE_NAME, staff.language)
        if THEME_COOKIE not in self.request.COOKIES:
            _keep(response, THEME_COOKIE, staff.theme)
        return response


@room(None)
def home(request: StaffRequest) -> HttpResponse:
    """Go to the first room that the person's role may enter."""
    for entry in MENU:
        if request.actor.can(entry.permission):
            return redirect(entry.name)
    return render(request, "console/account/nothing.html", status=403)


@login_not_required
@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in the browser and, for a person who is logged in, with their name."""
    wanted = request.POST.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    _remember(request, language=language, theme=None)
    return _keep(_back(request), settings.LANGUAGE_COOKIE_NAME, language)


@login_not_required
@require_POST
def change_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in the browser and, for a person who is logged in, with their name."""
    wanted = request.POST.get("theme", "")
    theme = wanted if wanted in actions.THEMES else "auto"
    _remember(request, language=None, theme=theme)
    return _keep(_back(request), THEME_COOKIE, theme)


def _remember(request: HttpRequest, *, language: str | None, theme: str | None) -> None:
    staff: Any = request.user
    if staff.is_authenticated:
        now = timezone.now()
        language, theme = language or staff.language or get_language(), theme or staff.theme
        actions.change_appearance(actor=actor_for(staff), language=language, theme=theme, now=now)


def _keep(response: HttpResponse, cookie: str, value: str) -> HttpResponse:
    response.set_cookie(
        cookie, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _back(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(address if ours else "/")
