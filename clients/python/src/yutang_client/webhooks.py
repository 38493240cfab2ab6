"""For receivers of webhooks: whether a message came from the server that has the secret, lately and unchanged.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, TypedDict

_TOLERANCE_SECONDS = 300


class Message(TypedDict):
    """What a webhook tells: the kind of event, when it happened, its keys and codes."""

    type: str
    timestamp: str
    data: dict[str, Any]


class NotSigned(Exception):
    """The message was not signed with the secret, is too old, or was changed."""


def verified(*, body: bytes, headers: Mapping[str, str], secret: str, now: float | None = None) -> Message:
    """Return the message, if it is signed with the secret and no older than five minutes.

    Args:
        body: exactly as it came.
        headers: of the request, in any case.
        secret: ``whsec_…``.
        now: seconds since 1970; None: the clock's.

    Raises:
        NotSigned: it is not.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (message_id and stamp.isascii() and stamp.isdecimal()):
        raise NotSigned("the headers webhook-id and webhook-timestamp are missing")
    if abs((time.time() if now is None else now) - int(stamp)) > _TOLERANCE_SECONDS:
        raise NotSigned("the message is too old, or the clocks differ")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    if not any(hmac.compare_digest(wanted, one) for one in given.get("webhook-signature", "").split()):
        raise NotSigned("the signature is another")
    read: Message = json.loads(body)
    return read
