"""Pages behind printed channel codes: whom to add, which store, which group. Nobody logs in; where somebody is is kept nowhere."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from urllib.parse import urlsplit

import segno
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from yutang.codes import actions
from yutang.foundation.access import Actor
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.queries import organisation_setting
from yutang.kit.geography import Place
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.door import too_often, unknown
from yutang.risk import queries as guard
from yutang.wecom.way_book import WayPicture

#: Pages of codes of one address a minute; a shop's guests may share one address.
_MOST_PAGES = 600
#: The page looks again after so long while WeCom makes a code. Seconds.
_AGAIN = "3"


@login_not_required
@csrf_exempt
@require_safe
def landing(request: HttpRequest, token: str) -> HttpResponse:
    """Show who scanned a printed code whom to add."""
    if is_too_often(f"code:{address_of(request)}", most=_MOST_PAGES):
        return too_often(request)
    try:
        found = actions.open_printed(
            actor=Actor.system(),
            token=token,
            person=request.GET.get("p", ""),
            here=_place(request),
            method=str(request.method),
            headers=request.headers,
            now=datetime.now(UTC),
        )
    except actions.PrintedCodeIsUnknown:
        return unknown(request)
    context = {
        "found": found,
        "token": token,
        "organisation": str(organisation_setting(ORGANISATION_NAME)),
        "stores": [(one, _away(one.away_km)) for one in found.stores],
        "qr": _qr(found.picture),
        "is_located": any(one.away_km is not None for one in found.stores),
    }
    answer = render(request, "pages/code.html", context)
    if found.standing == "choose":
        # The browser asks whether the page may know where the phone is; the sorting is all that it is for.
        answer["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
    return _finished(answer, found.picture, is_waiting=found.standing == "waiting")


@login_not_required
@csrf_exempt
@require_safe
def group(request: HttpRequest, token: str) -> HttpResponse:
    """Show the code of the group into which a printed code leads."""
    if is_too_often(f"code:{address_of(request)}", most=_MOST_PAGES):
        return too_often(request)
    try:
        person = request.GET.get("p", "")
        found = actions.group_behind(actor=Actor.system(), token=token, person=person, now=datetime.now(UTC))
    except actions.PrintedCodeIsUnknown:
        return unknown(request)
    return group_page(request, found, to_code=reverse("code", args=[token]) if found.is_in_use else "")


def group_page(request: HttpRequest, found: actions.GroupBehind, *, to_code: str = "") -> HttpResponse:
    """Return the page with the code of a group; while that is being made, the page looks again.

    Args:
        request: of the phone.
        found: what is shown.
        to_code: where somebody else comes by a way of their own; empty: there is none.
    """
    context = {
        "found": found,
        "qr": _qr(found.picture),
        "to_code": to_code,
        "look": guard.another_look(key=found.ask, now=datetime.now(UTC)) if found.ask else None,
        "organisation": str(organisation_setting(ORGANISATION_NAME)),
    }
    answer = render(request, "pages/code_group.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    return _finished(answer, found.picture, is_waiting=found.standing == "waiting")


def _finished(answer: HttpResponse, picture: WayPicture | None, *, is_waiting: bool) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex"
    if is_waiting:
        answer["Refresh"] = _AGAIN
    if picture is not None and picture.picture_url:
        host = urlsplit(picture.picture_url).netloc
        answer["Content-Security-Policy"] = (
            f"default-src 'self'; img-src 'self' data: https://{host}; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
    return answer


def _qr(picture: WayPicture | None) -> str:
    """Return the picture of the sandbox: a QR code that leads to its page."""
    if picture is None or not picture.sandbox_url:
        return ""
    code = segno.make(picture.sandbox_url, error="m", micro=False)
    # Made here; segno escapes nothing into it but numbers.
    return mark_safe(code.svg_inline(border=3, omitsize=True, svgclass="qr", lineclass="qr-line"))  # noqa: S308


def _place(request: HttpRequest) -> Place | None:
    """Return where the phone says it is, to about a hundred metres; None where it says nothing that can be."""
    try:
        place = Place(round(float(request.GET["lat"]), 3), round(float(request.GET["lng"]), 3))
    except (KeyError, ValueError, OverflowError):
        return None
    return place if math.isfinite(place.latitude + place.longitude) and place.is_on_earth else None


def _away(km: float | None) -> str:
    if km is None:
        return ""
    if km < 1:
        return _("%(n)s m away") % {"n": max(50, round(km * 20) * 50)}
    return _("%(n)s km away") % {"n": f"{km:.1f}" if km < 10 else f"{km:.0f}"}
