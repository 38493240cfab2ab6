"""Who visits a page, as far as WeChat said so: kept by the phone in a sealed cookie that nobody else can make or read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from yutang.customers import actions, queries
from yutang.foundation.access import Actor
from yutang.pages.cookies import forget, keep
from yutang.pages.signed import SignedLinkIsOver, SignedLinkIsUnknown, read, sign

_COOKIE, _PURPOSE = "yutang_visitor", "visitor"
_LASTS = timedelta(days=30)
_PARTS = 3


@dataclass(frozen=True)
class Visitor:
    """A visitor whom WeChat told.

    Attributes:
        app_id: of the official account by which they came.
        openid: within it.
        unionid: over all accounts of one owner; empty: not told.
    """

    app_id: str
    openid: str
    unionid: str = ""


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Return who visits; None where the phone was told nothing, or too long ago."""
    token = request.COOKIES.get(_COOKIE, "")
    if not token:
        return None
    try:
        told = read(token, _PURPOSE).ref.split(" ")
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return None
    return Visitor(*told) if len(told) == _PARTS else None


def keep_visitor(response: HttpResponse, visitor: Visitor, *, now: datetime) -> HttpResponse:
    """Let the phone keep who visits."""
    token = sign(_PURPOSE, f"{visitor.app_id} {visitor.openid} {visitor.unionid}", until=now + _LASTS)
    return keep(response, _COOKIE, token, lasts=_LASTS)


def forget_visitor(response: HttpResponse) -> HttpResponse:
    """Let the phone forget who visited."""
    return forget(response, _COOKIE)


def known_person(visitor: Visitor) -> int | None:
    """Return whom the shop knows by the account; None where it knows nobody."""
    return queries.person_of_wechat(
        access=Actor.system(), app_id=visitor.app_id, openid=visitor.openid, unionid=visitor.unionid
    )


def met_person(visitor: Visitor, *, now: datetime) -> int:
    """Return whose account it is, made where the shop knows nobody by it: for who does something, and not only looks."""
    return actions.meet_by_wechat(
        actor=Actor.system(), app_id=visitor.app_id, openid=visitor.openid, unionid=visitor.unionid, now=now
    )


def is_in_wechat(request: HttpRequest) -> bool:
    """Return whether the page is opened within WeChat."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")
