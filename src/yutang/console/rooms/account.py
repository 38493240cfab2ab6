"""Log-in in two steps, log-out, the welcome by a link, language and theme, and the way home."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import load_backend, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console.access import SECOND_FACTOR_MARK, StaffRequest, actor_of, room
from yutang.console.sentences import spoken
from yutang.console.shell import MENU, THEME_COOKIE
from yutang.console.watch import browser_of, keep_device
from yutang.foundation import actions
from yutang.foundation.access import Actor
from yutang.foundation.queries import actor_for, has_second_factor, invited_by
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_YEAR = 365 * 24 * 3600
#: Of a log-in name. Characters.
_LONGEST_NAME = 80
#: In a session: who gave the right password and has still to give a code.
_HALF_WAY = "half_way"
#: So long the code may take. Seconds.
_HALF_WAY_FOR = 600


class LogInForm(AuthenticationForm):
    """Name and password."""

    def clean_username(self) -> str:
        """Return the name, cut where nobody's goes on: what counts the tries keeps no longer ones."""
        return str(self.cleaned_data["username"])[: _LONGEST_NAME + 1]


class LogIn(LoginView):
    """The log-in page; who has a second factor is asked for a code before anything is open."""

    form_class = LogInForm
    template_name = "console/account/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in, or ask for a code first."""
        staff = form.get_user()
        if not has_second_factor(staff_id=staff.pk):
            return _welcome(self.request, staff, staff.backend, self.get_success_url())
        # Whoever knew the key of the session before the password was given knows nothing now.
        self.request.session.cycle_key()
        self.request.session[_HALF_WAY] = {
            "staff": staff.pk,
            "backend": staff.backend,
            "hash": staff.get_session_auth_hash(),
            "next": self.get_success_url(),
            "at": int(timezone.now().timestamp()),
        }
        return redirect("login-code")


class LogOut(LogoutView):
    """Logs out, and says so in the list of sessions."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        if request.user.is_authenticated:
            key = request.session.session_key or ""
            actions.leave_session(actor=actor_of(request), session_key=key, now=timezone.now())
        return super().post(request, *args, **kwargs)


@never_cache
@login_not_required
def code(request: HttpRequest) -> HttpResponse:
    """Ask who gave the right password for a code of the app, or a recovery code."""
    staff = _half_way(request)
    if staff is None:
        request.session.pop(_HALF_WAY, None)
        return redirect("login")
    if request.method != "POST":
        return render(request, "console/account/code.html")
    try:
        actions.check_code(actor=actor_for(staff), code=request.POST.get("code", ""), now=timezone.now())
    except DomainError as refusal:
        context = {"error": spoken(refusal.sentence)}
        return render(request, "console/account/code.html", context, status=refusal.http_status)
    half = request.session.pop(_HALF_WAY)
    response = _welcome(request, staff, half["backend"], half["next"])
    request.session[SECOND_FACTOR_MARK] = True
    return response


class PasswordsDiffer(DomainError):
    """The password was written twice, in two ways."""

    code = "passwords_differ"
    http_status = 422
    message = N_("The two passwords differ. Write the same one twice.")


@never_cache
@login_not_required
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Let somebody who was given a link set the own password."""
    now, error, status = timezone.now(), "", 200
    invited = invited_by(secret=secret, now=now)
    if request.method == "POST":
        first, second = request.POST.get("password", ""), request.POST.get("again", "")
        try:
            if first != second:
                raise PasswordsDiffer
            actions.accept_invitation(actor=_nobody(), secret=secret, password=first, now=now)
        except DomainError as refusal:
            error, status = spoken(refusal.sentence), refusal.http_status
        else:
            messages.success(request, _("Your password is set. Log in with it now."))
            return redirect("login")
    context = {"invited": invited, "error": error}
    response = render(request, "console/account/welcome.html", context, status=status)
    # The address is the secret: it goes nowhere else.
    response["Referrer-Policy"] = "same-origin"
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


def _welcome(request: HttpRequest, staff: Any, backend: str, address: str) -> HttpResponse:
    """Log a person in, write the session down, and set their language and theme unless this browser has chosen already.

    Whoever comes for the first time has chosen no language yet: the one that their browser asks for is theirs from then on.
    """
    is_first = staff.last_login is None
    login(request, staff, backend=backend)
    facts, now = browser_of(request), timezone.now()
    actions.begin_session(actor=actor_for(staff), **facts, now=now)
    spoken_there = get_language_from_request(request)
    if is_first and spoken_there != staff.language:
        actions.change_appearance(actor=actor_for(staff), language=spoken_there, theme=staff.theme, now=now)
        staff.language = spoken_there
    # New browsers that others should hear of are told on the next page.
    response = keep_device(HttpResponseRedirect(address), facts["device"])
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep(response, settings.LANGUAGE_COOKIE_NAME, staff.language)
    if THEME_COOKIE not in request.COOKIES:
        _keep(response, THEME_COOKIE, staff.theme)
    return response


def _half_way(request: HttpRequest) -> Any:
    """Return who gave the right password within the last minutes; None where nobody did, or it has been changed since."""
    half = request.session.get(_HALF_WAY)
    if not half or timezone.now().timestamp() - half["at"] > _HALF_WAY_FOR:
        return None
    staff: Any = load_backend(half["backend"]).get_user(half["staff"])
    if staff is None or not constant_time_compare(staff.get_session_auth_hash(), half["hash"]):
        return None
    return staff


def _nobody() -> Actor:
    return Actor(staff_id=None, role="nobody", store_ids=frozenset(), label="")


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
