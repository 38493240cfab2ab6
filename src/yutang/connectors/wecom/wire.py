"""One exchange over HTTP with WeCom: a path, a query, a body; what comes back as a JSON object or bytes."""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

from yutang.connectors.wecom.errors import AnswerUnreadable, OutcomeUnknown, SystemBusy, Unreachable
from yutang.connectors.wecom.settings import WeComSettings

_SECRETS = re.compile(r"((?:access_token|corpsecret)=)[^&\s\"]+")
_POOLED = 16


@dataclass(frozen=True)
class Upload:
    """A file that is sent.

    Attributes:
        name: file name with its ending.
        content: what is in it.
        kind: MIME type.
    """

    name: str
    content: bytes = field(repr=False)
    kind: str = "application/octet-stream"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        json: the JSON object; None when bytes came.
        content: the bytes.
        kind: content type.
    """

    json: Mapping[str, Any] | None
    content: bytes = field(repr=False)
    kind: str


class Wire:
    """Connections to one server, shared by threads."""

    def __init__(self, settings: WeComSettings) -> None:
        self._base = settings.base_url
        self._pool = urllib3.PoolManager(
            maxsize=_POOLED,
            retries=False,
            timeout=urllib3.Timeout(connect=settings.connect_seconds, read=settings.read_seconds),
        )
        _keep_secrets_out_of_logs()

    def exchange(
        self, *, method: str, api: str, query: Mapping[str, Any], body: Mapping[str, Any] | None, upload: Upload | None
    ) -> Answer:
        """Send one request and return what came back.

        Raises:
            Unreachable: no connection was made; nothing was sent.
            OutcomeUnknown: the request was sent, no whole answer came.
            SystemBusy: the server answered that it is broken or overloaded.
            AnswerUnreadable: what came back is no answer of this API.
        """
        address = f"{self._base}{api}?{urlencode(query)}"
        try:
            response = self._request(method, address, body, upload)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise Unreachable(api=api, reason=type(error).__name__) from error
        except urllib3.exceptions.HTTPError as error:
            if any(isinstance(one, ssl.SSLCertVerificationError) for one in error.args):
                raise Unreachable(api=api, reason="CertificateVerifyFailed") from error
            raise OutcomeUnknown(api=api, reason=type(error).__name__) from error
        return _read(api, response)

    def _request(
        self, method: str, address: str, body: Mapping[str, Any] | None, upload: Upload | None
    ) -> urllib3.BaseHTTPResponse:
        if upload is not None:
            fields = {"media": (upload.name, upload.content, upload.kind)}
            return self._pool.request(method, address, fields=fields, redirect=False)
        if body is None:
            return self._pool.request(method, address, redirect=False)
        # WeCom counts bytes: Chinese travels as UTF-8, not as escapes.
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._pool.request(
            method, address, body=content, headers={"Content-Type": "application/json; charset=utf-8"}, redirect=False
        )


def _read(api: str, response: urllib3.BaseHTTPResponse) -> Answer:
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if response.status >= 500 or response.status == 429:
        raise SystemBusy(api=api, status=response.status)
    if response.status != 200:
        raise AnswerUnreadable(api=api, reason=f"HTTP {response.status}")
    if kind not in {"application/json", "text/plain", ""}:
        return Answer(None, response.data, kind)
    try:
        read = json.loads(response.data)
    except ValueError as error:
        raise AnswerUnreadable(api=api, reason="not JSON") from error
    if not isinstance(read, dict):
        raise AnswerUnreadable(api=api, reason="not an object")
    return Answer(read, response.data, kind)


class _WithoutSecrets(logging.Filter):
    """Takes tokens and secrets out of the addresses that the HTTP library writes into its log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRETS.sub(r"\1…", record.getMessage()), ()
        return True


def _keep_secrets_out_of_logs() -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    if not any(isinstance(one, _WithoutSecrets) for one in logger.filters):
        logger.addFilter(_WithoutSecrets())
