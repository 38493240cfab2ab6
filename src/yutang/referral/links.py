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
#: 40 bits that hide the key, and 72 of the mark: WeCom's `state` of a newcomer holds 30 characters and more.
_TOKEN = re.compile(r"r([0-9a-f]{1,10})-([0-9a-f]{18})")
_HALF, _ROUNDS = 20, 4
_MASK = (1 << _HALF) - 1


def token_of(*, inviter_id: int, purpose: str) -> str:
    """Return the token of a link, at most 30 characters; it tells nobody how many others there are."""
    return f"r{_hidden(inviter_id, purpose):010x}-{mark_of(_label(purpose), str(inviter_id))}"


def inviter_in(token: str, *, purpose: str) -> int:
    """Return whose link it is.

    Raises:
        LinkIsWrong: nobody here signed it for this purpose.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise LinkIsWrong
    written = int(found[1], 16)
    hidden = _unhidden(written, purpose)
    if is_mark_of(found[2], _label(purpose), str(hidden)):
        return hidden
    # Links that were given out when the number still stood in them.
    if is_mark_of(found[2], f"referral.{purpose}", str(written)):
        return written
    raise LinkIsWrong


def _label(purpose: str) -> str:
    """Return for what the mark stands; another one than in links that show the number, or the number could be tried out by these."""
    return f"referral.{purpose}.hidden"


def _hidden(number: int, purpose: str) -> int:
    """Return a number in whose place another of 40 bits stands, by the key of the look-up hashes: what comes after it looks unlike it.

    Source:
        Luby & Rackoff (1988), "How to construct pseudorandom permutations from pseudorandom functions": four rounds.
    """
    left, right = number >> _HALF, number & _MASK
    for place in range(_ROUNDS):
        left, right = right, left ^ _mixed(place, right, purpose)
    return left << _HALF | right


def _unhidden(hidden: int, purpose: str) -> int:
    """Return the number that `_hidden` hid."""
    left, right = hidden >> _HALF, hidden & _MASK
    for place in reversed(range(_ROUNDS)):
        left, right = right ^ _mixed(place, left, purpose), left
    return left << _HALF | right


def _mixed(place: int, half: int, purpose: str) -> int:
    """Return 20 bits that hang on half of a number and on the key."""
    return int(mark_of(f"referral.{purpose}.number", f"{place} {half}")[: _HALF // 4], 16)
