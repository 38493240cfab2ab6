"""One call of a gateway over HTTP: what comes back as a JSON object, or a typed reason why nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import urllib3

from yutang.connectors.sms.errors import GatewayBusy, GatewayUnreachable, OutcomeUnknown

_POOLED = 16
_SECONDS = urllib3.Timeout(connect=5, read=15)


class Wire:
    """Connections to one gateway, shared by threads.

    Args:
        base_url: address of the gateway, such as ``https://dysmsapi.aliyuncs.com``.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=_POOLED, retries=False, timeout=_SECONDS)

    @property
    def host(self) -> str:
        """Return host and port as the Host header has them; signatures hold it."""
        return self.base_url.partition("://")[2]

    def post(self, *, query: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        """Send a call that must not be sent twice.

        Raises:
            GatewayUnreachable: no connection came about.
            GatewayBusy: the gateway answered with a fault of its own and no JSON object.
            OutcomeUnknown: no answer that can be read came back.
        """
        address = f"{self.base_url}/" + (f"?{query}" if query else "")
        try:
            answer = self._pool.request("POST", address, headers=dict(headers), body=body)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise GatewayUnreachable(said=type(error).__name__) from error
        except urllib3.exceptions.HTTPError as error:
            raise OutcomeUnknown(said=type(error).__name__) from error
        try:
            told = orjson.loads(answer.data)
        except orjson.JSONDecodeError as error:
            if answer.status in {502, 503, 504}:
                raise GatewayBusy(gateway_code=str(answer.status)) from error
            raise OutcomeUnknown(gateway_code=str(answer.status), said="JSON") from error
        if not isinstance(told, dict):
            raise OutcomeUnknown(gateway_code=str(answer.status), said="JSON")
        return told
