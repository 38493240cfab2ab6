"""Browsers in which staff are logged in: known again, told of when new, ended; for the room's own actions and queries."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from yutang.foundation.models import StaffSession

#: After so long without a page the time of the last page is written anew.
SEEN_EVERY = timedelta(minutes=5)
#: So long it is kept that a session was.
KEPT_FOR = timedelta(days=180)
LONGEST_AGENT = 300


def end_all_sessions(staff_id: int, *, but: str = "", now: datetime) -> int:
    """End the sessions of a person and return how many that were.

    Args:
        staff_id: whose.
        but: key of a session that goes on.
        now: aware UTC.
    """
    going_on = StaffSession.objects.filter(staff_id=staff_id, ended_at=None).exclude(session_key="")
    return end_sessions_by_key(list(going_on.exclude(session_key=but).values_list("session_key", flat=True)), now=now)


def end_sessions_by_key(keys: list[str], *, now: datetime) -> int:
    """End the sessions with these keys, none of which is empty, and return how many were going on."""
    ended = StaffSession.objects.filter(session_key__in=keys, ended_at=None).update(ended_at=now, session_key="")
    Session.objects.filter(session_key__in=keys).delete()
    return ended


def forget_sessions_before(now: datetime) -> int:
    """Drop what Django keeps of sessions that are over, and what is older than `KEPT_FOR`; return how many records that were."""
    over, _ = Session.objects.filter(expire_date__lt=now).delete()
    StaffSession.objects.filter(ended_at=None, seen_at__lt=now - timedelta(days=15)).update(
        ended_at=now, session_key=""
    )
    old, _ = StaffSession.objects.filter(seen_at__lt=now - KEPT_FOR).delete()
    return over + old
