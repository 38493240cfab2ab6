"""Every change of tokens: make, revoke, note that one was used."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import OperationalError, connection, transaction
from django.db.models import Q

from yutang.api.caller import digest_of
from yutang.api.models import KeptAnswer, Token, TokenKind
from yutang.api.reach import may_act_as, within_reach
from yutang.foundation.access import PERMISSIONS, Actor, NotAllowed
from yutang.foundation.actions import NoSuchStore
from yutang.foundation.audit import audit
from yutang.foundation.queries import MoreThanYouHave, staff_for, stores
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

LONGEST_DAYS = 3_650
USUAL_PER_MINUTE = 1_200
MOST_PER_MINUTE = 60_000
#: Answers to writing calls are kept so long.
ANSWERS_KEPT = timedelta(hours=24)
#: Last use is kept to the hour.
USE_NOTED_EVERY = timedelta(hours=1)
_PREFIXES = {TokenKind.PERSONAL: "ytp_", TokenKind.SERVICE: "yts_"}


class TokenNameIsWrong(DomainError):
    """A token has a name by which people know what it is for."""

    code: ClassVar[str] = "token_name_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Give the token a name of 1 to 80 characters that says what it is for.")


class PermissionIsUnknown(DomainError):
    """There is no such permission."""

    code: ClassVar[str] = "permission_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no permission “%(permission)s”. There are: %(permissions)s.")


class TokenNeedsPermissions(DomainError):
    """A service without permissions could do nothing."""

    code: ClassVar[str] = "token_needs_permissions"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say what the service may do, by one permission at least.")


class TokenWouldExceedItsMaker(DomainError):
    """Nobody gives away what they do not have."""

    code: ClassVar[str] = "token_would_exceed_its_maker"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_("You cannot give away a permission that you do not hold: %(permission)s.")


class TokenLimitsAreWrong(DomainError):
    """Days or calls a minute are out of range."""

    code: ClassVar[str] = "token_limits_are_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("A token lasts 1 to %(days)s days and makes 1 to %(calls)s calls a minute.")


class NoSuchToken(DomainError):
    """There is no such token, or it is somebody else's."""

    code: ClassVar[str] = "no_such_token"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no token %(token_id)s of yours.")


class TokenIsRevoked(DomainError):
    """It was revoked before."""

    code: ClassVar[str] = "token_is_revoked"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This token was revoked already.")


@dataclass(frozen=True)
class MadeToken:
    """A new token; `secret` is shown once and stored nowhere."""

    id: int
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class _Limits:
    """What narrows a token, checked."""

    permissions: list[str] | None
    store_ids: list[int] | None
    expires_at: datetime
    per_minute: int


def create_personal_token(
    *,
    actor: Actor,
    name: str,
    username: str = "",
    permissions: Collection[str] | None = None,
    store_codes: Collection[str] = (),
    days: int = 365,
    per_minute: int = USUAL_PER_MINUTE,
    now: datetime,
) -> MadeToken:
    """Make a token that acts as a member of staff, with that role and those stores, both as they are at each call.

    Args:
        actor: for whom it acts; for somebody else who may manage staff.
        name: what it is for. 1 to 80 characters.
        username: log-in name of the member of staff; empty: the actor.
        permissions: only these of the member's; None: all of them.
        store_codes: only these of the member's stores; none: all of them.
        days: how long it lasts. 1 to 3,650.
        per_minute: calls within one minute. 1 to 60,000.
        now: when. Aware UTC.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: it is for somebody else, and the actor does not manage staff.
        MoreThanYouHave: it is for somebody who may do or see more than the actor.
        PermissionIsUnknown: there is no such permission.
        NoSuchStore: a store does not exist within the actor's reach.
        TokenNameIsWrong: the name is empty or too long.
        TokenLimitsAreWrong: days or calls are out of range.
    """
    staff_id = staff_for(username=username).id if username else actor.staff_id
    if staff_id is None:
        raise NotAllowed(permission="staff.manage")
    if staff_id != actor.staff_id:
        actor.require("staff.manage")
        # A token acts as its person: who makes one for somebody else could do all that they may.
        if not may_act_as(access=actor, staff_id=staff_id, now=now):
            raise MoreThanYouHave(permissions=[])
    limits = _checked(actor, permissions, store_codes, days, per_minute, now)
    return _made(actor, TokenKind.PERSONAL, name, staff_id, limits, now)


