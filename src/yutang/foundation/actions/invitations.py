"""Links by which somebody sets the own password: made, and used once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.actions.staff import give_password, other_staff
from yutang.foundation.audit import audit
from yutang.foundation.models import Invitation, Staff
from yutang.foundation.people import InvitationIsOver, invited_by
from yutang.foundation.roles import actor_for
from yutang.foundation.sealing import digest16
from yutang.foundation.sessions import end_all_sessions
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: So long a link holds.
HOLDS_FOR = timedelta(hours=72)


class PersonIsBarred(DomainError):
    """Who may not log in gets no link."""

    code: ClassVar[str] = "person_is_barred"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(username)s is barred from logging in. Let them in again first.")


@transaction.atomic
def make_invitation(*, actor: Actor, username: str, now: datetime) -> str:
    """Return the secret of a new link for a person; one that was made before no longer holds.

    The present password goes on holding until the link is used.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
        NotOnOneself: it is the actor, who changes the own password instead.
        PersonIsBarred: the person may not log in.
    """
    staff = other_staff(actor, username)
    if not staff.is_active:
        raise PersonIsBarred(username=username)
    secret = secrets.token_urlsafe(32)
    facts = {
        "digest": digest16("invitation", "", secret),
        "made_by_id": actor.staff_id,
        "made_at": now,
        "expires_at": now + HOLDS_FOR,
        "used_at": None,
    }
    Invitation.objects.update_or_create(staff=staff, defaults=facts)
    audit(actor=actor, action="staff.invited", subject_type="staff", subject_id=staff.pk, now=now)
    return secret


@transaction.atomic
def accept_invitation(*, actor: Actor, secret: str, password: str, now: datetime) -> str:
    """Set the password of who was given the link, end what sessions they had, and return their log-in name.

    Nobody is logged in yet: the person who was invited acts, whoever the actor is.

    Raises:
        InvitationIsOver: the link was used, replaced, or is too old.
        PasswordIsTooWeak: the password would be guessed.
    """
    invited = invited_by(secret=secret, now=now)
    staff = Staff.objects.get(pk=invited.id)
    give_password(staff, password)
    rows = Invitation.objects.filter(staff=staff, digest=digest16("invitation", "", secret), used_at=None)
    # Of two who use it at once, one is too late.
    if not rows.update(used_at=now):
        raise InvitationIsOver
    staff.save(update_fields=["password"])
    end_all_sessions(staff.pk, now=now)
    audit(actor=actor_for(staff), action="staff.welcomed", subject_type="staff", subject_id=staff.pk, now=now)
    return staff.username
