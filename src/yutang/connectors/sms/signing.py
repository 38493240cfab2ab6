"""Signatures of calls, as both clouds want them: HMAC-SHA256 over a canonical form of the request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return a query in the order and spelling of RFC 3986, as signatures and addresses have it."""
    return "&".join(f"{quote(name, safe='~')}={quote(parameters[name], safe='~')}" for name in sorted(parameters))


def acs3_authorization(*, key_id: str, secret: str, query: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return the Authorization header of a call of Aliyun.

    Args:
        key_id: AccessKey id.
        secret: AccessKey secret.
        query: canonical.
        headers: that are signed: host and all that begin with ``x-acs-``.
        body: of the call.

    Source:
        Aliyun, "V3 request syntax and signature method", ACS3-HMAC-SHA256.
    """
    names = sorted(headers)
    signed = ";".join(names)
    canonical = "\n".join(
        ["POST", "/", query, *(f"{name}:{headers[name].strip()}" for name in names), "", signed, _digest(body)]
    )
    signature = hmac.new(secret.encode(), f"ACS3-HMAC-SHA256\n{_digest(canonical.encode())}".encode(), hashlib.sha256)
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={signed},Signature={signature.hexdigest()}"


def tc3_authorization(
    *, key_id: str, secret: str, service: str, headers: Mapping[str, str], body: bytes, timestamp: int, day: str
) -> str:
    """Return the Authorization header of a call of Tencent Cloud.

    Args:
        key_id: SecretId.
        secret: SecretKey.
        service: such as ``sms``.
        headers: that are signed, names in small letters: content-type, host, x-tc-action.
        body: of the call.
        timestamp: seconds since 1970, as in X-TC-Timestamp.
        day: its day in UTC, ISO 8601.

    Source:
        Tencent Cloud, "Signature v3", TC3-HMAC-SHA256.
    """
    names = sorted(headers)
    signed, scope = ";".join(names), f"{day}/{service}/tc3_request"
    lines = [f"{name}:{headers[name].strip().lower()}" for name in names]
    canonical = "\n".join(["POST", "/", "", *lines, "", signed, _digest(body)])
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{_digest(canonical.encode())}"
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
