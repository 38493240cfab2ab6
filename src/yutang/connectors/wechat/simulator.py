"""WeChat's authorising page and the exchange of its codes, played on this machine with the faults that they have.

The real page asks nobody anything. This one asks whom one plays.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from yutang.connectors.wechat.client import CODE_IS_MISSING, CODE_IS_OLD, CODE_IS_WRONG, CODE_WAS_USED, Account

#: The official account of the sandbox. Its secret protects nothing: whoever it lets in is made up.
APP_ID, SECRET = "wx5a4d0b0a7d0000a1", "sandbox-of-the-official-account"
AUTHORIZE, CHOSEN, EXCHANGE = "/connect/oauth2/authorize", "/connect/oauth2/as", "/sns/oauth2/access_token"
#: A code can be exchanged so long. Seconds.
LIFETIME = 300.0
_STATE = re.compile(r"[A-Za-z0-9]{0,128}")
_SCOPES = frozenset({"snsapi_base", "snsapi_userinfo"})
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "testserver"})
_MOST_CODES = 10_000


@dataclass(frozen=True)
class Player:
    """Somebody who can be played."""

    openid: str
    unionid: str
    name: str


@dataclass
class _Code:
    player: Player
    made_at: float
    is_used: bool = False


class NotAuthorised(Exception):
    """What the real page says instead of leading on: a code of its own and a sentence."""


class Authorising:
    """What the simulator keeps of who was led on.

    Args:
        players: who can be played.
        clock: seconds since 1970.

    Attributes:
        fault: ``errcode`` with which every exchange is refused; 0: none is.
        snapshots: whether the exchange tells made-up accounts, as for the snapshot of a page.
    """

    def __init__(self, *, players: Callable[[], Sequence[Player]], clock: Callable[[], float] = time.time) -> None:
        self._players, self._clock = players, clock
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()
        self.fault = 0
        self.snapshots = False

    def choices(self, query: dict[str, str]) -> list[tuple[str, str]]:
        """Return (name, address on this server) of whom the visitor may play.

        Raises:
            NotAuthorised: the real page would lead nowhere.
        """
        _check(query)
        told = {name: query[name] for name in ("redirect_uri", "state")}
        new = Player("", "", "")
        return [(one.name, f"{CHOSEN}?{urlencode({**told, 'openid': one.openid})}") for one in (*self._players(), new)]

    def led_back(self, query: dict[str, str]) -> str:
        """Return the address to which who was chosen comes back, with a fresh code.

        Raises:
            NotAuthorised: the address is none of ours, or nobody was chosen.
        """
        _check_back(query)
        openid = query.get("openid", "")
        player = next((one for one in self._players() if one.openid == openid), None)
        if openid and player is None:
            raise NotAuthorised("openid")
        back = query["redirect_uri"]
        told = urlencode({"code": self._code_of(player or _stranger()), "state": query.get("state", "")})
        return f"{back}{'&' if urlsplit(back).query else '?'}{told}"

    def exchanged(self, query: dict[str, str]) -> dict[str, Any]:
        """Return what the exchange answers."""
        if self.fault:
            return _refusal(self.fault, "made up")
        if query.get("appid") != APP_ID:
            return _refusal(40013, "invalid appid")
        if query.get("secret") != SECRET:
            return _refusal(40125, "invalid appsecret")
        if query.get("grant_type") != "authorization_code":
            return _refusal(40002, "invalid grant_type")
        if not query.get("code"):
            return _refusal(CODE_IS_MISSING, "missing code")
        return self._taken(query["code"])

    def _taken(self, written: str) -> dict[str, Any]:
        with self._lock:
            code = self._codes.get(written)
            if code is None:
                return _refusal(CODE_IS_WRONG, "invalid code")
            if code.is_used:
                return _refusal(CODE_WAS_USED, "code been used")
            if self._clock() - code.made_at > LIFETIME:
                return _refusal(CODE_IS_OLD, "code expired")
            code.is_used = True
        told: dict[str, Any] = {
            "access_token": secrets.token_hex(20),
            "expires_in": 7200,
            "refresh_token": secrets.token_hex(20),
            "openid": code.player.openid,
            "scope": "snsapi_base",
        }
        if code.player.unionid:
            told["unionid"] = code.player.unionid
        return {**told, "is_snapshotuser": 1} if self.snapshots else told

    def _code_of(self, player: Player) -> str:
        written = secrets.token_hex(16)
        with self._lock:
            while len(self._codes) >= _MOST_CODES:
                self._codes.pop(next(iter(self._codes)))
            self._codes[written] = _Code(player, self._clock())
        return written


def account_at(address: str) -> Account:
    """Return the official account of a sandbox.

    Args:
        address: where it listens, such as ``http://127.0.0.1:8790/``.
    """
    base = address.rstrip("/")
    return Account(APP_ID, SECRET, base, base)


def _check(query: dict[str, str]) -> None:
    if query.get("appid") != APP_ID:
        raise NotAuthorised("appid")
    if query.get("response_type") != "code" or query.get("scope") not in _SCOPES:
        raise NotAuthorised("scope")
    _check_back(query)


def _check_back(query: dict[str, str]) -> None:
    """Refuse addresses of other hosts, as WeChat refuses those that stand not in the settings of the account (10003)."""
    back = urlsplit(query.get("redirect_uri", ""))
    if (
        back.scheme not in {"http", "https"}
        or back.hostname not in _OWN_HOSTS
        or not _STATE.fullmatch(query.get("state", ""))
    ):
        raise NotAuthorised("redirect_uri")


def _stranger() -> Player:
    return Player(f"oS{secrets.token_hex(13)}", f"oN{secrets.token_hex(13)}", "")


def _refusal(wechat_code: int, said: str) -> dict[str, Any]:
    return {"errcode": wechat_code, "errmsg": said}
