"""Who a visitor is who came by WeChat, as far as anybody is known by it."""

from __future__ import annotations

from yutang.customers.known_people import digest_of_identifier, people_behind
from yutang.foundation.access import Actor


def person_of_wechat(*, access: Actor, app_id: str, openid: str, unionid: str = "") -> int | None:
    """Return whose WeChat account it is; None where nobody is known by it. The unionid counts first: friends in WeCom have it too.

    Args:
        access: needs ``customers.view`` for all stores: whoever asks holds the account of the person.
        app_id: of the official account.
        openid: within it.
        unionid: over all accounts of one owner; empty: not told.
    """
    access.require("customers.view")
    named = (("unionid", unionid, ""), ("openid", openid, scope_of(app_id)))
    digests = [digest_of_identifier(kind=kind, value=value, scope=scope) for kind, value, scope in named]
    wanted = [one for one in digests if one is not None]
    known = people_behind(digests=wanted)
    return next((known[one] for one in wanted if one in known), None)


def scope_of(app_id: str) -> str:
    """Return within what an openid of an official account is unique."""
    return f"wechat:{app_id}"
