"""Codes of an app by time (RFC 6238), and codes that stand in for it: pure, no store."""

from __future__ import annotations

import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp

#: A code holds for so long. Seconds.
STEP_SECONDS = 30
#: Codes of so many half minutes before and after are taken too: clocks of phones differ.
_DRIFT = 1
RECOVERY_CODES = 10
#: Without signs that look like others.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Return a secret of 160 bits, as apps read it (base 32)."""
    return pyotp.random_base32(length=32)


def address_for_app(*, secret: str, username: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def step_of(instant: datetime) -> int:
    """Return the number of the half minute since 1970."""
    return int(instant.timestamp()) // STEP_SECONDS


def matching_step(*, secret: str, code: str, now: datetime) -> int | None:
    """Return the half minute to which the code belongs, near now; None where it belongs to none.

    Args:
        secret: in base 32.
        code: six digits; anything else belongs to none.
        now: aware UTC.

    Source:
        RFC 6238 (2011), §4.2 and §5.2: steps of 30 s, SHA-1, six digits, a window of one step each way.
    """
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    app, here = pyotp.TOTP(secret), step_of(now)
    matching = [
        step for step in range(here - _DRIFT, here + _DRIFT + 1) if compare_digest(app.generate_otp(step), code)
    ]
    return matching[0] if matching else None


def new_recovery_codes() -> tuple[str, ...]:
    """Return ten codes of 49 bits each, as people write them: five signs, a hyphen, five signs."""
    return tuple(f"{_signs()}-{_signs()}" for _ in range(RECOVERY_CODES))


def plain_code(written: str) -> str:
    """Return a code as it is compared: without spaces and hyphens, in small letters."""
    return "".join(sign for sign in written if not sign.isspace() and sign != "-").lower()


def _signs() -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(5))
