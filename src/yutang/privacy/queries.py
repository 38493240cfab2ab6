"""Every read of requests about data that others may use."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.privacy.models import DataRequest, RequestState
from yutang.privacy.views import KIND_TITLES, STATE_TITLES, RequestView

__all__ = ["KIND_TITLES", "STATE_TITLES", "open_requests", "requests", "requests_of"]

_MOST_ROWS = 500


def requests(*, access: Actor, state: str = "", now: datetime) -> tuple[RequestView, ...]:
    """Return what people asked, what is to be answered first, and of that what is due first.

    Args:
        access: needs ``privacy.view``.
        state: only those of a state; empty: all.
        now: by which it is told what is late. Aware UTC.
    """
    access.require("privacy.view")
    rows = DataRequest.objects.filter(state=state) if state else DataRequest.objects.all()
    is_open = rows.filter(state=RequestState.OPEN).order_by("due_date", "id")
    answered = rows.exclude(state=RequestState.OPEN).order_by("-answered_at", "-id")
    return (*_views(is_open[:_MOST_ROWS], now), *_views(answered[:_MOST_ROWS], now))


def requests_of(*, access: Actor, customer_id: int, now: datetime) -> tuple[RequestView, ...]:
    """Return what one person asked, the latest first, without the words."""
    access.require("privacy.view")
    return _views(DataRequest.objects.filter(customer_id=customer_id).order_by("-id")[:20], now, with_words=False)


def open_requests(*, access: Actor) -> int:
    """Return how many requests are to be answered."""
    access.require("privacy.view")
    return DataRequest.objects.filter(state=RequestState.OPEN).count()


def _views(rows: QuerySet[DataRequest], now: datetime, *, with_words: bool = True) -> tuple[RequestView, ...]:
    today = timezone.localtime(now).date()
    return tuple(
        RequestView(
            id=one.pk,
            kind=one.kind,
            customer_id=one.customer_id,
            words=str(unseal(one.sealed_words).get("words", "")) if with_words else "",
            state=one.state,
            asked_at=one.asked_at,
            due_date=one.due_date,
            is_late=one.state == RequestState.OPEN and one.due_date < today,
            answered_at=one.answered_at,
            answered_by=one.answered_by.display_name if one.answered_by else "",
            answer=one.answer,
        )
        for one in rows.select_related("answered_by")
    )
