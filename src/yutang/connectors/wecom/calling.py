"""One call of the API: a token, a free place, the exchange, and what each refusal makes the client do."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from yutang.connectors.wecom.clock import Clock, SystemClock
from yutang.connectors.wecom.errors import (
    RATE_LIMITED,
    AnswerUnreadable,
    RateLimited,
    Remedy,
    TooManyAtOnce,
    WeComError,
    error_of,
)
from yutang.connectors.wecom.gate import Gate
from yutang.connectors.wecom.ledgers import Ledger, MemoryLedger
from yutang.connectors.wecom.settings import WeComSettings
from yutang.connectors.wecom.tokens import MemoryTokens, TokenSource, TokenStore
from yutang.connectors.wecom.wire import Answer, Upload, Wire

#: Waits between tries, in seconds; each is multiplied by a random factor between 0.5 and 1.5.
_WAITS = (0.2, 0.6, 1.5, 3.0)
_GETTOKEN = "gettoken"


@dataclass(frozen=True)
class Api:
    """One call that the server offers.

    Attributes:
        path: below ``cgi-bin/``.
        method: GET or POST.
        once: doing it twice would be seen by somebody, or leave a second thing behind; it is repeated only when it is certain
            that nothing was done.
    """

    path: str
    method: Literal["GET", "POST"] = "POST"
    once: bool = False


class Caller:
    """Calls the API of one app; shared by threads.

    Args:
        settings: which app, where, how often.
        tokens: where tokens lie for all who share them.
        ledger: counts calls for all who share it.
        clock: what time it is.
    """

    def __init__(
        self,
        *,
        settings: WeComSettings,
        tokens: TokenStore | None = None,
        ledger: Ledger | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.gate = Gate()
        self._wire = Wire(settings)
        self._ledger = ledger if ledger is not None else MemoryLedger()
        self._tokens = TokenSource(
            key=hashlib.sha256(f"{settings.base_url} {settings.corp_id} {settings.secret}".encode()).hexdigest(),
            fetch=self._fetch_token,
            store=tokens if tokens is not None else MemoryTokens(),
            clock=self.clock,
        )

    def call(
        self,
        api: Api,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
    ) -> Mapping[str, Any]:
        """Call and return the JSON object that came back.

        Raises:
            WeComError: what was refused, after everything that may help was tried.
        """
        answer = self.answer(api, query=query, body=body, upload=upload)
        if answer.json is None:
            raise AnswerUnreadable(api=api.path, reason=answer.kind)
        return answer.json

    def answer(
        self,
        api: Api,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
    ) -> Answer:
        """Call and return what came back, also where it is not JSON."""
        token = self._tokens.token()
        tried, renewed, is_unsure = 0, False, False
        while True:
            tried += 1
            asked_at = self.clock.now()
            try:
                return self._try(api, {"access_token": token, **(query or {})}, body, upload)
            except WeComError as error:
                error.may_be_own = is_unsure
                is_unsure |= error.remedy is Remedy.REPEAT_IF_SAFE
                if error.remedy is Remedy.RENEW_TOKEN and not renewed:
                    token, renewed = self._tokens.renew(refused=token, asked_at=asked_at), True
                elif self._may_repeat(api, error) and tried < self.settings.tries:
                    self._back_off(api, error, tried)
                else:
                    raise

    def _try(self, api: Api, query: Mapping[str, Any], body: Mapping[str, Any] | None, upload: Upload | None) -> Answer:
        at_once = self.settings.limits_of(api.path).at_once
        with self.gate.place(api.path, at_once=at_once), self._turn(api, at_once):
            # Looked at last, so that nobody who waited for their turn calls what was closed meanwhile.
            self._wait_for_place(api)
            answer = self._wire.exchange(method=api.method, api=api.path, query=query, body=body, upload=upload)
            # A refusal is in the ledger before the next one has the turn: a limit is met by one call, whoever calls.
            self._refuse(api, answer, body)
        return answer

    def _turn(self, api: Api, at_once: int) -> contextlib.AbstractContextManager[None]:
        """Return the turn of a call among all who share the ledger; where several may run at once nobody waits for one."""
        if at_once > 1:
            return contextlib.nullcontext()
        return self._ledger.alone(corp_id=self.settings.corp_id, api=api.path)

    def _refuse(self, api: Api, answer: Answer, body: Mapping[str, Any] | None) -> None:
        """Raise what the code of an answer means."""
        corp = self.settings.corp_id
        errcode = 0 if answer.json is None else answer.json.get("errcode", 0)
        if not isinstance(errcode, int):
            raise AnswerUnreadable(api=api.path, reason="errcode")
        if errcode == RATE_LIMITED:
            self._raise_limited(api, self._ledger.close(corp_id=corp, api=api.path, now=self.clock.now()))
        self._ledger.reopen(corp_id=corp, api=api.path)
        if errcode:
            raise error_of(errcode=errcode, api=api.path, request=shape_of(body or {}))

    def _wait_for_place(self, api: Api) -> None:
        """Take a place in the ledger; wait for one as long as the settings allow."""
        patience = self.settings.patience_seconds
        while True:
            wait = self._ledger.take(
                corp_id=self.settings.corp_id,
                api=api.path,
                limits=self.settings.limits_of(api.path),
                now=self.clock.now(),
            )
            if wait <= 0:
                return
            if wait > patience:
                self._raise_limited(api, wait)
            self.clock.sleep(wait)
            patience -= wait

    def _raise_limited(self, api: Api, seconds: float) -> None:
        again = datetime.fromtimestamp(self.clock.now() + seconds, UTC)
        raise RateLimited(
            api=api.path, errcode=RATE_LIMITED, retry_at=again.isoformat(timespec="seconds"), seconds=seconds
        )

    def _may_repeat(self, api: Api, error: WeComError) -> bool:
        return error.remedy is Remedy.BACK_OFF or (error.remedy is Remedy.REPEAT_IF_SAFE and not api.once)

    def _back_off(self, api: Api, error: WeComError, tried: int) -> None:
        if isinstance(error, TooManyAtOnce):
            self.gate.narrow(api.path)
        wait = _WAITS[min(tried, len(_WAITS)) - 1]
        self.clock.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the tries, no secret.

    def _fetch_token(self) -> tuple[str, float]:
        api = Api(_GETTOKEN, "GET")
        query = {"corpid": self.settings.corp_id, "corpsecret": self.settings.secret}
        for tried in range(1, self.settings.tries + 1):
            try:
                answer = self._try(api, query, None, None).json or {}
                return str(answer["access_token"]), float(answer["expires_in"])
            except (KeyError, TypeError, ValueError) as error:
                raise AnswerUnreadable(api=_GETTOKEN, reason="access_token") from error
            except WeComError as error:
                if not self._may_repeat(api, error) or tried == self.settings.tries:
                    raise
                self._back_off(api, error, tried)
        raise AssertionError("the last try returns or raises")

    @contextlib.contextmanager
    def alone_with(self, *key: str) -> Iterator[None]:
        """Keep other threads off the same thing while the block runs."""
        with self.gate.alone_with(*key):
            yield


def shape_of(body: Any) -> Any:
    """Return a request without what it says: names of fields, lengths of texts and lists."""
    if isinstance(body, Mapping):
        return {name: shape_of(value) for name, value in body.items()}
    if isinstance(body, (list, tuple)):
        return f"list of {len(body)}"
    return f"text of {len(body)}" if isinstance(body, str) else body
