"""The server API: tokens, permissions, limits and faults around the answers, in the order in which WeCom looks at them."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from yutang.connectors.sandbox.serving import Reply
from yutang.connectors.wecom.simulator import answers
from yutang.connectors.wecom.simulator.acts_people import NotPossible
from yutang.connectors.wecom.simulator.asked import ANSWERS, Answer, Asked, File, Refused
from yutang.connectors.wecom.simulator.faults import Fault, Faults
from yutang.connectors.wecom.simulator.throttle import Throttle
from yutang.connectors.wecom.simulator.world import App, World

__all__ = ["Gateway", "answers"]

_GETTOKEN = "gettoken"
_KEPT_CALLS = 2_000
#: Calls about one member and one customer that do not run side by side.
_ALONE = frozenset({"externalcontact/mark_tag"})
_WELCOME = "externalcontact/send_welcome_msg"


class Gateway:
    """Answers the API for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.throttle = Throttle()
        self.faults = Faults(seed=world.seed)
        self.calls: Counter[tuple[str, int]] = Counter()
        self.latest: deque[dict[str, Any]] = deque(maxlen=_KEPT_CALLS)
        self._tokens: dict[str, tuple[App, float]] = {}
        self._expired: set[str] = set()
        self._count = 0

    def reply(
        self, *, method: str, path: str, query: dict[str, str], body: bytes = b"", file: File | None = None
    ) -> Reply:
        """Return the answer to a request below ``cgi-bin/``."""
        struck = self.faults.strike(path)
        slow = sum(one.seconds for one in struck if one.kind == "slow")
        fault = next((one for one in struck if one.kind != "slow"), None)
        early = self._early(path, fault)
        if early is not None:
            _rest(slow)
            return early
        reply = self._answered(method, path, query, body, file, slow=slow)
        return Reply(None) if fault is not None and fault.kind == "drop_after" else reply

    def expire_tokens(self) -> None:
        """End all tokens early."""
        with self.world.lock:
            self._expired |= set(self._tokens)
            self._tokens.clear()

    def _early(self, path: str, fault: Fault | None) -> Reply | None:
        """Return what a fault puts in place of an answer."""
        if fault is None or fault.kind == "drop_after":
            return None
        if fault.kind == "drop_before":
            self._note(path, -2)
            return Reply(None)
        if fault.kind == "status":
            self._note(path, -3)
            return Reply(b"<html>bad gateway</html>", "text/html", fault.status)
        if fault.kind == "garbage":
            self._note(path, -4)
            return Reply(b"not json")
        errcode = fault.errcode
        if fault.kind == "limit":
            self.throttle.close(path, now=self.world.now(), seconds=fault.seconds)
            errcode = 45009
        empty = ANSWERS[path].empty if path in ANSWERS else {}
        return self._as_reply(path, Refused(errcode, "fault on order", **empty))

    def _answered(
        self, method: str, path: str, query: dict[str, str], body: bytes, file: File | None, *, slow: float
    ) -> Reply:
        empty: Mapping[str, Any] = {}
        try:
            if path == _GETTOKEN:
                _rest(slow)
                return self._as_reply(path, self._gettoken(query))
            answer = ANSWERS.get(path)
            if answer is None or method != answer.method:
                raise Refused(43001 if answer and answer.method == "GET" else 43002 if answer else 40066, "no such API")
            empty = answer.empty
            return self._as_reply(path, self._work(answer, query, body, file, slow=slow))
        except Refused as refusal:
            return self._as_reply(path, Refused(refusal.errcode, refusal.says, **{**empty, **refusal.empty}))

    def _work(
        self, answer: Answer, query: dict[str, str], body: bytes, file: File | None, *, slow: float
    ) -> dict[str, Any] | bytes:
        world = self.world
        app = self._app(query.get("access_token"))
        self.throttle.count(answer.path, rules=world.rules, now=world.now())
        if answer.path.startswith("externalcontact/") and not world.rules.allows_contacts:
            raise Refused(48002, "api forbidden")
        asked = Asked(answer.path, app, query, _body(body), file)
        with (
            self.throttle.inside(answer.path, at_once=world.rules.at_once),
            self.throttle.alone(_key(asked), 45035 if asked.path in _ALONE else 41096),
        ):
            _rest(slow)
            with world.lock:
                try:
                    return answer.function(world, asked)
                except NotPossible as error:
                    raise Refused(40058, str(error)) from error

    def _gettoken(self, query: dict[str, str]) -> dict[str, Any]:
        world = self.world
        for name, errcode in (("corpid", 41002), ("corpsecret", 41004)):
            if not query.get(name):
                raise Refused(errcode, f"{name} missing")
        if not world.rules.allows_address:
            raise Refused(60020, "not allow to access from your ip")
        if query["corpid"] != world.corp_id:
            raise Refused(40013, "invalid corpid")
        with world.lock:
            app = next((one for one in world.apps if one.secret == query["corpsecret"] and one.is_on), None)
            if app is None:
                raise Refused(40001, "invalid credential")
            self.throttle.count(_GETTOKEN, rules=world.rules, now=world.now())
            return self._token_of(app)

    def _token_of(self, app: App) -> dict[str, Any]:
        """Return the token of an app: the same one as long as it lives."""
        now = self.world.now()
        for value, (owner, expires_at) in self._tokens.items():
            if owner is app and expires_at > now:
                return {"access_token": value, "expires_in": int(expires_at - now)}
        self._expired |= {value for value, (owner, _) in self._tokens.items() if owner is app}
        self._tokens = {value: kept for value, kept in self._tokens.items() if kept[0] is not app}
        value = self.world.new_id("TOKEN", length=45) + self.world.new_id("", length=40)
        self._tokens[value] = (app, now + self.world.rules.token_seconds)
        return {"access_token": value, "expires_in": self.world.rules.token_seconds}

    def _app(self, token: str | None) -> App:
        if not token:
            raise Refused(41001, "access_token missing")
        if not self.world.rules.allows_address:
            raise Refused(60020, "not allow to access from your ip")
        found = self._tokens.get(token)
        if found is None:
            raise Refused(42001 if token in self._expired else 40014, "invalid access_token")
        app, expires_at = found
        if expires_at <= self.world.now():
            raise Refused(42001, "access_token expired")
        return app

    def _as_reply(self, path: str, found: dict[str, Any] | bytes | Refused) -> Reply:
        if isinstance(found, bytes):
            self._note(path, 0)
            return Reply(found, "application/octet-stream")
        if isinstance(found, Refused):
            self._note(path, found.errcode)
            answer = {"errcode": found.errcode, "errmsg": self._hint(found), **found.empty}
        else:
            self._note(path, 0)
            answer = {"errcode": 0, "errmsg": "ok", **found}
        return Reply(json.dumps(answer, ensure_ascii=False).encode())

    def _note(self, path: str, errcode: int) -> None:
        with self.world.lock:
            self.calls[path, errcode] += 1
            self._count += 1
            self.latest.append({"path": path, "errcode": errcode, "at": self.world.now()})

    def _hint(self, refusal: Refused) -> str:
        """Return an error text with a hint that is another one each time, so that nobody matches on it."""
        hint = hashlib.sha256(f"{self._count}".encode()).hexdigest()[:32]
        return f"{refusal.says}, hint: [{int(self.world.now())}_{self._count}_{hint}], from ip: 127.0.0.1"


def _rest(seconds: float) -> None:
    if seconds:
        time.sleep(seconds)


def _body(raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        read = json.loads(raw)
    except ValueError as error:
        raise Refused(47001, "data format error") from error
    if not isinstance(read, dict):
        raise Refused(47001, "data format error")
    return read


def _key(asked: Asked) -> tuple[str, str] | None:
    """Return what a call must be alone with."""
    if asked.path in _ALONE:
        return str(asked.body.get("userid")), str(asked.body.get("external_userid"))
    return (asked.path, str(asked.body.get("welcome_code"))) if asked.path == _WELCOME else None
