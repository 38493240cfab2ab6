"""The one way to sign what leaves this installation and comes back: links that need no log-in, and marks where a link is too long.

A link is bound to one purpose, one thing and one person, and does not hold for ever. It is one authenticated record (see
`foundation.sealing`): its letters tell nothing of the person, a letter that was changed opens nothing (the cipher compares in constant
time), and with a new sealing key the links that are out open as long as the old key is kept. A mark is a keyed hash of some letters: it
says that we made what it stands beside, and neither until when nor for whom.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from yutang.foundation.sealing import KeyIsMissing, RecordIsDamaged, digest16, seal, unseal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Letters of a token: shorter ones hold no record, longer ones are none of ours.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{60,500}")
_PURPOSE = re.compile(r"[a-z][a-z-]{0,29}")
_LONGEST_REF = 200
#: Letters of a mark: 72 bits, of which nobody guesses one.
_MARK = 18


class SignedLinkIsUnknown(DomainError):
    """The link is none of ours, or was made for something else."""

    code: ClassVar[str] = "signed_link_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("This link leads nowhere. Open it from the message again, whole.")


class SignedLinkIsOver(DomainError):
    """The link was ours, and its time is over."""

    code: ClassVar[str] = "signed_link_is_over"
    http_status: ClassVar[int] = 410
    message: ClassVar[str] = N_("This link does not hold any more. Ask the store for a new one.")


@dataclass(frozen=True)
class Signed:
    """What a link that holds says.

    Attributes:
        purpose: what it is for, such as ``booking``.
        ref: which thing, in the words of who made it; empty: none.
        customer_id: whose link it is; None: nobody's, so that it tells of no person.
        until: from this instant on it does not hold. Aware UTC.
    """

    purpose: str
    ref: str
    customer_id: int | None
    until: datetime


def sign(purpose: str, ref: str = "", *, customer_id: int | None = None, until: datetime) -> str:
    """Return the token of a link: letters that can stand in an address.

    Args:
        purpose: what it is for: small letters and hyphens, at most 30. A link holds for its purpose only.
        ref: which thing it is about, at most 200 characters.
        customer_id: whose link it is; None: nobody's.
        until: from when on it does not hold. Aware.
    """
    if not _PURPOSE.fullmatch(purpose) or len(ref) > _LONGEST_REF:
        raise ValueError(f"a link for {purpose!r} about {ref[:100]!r} cannot be made")
    record = {"link": purpose, "ref": ref, "whose": customer_id, "until": int(until.timestamp())}
    return _written(seal(record))


def read(token: str, purpose: str, *, now: datetime | None = None) -> Signed:
    """Return what the link of a token says.

    Args:
        token: as it stood in the address.
        purpose: what the page that was opened is for.
        now: by which it is told whether it still holds; None: the clock. Aware UTC.

    Raises:
        SignedLinkIsUnknown: it is none of ours, or for another purpose.
        SignedLinkIsOver: its time is over.
    """
    record = _opened(token)
    if record.get("link") != purpose:
        raise SignedLinkIsUnknown
    signed = Signed(purpose, record["ref"], record["whose"], datetime.fromtimestamp(record["until"], UTC))
    if signed.until <= (now or datetime.now(UTC)):
        raise SignedLinkIsOver
    return signed


def mark_of(purpose: str, ref: str) -> str:
    """Return the mark of a thing: 18 letters of hexadecimal, the same each time.

    Only for where no link has room, such as the ``state`` of WeCom's codes: a mark holds for ever, and hangs on the key of the look-up
    hashes, which is never rotated.

    Args:
        purpose: what it is for, such as ``referral.invite``.
        ref: which thing.
    """
    return digest16(purpose, "", ref).hex()[:_MARK]


def is_mark_of(mark: str, purpose: str, ref: str) -> bool:
    """Return whether a mark is that of a thing; takes as long whatever is wrong with it."""
    return hmac.compare_digest(mark.encode(), mark_of(purpose, ref).encode())


def _opened(token: str) -> dict[str, Any]:
    if not _TOKEN.fullmatch(token):
        raise SignedLinkIsUnknown
    try:
        record = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        # The last letter may hold bits that nobody reads: a token is only what `sign` wrote.
        if _written(record) != token:
            raise SignedLinkIsUnknown
        return unseal(record)
    except (binascii.Error, RecordIsDamaged, KeyIsMissing) as error:
        raise SignedLinkIsUnknown from error


def _written(record: bytes) -> str:
    return base64.urlsafe_b64encode(record).decode().rstrip("=")
