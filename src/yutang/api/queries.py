"""What others may read of tokens, and who a shown token stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yutang.api.actions import USE_NOTED_EVERY
from yutang.api.caller import SERVICE_ROLE, Caller, digest_of
from yutang.api.models import Token, TokenKind
from yutang.api.reach import within_reach
from yutang.api.refusals import TokenHasEnded, TokenIsUnknown
from yutang.foundation.access import Actor
from yutang.foundation.queries import actor_for

#: Asked at every call: the ORM takes longer to write this down than the store to answer it.
_BY_DIGEST = "SELECT * FROM api_token WHERE digest = %s"


@dataclass(frozen=True)
class TokenView:
    """A token as people see it; the token itself is nowhere.

    Attributes:
        kind: ``personal`` or ``service``.
        hint: its last four characters.
        staff: display name of the member of staff for whom it acts; empty for a service.
        permissions: None: all that the member of staff holds.
        store_codes: None: every store, or those of the member of staff.
        last_used_at: to the hour; None: never.
        status: ``active``, ``expired`` or ``revoked``.
    """

    id: int
    kind: str
    name: str
    hint: str
    staff: str
    made_by: str
    permissions: tuple[str, ...] | None
    store_codes: tuple[str, ...] | None
    per_minute: int
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    status: str


def tokens(*, access: Actor, now: datetime) -> tuple[TokenView, ...]:
    """Return the actor's own tokens, and for who manages staff those that give no more than they have; the newest first."""
    rows = Token.objects.filter(within_reach(access=access, now=now)).order_by("-id")
    return tuple(_view(row, now) for row in rows.select_related("staff", "made_by").prefetch_related("stores"))


def caller_for(secret: str, *, now: datetime) -> Caller:
    """Return who calls with a token.

    Raises:
        TokenIsUnknown: nobody was given it.
        TokenHasEnded: it expired, was revoked, or its member of staff left.
    """
    token = next(iter(Token.objects.raw(_BY_DIGEST, [digest_of(secret)])), None)
    if token is None:
        raise TokenIsUnknown
    if token.revoked_at is not None or token.expires_at <= now or (token.staff and not token.staff.is_active):
        raise TokenHasEnded
    behind = actor_for(token.staff) if token.staff else Actor(None, SERVICE_ROLE, None, token.name)
    reach = behind.store_ids
    if token.is_scoped:
        stores = frozenset(store.pk for store in token.stores.all())
        reach = stores if reach is None else reach & stores
    return Caller(
        staff_id=behind.staff_id,
        role=behind.role,
        store_ids=reach,
        label=behind.label,
        via=f"token:{token.pk}",
        token_id=token.pk,
        granted=_granted(token, behind),
        per_minute=token.per_minute,
        use_is_noted=token.last_used_at is not None and now - token.last_used_at < USE_NOTED_EVERY,
    )


def _granted(token: Token, behind: Actor) -> frozenset[str]:
    """Return what the token gives: of a personal one no more than its member of staff may do now."""
    given = None if token.permissions is None else frozenset(token.permissions)
    if token.staff is None:
        return given or frozenset()
    return behind.permissions if given is None else behind.permissions & given


def _view(row: Token, now: datetime) -> TokenView:
    status = "revoked" if row.revoked_at else "expired" if row.expires_at <= now else "active"
    return TokenView(
        id=row.pk,
        kind=TokenKind(row.kind).value,
        name=row.name,
        hint=row.hint,
        staff=row.staff.display_name if row.staff else "",
        made_by=row.made_by.display_name if row.made_by else "",
        permissions=None if row.permissions is None else tuple(row.permissions),
        store_codes=tuple(store.code for store in row.stores.all()) if row.is_scoped else None,
        per_minute=row.per_minute,
        made_at=row.made_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        status=status,
    )
