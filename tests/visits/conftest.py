"""Stores that take bookings, people to come, and instants of a quiet week."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import people
from yutang.foundation.access import Actor
from yutang.visits import actions
from yutang.visits.views import BookingView, Hours, Terms

__all__ = ["people"]
SYSTEM = Actor.system()
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Ten to twelve and two to six, every day.
WEEK = tuple(
    Hours(weekday, time(opens), time(closes)) for weekday in range(7) for opens, closes in ((10, 12), (14, 18))
)
TERMS = Terms(slot_minutes=60, capacity=2, hours=WEEK)
#: Tomorrow at ten in Shanghai; `NOW` is a Wednesday at ten there.
TEN = datetime(2026, 3, 12, 10, tzinfo=SHANGHAI)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def opened(store: Any, **parts: Any) -> Any:
    """Let a store take bookings, and return it."""
    terms = Terms(**{**vars(TERMS), **parts})
    actions.change_terms(actor=SYSTEM, store_id=store.pk, terms=terms, now=NOW)
    return store


def booked(store: Any, customer_id: int, at: datetime = TEN, *, key: str = "", **more: Any) -> BookingView:
    """Book a visit."""
    own = {"actor": SYSTEM, "source": "", "now": NOW, **more}
    return actions.book(key=key or f"k{customer_id}:{at}", customer_id=customer_id, store_id=store.pk, at=at, **own)
