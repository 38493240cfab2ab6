"""Links of who invites: whose invitation it is, or whose progress, is told by the link itself and by nobody who makes one up.

They carry a mark and are no signed links as those of other pages: WeCom brings the token of an invitation back as the ``state`` of a
newcomer, which holds some thirty letters. An invitation and its progress hold as long as the programme, which ends by itself.
"""

from __future__ import annotations

import re

from yutang.foundation.signed_links import is_mark_of, mark_of
from yutang.referral.refusals import LinkIsWrong

#: What a link is for: one of the first leads friends, one of the second shows a person how their friends are.
INVITE, PROGRESS = "invite", "progress"
#: 40 bits of the key and 72 of the mark: WeCom's `state` of a newcomer holds 30 characters and more.
_TOKEN = re.compile(r"r([0-9a-f]{1,10})-([0-9a-f]{18})")


def token_of(*, inviter_id: int, purpose: str) -> str:
    """Return the token of a link, at most 30 characters."""
    return f"r{inviter_id:x}-{mark_of(f'referral.{purpose}', str(inviter_id))}"


def inviter_in(token: str, *, purpose: str) -> int:
    """Return whose link it is.

    Raises:
        LinkIsWrong: nobody here signed it for this purpose.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise LinkIsWrong
    inviter_id = int(found[1], 16)
    if not is_mark_of(found[2], f"referral.{purpose}", str(inviter_id)):
        raise LinkIsWrong
    return inviter_id
