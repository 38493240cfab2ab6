"""Every read of requests about data that others may use."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.kit.text import Sentence
from yutang.privacy.erasing import NoSuchErasure, erasers_in_order
from yutang.privacy.models import DataRequest, Erasure, RequestState
from yutang.privacy.staying import STAYING
from yutang.privacy.views import ERASURE_TITLES, KIND_TITLES, STATE_TITLES, ErasureView, ReceiptLine, RequestView

__all__ = [
    "ERASURE_TITLES",
    "KIND_TITLES",
    "STATE_TITLES",
    "STAYING",
    "erasure",
    "erasures",
    "open_requests",
    "requests",
    "requests_of",
]

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


def erasures(*, access: Actor, most: int = 50) -> tuple[ErasureView, ...]:
    """Return the last erasures with their receipts, the latest first."""
    access.require("privacy.view")
    return tuple(_erasure(one) for one in Erasure.objects.select_related("asked_by").order_by("-id")[:most])


def erasure(*, access: Actor, erasure_id: int) -> ErasureView:
    """Return one erasure with its receipt.

    Raises:
        NoSuchErasure: there is none.
    """
    access.require("privacy.view")
    found = Erasure.objects.select_related("asked_by").filter(pk=erasure_id).first()
    if found is None:
        raise NoSuchErasure(erasure_id=erasure_id)
    return _erasure(found)


def _erasure(row: Erasure) -> ErasureView:
    receipt = tuple(
        ReceiptLine(one.room, one.title, row.receipt[one.room], one.kept)
        for one in erasers_in_order()
        if row.receipt.get(one.room)
    )
    return ErasureView(
        id=row.pk,
        number=row.number,
        records=len(row.people),
        reason=row.reason,
        state=row.state,
        stopped_by=Sentence.from_json(row.stopped_by) if row.stopped_by else None,
        asked_at=row.asked_at,
        asked_by=row.asked_by.display_name if row.asked_by else "",
        done_at=row.done_at,
        receipt=receipt,
    )


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
