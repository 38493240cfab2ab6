"""The merchant's official account in WeChat: the one that the environment names, else that of the sandbox where one is connected."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from yutang.connectors.wechat.client import Account, OfficialAccount
from yutang.connectors.wechat.simulator import account_at
from yutang.wecom.connecting import present_app
from yutang.wecom.models import ConnectionKind


def official_account() -> OfficialAccount | None:
    """Return the account by which a visitor of a page can say who they are; None where there is none."""
    named: dict[str, str] = settings.YUTANG_WECHAT
    if named["app_id"]:
        return _line(Account(named["app_id"], named["secret"], named["authorize_url"], named["api_url"]))
    app = present_app()
    if app is None or app.kind != ConnectionKind.SANDBOX or not app.page_url:
        return None
    return _line(account_at(app.page_url))


@lru_cache(maxsize=4)
def _line(account: Account) -> OfficialAccount:
    return OfficialAccount(account)
