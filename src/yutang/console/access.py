"""Who is asking: the actor behind a request, and the rule that stands before every room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from yutang.foundation.access import Actor
from yutang.foundation.queries import actor_for


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


def room(permission: str | None) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Let a view in only for a person whose role holds the permission; None is for what every member of staff may do."""

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Answer:
            request.actor = getattr(request, "actor", None) or actor_of(request)
            request.now = timezone.now()
            if permission is not None:
                request.actor.require(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
