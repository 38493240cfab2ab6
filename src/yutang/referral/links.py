"""Signed links: whose invitation it is, or whose progress, is told by the link itself and by nobody who makes one up."""

from __future__ import annotations

import hmac
import re

from yutang.foundation.sealing import digest16
from yutang.referral.refusals import LinkIsWrong

#: What a link is for: one of the first leads friends, one of the second shows a person how their friends are.
INVITE, PROGRESS = "invite", "progress"
#: 40 bits of the key and 72 of the signature: WeCom's `state` of a newcomer holds 30 characters and more.
_TOKEN = re.compile(r"r([0-9a-f]{1,10})-([0-9a-f]{18})")
_SIGNED = 18


def token_of(*, inviter_id: int, purpose: str) -> str:
    """Return the token of a link, at most 30 characters."""
    return f"r{inviter_id:x}-{_signature(inviter_id, purpose)}"


def inviter_in(token: str, *, purpose: str) -> int:
    """Return whose link it is.

    Raises:
        LinkIsWrong: nobody here signed it for this purpose.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise LinkIsWrong
    inviter_id = int(found[1], 16)
    if not hmac.compare_digest(found[2], _signature(inviter_id, purpose)):
        raise LinkIsWrong
    return inviter_id


def _signature(inviter_id: int, purpose: str) -> str:
    return digest16(f"referral.{purpose}", "", str(inviter_id)).hex()[:_SIGNED]
