"""Changes of sessions: begun, seen, ended, and new browsers told of."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.actions.staff import other_staff
from yutang.foundation.audit import audit
from yutang.foundation.models import StaffSession
from yutang.foundation.people import SessionView, session_view
from yutang.foundation.sealing import digest16
from yutang.foundation.sessions import LONGEST_AGENT, end_all_sessions, end_sessions_by_key
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchSession(DomainError):
    """The session is none of the actor's, or has ended."""

    code: ClassVar[str] = "no_such_session"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no such session of yours any more.")


@transaction.atomic
def begin_session(*, actor: Actor, session_key: str, device: str, agent: str, address: str, now: datetime) -> bool:
    """Write down that the actor logged in, and return whether in a browser that they never used before.

    Args:
        actor: who logged in.
        session_key: key of the session.
        device: what the browser keeps to be known again.
        agent: what the browser says of itself.
        address: network address it came from.
        now: aware UTC.
    """
    before = StaffSession.objects.filter(staff_id=actor.own_id)
    mark = _device_of(actor, device)
    # Somebody's very first log-in is no news to anybody.
    is_news = before.exists() and not before.filter(device=mark).exists()
    row = _write(actor, session_key, mark, agent, address, now, is_news=is_news)
    action = "staff.new_device" if is_news else "staff.logged_in"
    audit(actor=actor, action=action, subject_type="session", subject_id=row.pk, detail={"agent": row.agent}, now=now)
    return is_news


@transaction.atomic
def see_session(
    *, actor: Actor, session_key: str, device: str, agent: str, address: str, now: datetime
) -> tuple[SessionView, ...]:
    """Write down that the actor was here, and return the new browsers of theirs that no other one was told of before."""
    mine = StaffSession.objects.filter(staff_id=actor.own_id, session_key=session_key)
    if not mine.update(seen_at=now, address=address[:45]):
        _write(actor, session_key, _device_of(actor, device), agent, address, now, is_news=False)
    news = StaffSession.objects.filter(staff_id=actor.own_id, is_news=True, told_at=None)
    others = list(news.exclude(session_key=session_key).order_by("id"))
    StaffSession.objects.filter(pk__in=[one.pk for one in others]).update(told_at=now)
    return tuple(session_view(one, session_key) for one in others)


@transaction.atomic
def rename_session(*, actor: Actor, before: str, after: str, now: datetime) -> None:
    """Follow a session of the actor that goes on under another key.

    Raises:
        NoSuchSession: there is none of theirs under the key of before.
    """
    rows = StaffSession.objects.filter(staff_id=actor.own_id, session_key=before, ended_at=None)
    if not before or not rows.update(session_key=after, seen_at=now):
        raise NoSuchSession


@transaction.atomic
def leave_session(*, actor: Actor, session_key: str, now: datetime) -> None:
    """Write down that the actor logged out."""
    if end_sessions_by_key([session_key] if session_key else [], now=now):
        audit(actor=actor, action="staff.logged_out", subject_type="staff", subject_id=actor.staff_id, now=now)


@transaction.atomic
def end_session(*, actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the actor's own sessions.

    Raises:
        NoSuchSession: it is none of theirs, or has ended.
    """
    row = StaffSession.objects.filter(pk=session_id, staff_id=actor.own_id, ended_at=None).first()
    if row is None:
        raise NoSuchSession
    end_sessions_by_key([row.session_key], now=now)
    # Whoever ends a new browser has answered whether it was theirs.
    StaffSession.objects.filter(pk=session_id).update(confirmed_at=now, told_at=now)
    audit(actor=actor, action="staff.session_ended", subject_type="session", subject_id=session_id, now=now)


@transaction.atomic
def end_other_sessions(*, actor: Actor, session_key: str, now: datetime) -> int:
    """End all sessions of the actor but the one at hand, and return how many that were."""
    ended = end_all_sessions(actor.staff_id, but=session_key, now=now) if actor.staff_id is not None else 0
    _note_ended(actor, actor.staff_id, ended, now)
    return ended


@transaction.atomic
def end_sessions_of(*, actor: Actor, username: str, now: datetime) -> int:
    """End all sessions of another member of staff, and return how many that were.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
        NotOnOneself: it is the actor.
    """
    staff = other_staff(actor, username)
    ended = end_all_sessions(staff.pk, now=now)
    _note_ended(actor, staff.pk, ended, now)
    return ended


@transaction.atomic
def confirm_device(*, actor: Actor, session_id: int, now: datetime) -> None:
    """Write down that a new browser was the actor's own.

    Raises:
        NoSuchSession: it is none of theirs.
    """
    row = StaffSession.objects.filter(pk=session_id, staff_id=actor.own_id, is_news=True)
    if not row.update(confirmed_at=now, told_at=now):
        raise NoSuchSession
    audit(actor=actor, action="staff.device_confirmed", subject_type="session", subject_id=session_id, now=now)


def _write(
    actor: Actor, session_key: str, mark: bytes, agent: str, address: str, now: datetime, *, is_news: bool
) -> StaffSession:
    facts = {
        "staff_id": actor.staff_id,
        "device": mark,
        "agent": agent[:LONGEST_AGENT],
        "address": address[:45],
        "began_at": now,
        "seen_at": now,
        "is_news": is_news,
    }
    # Two pages that are asked for at once write it once.
    row, _made = StaffSession.objects.get_or_create(session_key=session_key, defaults=facts)
    return row


def _device_of(actor: Actor, device: str) -> bytes:
    return digest16("device-of-staff", str(actor.staff_id), device)


def _note_ended(actor: Actor, staff_id: int | None, ended: int, now: datetime) -> None:
    detail = {"sessions": ended}
    audit(actor=actor, action="staff.sessions_ended", subject_type="staff", subject_id=staff_id, detail=detail, now=now)
