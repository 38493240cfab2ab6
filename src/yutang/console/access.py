"""Who is asking: the actor behind a request, and the rule that stands before every room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from yutang.foundation.access import Actor
from yutang.foundation.queries import actor_for, has_second_factor, needs_second_factor
from yutang.foundation.replica import reads_reports

#: In a session: the person came in with, or set up, a second factor.
SECOND_FACTOR_MARK = "second_factor"


class StaffRequest(HttpRequest):
    """A request of a person who is logged in; `room` fills in who that is and when it came."""

    actor: Actor
    htmx: HtmxDetails
    now: datetime


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of the person who is logged in."""
    staff: Any = request.user
    return (
        actor_for(staff)
        if staff.is_authenticated
        else Actor(staff_id=None, role="nobody", store_ids=frozenset(), label="")
    )


Answer = TypeVar("Answer", bound=HttpResponseBase)


def room(
    permission: str | None, *further: str, before_second_factor: bool = False
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Let a view in only for a person whose role holds the permission; None is for what every member of staff may do.

    Args:
        permission: what the role needs.
        further: what it needs besides.
        before_second_factor: whether the view is open to who must still set up a second factor.
    """
    permissions = (() if permission is None else (permission,)) + further

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Answer:
            request.actor = getattr(request, "actor", None) or actor_of(request)
            request.now = timezone.now()
            if not before_second_factor and must_set_up_second_factor(request):
                return _to_second_factor(request)  # type: ignore[return-value]
            for needed in permissions:
                request.actor.require(needed)
            # A list that leaves as a table is a report.
            is_sheet = request.method == "GET" and request.GET.get("as") == "csv"
            return (reads_reports(view) if is_sheet else view)(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.permissions = frozenset(permissions)  # type: ignore[attr-defined]
        return guarded

    return decorate


def must_set_up_second_factor(request: StaffRequest) -> bool:
    """Return whether the person's role needs a second factor and there is none yet."""
    # Who came in with one is not asked about on each page.
    if request.session.get(SECOND_FACTOR_MARK):
        return False
    needs = needs_second_factor(access=request.actor)
    return needs and not has_second_factor(staff_id=request.actor.staff_id or 0)


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    address = reverse("profile-second-factor")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
