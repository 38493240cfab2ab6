"""What an address that leads nowhere, a refused request and a fault of the software answer."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yutang.console.refusals import alone, refusal, title_of
from yutang.foundation.pooling import waited_in_vain


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read; its host may be wrong, so nothing of it is used."""
    text = _("The request could not be read. Open the page anew and try once more.")
    return alone(request, status=400, title=title_of(400), text=text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses."""
    text = _("This is not open to you. Ask the owner of the account if you need it.")
    return refusal(request, status=403, title=title_of(403), text=text)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or of an older session."""
    text = _(
        "This page was open for too long, or the browser keeps no cookies. Go back, load the page anew and send it again."
    )
    return refusal(request, status=403, title=_("The form has expired"), text=text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address at which there is nothing."""
    text = _("There is nothing at this address. It may be mistyped, or what was here is gone.")
    return refusal(request, status=404, title=title_of(404), text=text)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of the software; what is wrong stands in the log of the server."""
    if waited_in_vain(sys.exception()):
        text = _(
            "Too many people ask at once, or the database does not answer. Nothing was changed; try again in a few seconds."
        )
        answer = alone(request, status=503, title=_("Too busy right now"), text=text)
        answer["Retry-After"] = "5"
        return answer
    text = _(
        "A fault of the software, not of yours. Nothing that was saved is lost; the log of the server says what happened."
    )
    return alone(request, status=500, title=_("Something broke"), text=text)