def create_service_token(
    *,
    actor: Actor,
    name: str,
    permissions: Collection[str],
    store_codes: Collection[str] = (),
    days: int = 365,
    per_minute: int = USUAL_PER_MINUTE,
    now: datetime,
) -> MadeToken:
    """Make a token for another system, with permissions of its own that stay when its maker leaves.

    Args:
        actor: who makes it; needs ``staff.manage``.
        name: what it is for. 1 to 80 characters.
        permissions: what it may do; none that the actor does not hold.
        store_codes: stores that it reaches; none: those of the actor.
        days: how long it lasts. 1 to 3,650.
        per_minute: calls within one minute. 1 to 60,000.
        now: when. Aware UTC.

    Raises:
        NotAllowed: the actor does not manage staff.
        TokenNeedsPermissions: no permission is named.
        PermissionIsUnknown: there is no such permission.
        TokenWouldExceedItsMaker: the actor does not hold one of them.
        NoSuchStore: a store does not exist within the actor's reach.
        TokenNameIsWrong: the name is empty or too long.
        TokenLimitsAreWrong: days or calls are out of range.
    """
    actor.require("staff.manage")
    limits = _checked(actor, permissions, store_codes, days, per_minute, now)
    if not limits.permissions:
        raise TokenNeedsPermissions
    for permission in limits.permissions:
        if not actor.can(permission):
            raise TokenWouldExceedItsMaker(permission=permission)
    if limits.store_ids is None and actor.store_ids is not None:
        limits = replace(limits, store_ids=sorted(actor.store_ids))
    return _made(actor, TokenKind.SERVICE, name, None, limits, now)


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> None:
    """End a token at once: one's own, or, for who manages staff, one that gives no more than they have.

    Raises:
        NoSuchToken: there is none, or it is somebody else's.
        TokenIsRevoked: it was revoked before.
    """
    if not Token.objects.filter(within_reach(access=actor, now=now), pk=token_id).exists():
        raise NoSuchToken(token_id=token_id)
    if not Token.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now):
        raise TokenIsRevoked
    audit(actor=actor, action="api.revoke_token", subject_type="token", subject_id=token_id, now=now)


def note_use(*, actor: Actor, token_id: int, now: datetime) -> None:
    """Keep the hour in which a token was last used; when the store is being written by somebody else, a later call keeps it."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    waits = connection.vendor == "sqlite" and not connection.in_atomic_block
    # A reading call must not wait behind an import for this.
    _set_patience(0 if waits else None)
    try:
        Token.objects.filter(stale, pk=token_id).update(last_used_at=now)
    except OperationalError:
        if not waits:
            raise
    finally:
        _set_patience(_PATIENCE_MS if waits else None)


def forget_answers(*, actor: Actor, now: datetime) -> int:
    """Delete the answers that were kept for a day, and return how many."""
    return KeptAnswer.objects.filter(answered_at__lt=now - ANSWERS_KEPT).delete()[0]


#: As `config.settings` sets it. Milliseconds.
_PATIENCE_MS = 20_000


def _set_patience(milliseconds: int | None) -> None:
    if milliseconds is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout={int(milliseconds)}")


def _checked(
    actor: Actor,
    permissions: Collection[str] | None,
    store_codes: Collection[str],
    days: int,
    per_minute: int,
    now: datetime,
) -> _Limits:
    for permission in permissions or ():
        if permission not in PERMISSIONS:
            raise PermissionIsUnknown(permission=permission, permissions=", ".join(sorted(PERMISSIONS)))
    within_reach = {store.code: store.id for store in stores(access=actor)}
    for code in sorted(set(store_codes) - set(within_reach)):
        raise NoSuchStore(store_code=code)
    if not (1 <= days <= LONGEST_DAYS and 1 <= per_minute <= MOST_PER_MINUTE):
        raise TokenLimitsAreWrong(days=LONGEST_DAYS, calls=MOST_PER_MINUTE)
    ids = sorted(within_reach[code] for code in set(store_codes))
    return _Limits(
        permissions=None if permissions is None else sorted(set(permissions)),
        store_ids=ids if store_codes else None,
        expires_at=now + timedelta(days=days),
        per_minute=per_minute,
    )


@transaction.atomic
def _made(actor: Actor, kind: TokenKind, name: str, staff_id: int | None, limits: _Limits, now: datetime) -> MadeToken:
    if not 0 < len(name.strip()) <= 80:
        raise TokenNameIsWrong
    secret = _PREFIXES[kind] + secrets.token_urlsafe(32)
    token = Token.objects.create(
        kind=kind,
        name=name.strip(),
        digest=digest_of(secret),
        hint=secret[-4:],
        staff_id=staff_id,
        made_by_id=actor.staff_id,
        permissions=limits.permissions,
        is_scoped=limits.store_ids is not None,
        per_minute=limits.per_minute,
        made_at=now,
        expires_at=limits.expires_at,
    )
    token.stores.set(limits.store_ids or [])
    told: dict[str, Any] = {
        "kind": str(kind),
        "name": token.name,
        "staff_id": staff_id,
        "permissions": limits.permissions,
    }
    told |= {"store_ids": limits.store_ids, "expires_at": limits.expires_at.isoformat()}
    audit(actor=actor, action="api.create_token", subject_type="token", subject_id=token.pk, detail=told, now=now)
    return MadeToken(token.pk, secret, limits.expires_at)
