"""Asking a visitor of a page who they are, by the official account of the merchant: the way there, and the exchange of what comes back.

Source: WeChat, official accounts, "网页授权": ``sns/oauth2/access_token``, scope ``snsapi_base`` (nobody is asked anything).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3

from yutang.connectors.wechat.errors import CodeIsNotValid, VisitorIsNobody, WeChatError, WeChatUnreachable

AUTHORIZE, API = "https://open.weixin.qq.com", "https://api.weixin.qq.com"
#: A code is made up, was used, is too old, or is none.
CODE_IS_WRONG, CODE_WAS_USED, CODE_IS_OLD, CODE_IS_MISSING = 40029, 40163, 42003, 41008
_NOT_VALID = frozenset({CODE_IS_WRONG, CODE_WAS_USED, CODE_IS_OLD, CODE_IS_MISSING})
_SECONDS = urllib3.Timeout(connect=3, read=8)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")


@dataclass(frozen=True)
class Account:
    """An official account.

    Attributes:
        app_id: AppID.
        secret: AppSecret.
        authorize_url: where visitors are led, without a slash at the end.
        api_url: where codes are exchanged, without a slash at the end.
    """

    app_id: str
    secret: str = field(repr=False)
    authorize_url: str = AUTHORIZE
    api_url: str = API


@dataclass(frozen=True)
class WeChatUser:
    """Who a visitor is.

    Attributes:
        openid: within the official account.
        unionid: over all accounts of one owner; empty where the account is bound to none.
    """

    openid: str
    unionid: str = ""


class OfficialAccount:
    """An official account, shared by threads."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._pool = urllib3.PoolManager(maxsize=4, retries=False, timeout=_SECONDS)

    @property
    def app_id(self) -> str:
        """AppID of the account."""
        return self.account.app_id

    def authorize_address(self, *, back: str, state: str) -> str:
        """Return where a visitor is led, who comes back with a code and the state.

        Args:
            back: whole address of the page to which they come back; its host stands in the settings of the account.
            state: by which the page knows that it sent them. At most 128 letters and digits.
        """
        # WeChat looks at the order of the parameters and at the fragment.
        asked = {
            "appid": self.app_id,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self.account.authorize_url}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"

    def user_behind(self, code: str) -> WeChatUser:
        """Exchange a code, which can be done once and within five minutes, and return who came back with it.

        Raises:
            CodeIsNotValid: it is made up, was used, or is too old.
            VisitorIsNobody: WeChat gives a made-up account while it shows a snapshot of the page.
            WeChatUnreachable: no answer came that can be read.
            WeChatError: WeChat refused otherwise.
        """
        if not _CODE.fullmatch(code):
            raise CodeIsNotValid(wechat_code=CODE_IS_WRONG)
        told = self._told(code)
        wechat_code = told.get("errcode") or 0
        if wechat_code in _NOT_VALID:
            raise CodeIsNotValid(wechat_code=int(wechat_code))
        if wechat_code:
            raise WeChatError(wechat_code=int(wechat_code))
        if told.get("is_snapshotuser"):
            raise VisitorIsNobody
        openid, unionid = str(told.get("openid") or ""), str(told.get("unionid") or "")
        if not _ID.fullmatch(openid) or (unionid and not _ID.fullmatch(unionid)):
            raise WeChatUnreachable
        return WeChatUser(openid, unionid)

    def _told(self, code: str) -> dict[str, Any]:
        asked = {
            "appid": self.app_id,
            "secret": self.account.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            answer = self._pool.request(
                "GET", f"{self.account.api_url}/sns/oauth2/access_token", fields=asked, redirect=False
            )
            told = orjson.loads(answer.data)
        except (urllib3.exceptions.HTTPError, orjson.JSONDecodeError):
            # What urllib3 says names the address, which holds the secret.
            raise WeChatUnreachable from None
        return told if isinstance(told, dict) else {}
