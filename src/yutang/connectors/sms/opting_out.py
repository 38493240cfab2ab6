"""Words by which somebody who got a short message says: no more."""

from __future__ import annotations

import re
import unicodedata

#: Whole replies, without punctuation and in capitals. Operators and the gateways' templates ask for T, TD, N, R or 退订.
_WORDS = frozenset(
    {
        "T",
        "TD",
        "TT",
        "N",
        "R",
        "0000",
        "00000",
        "QX",
        "STOP",
        "UNSUBSCRIBE",
        "退订",
        "拒收",
        "取消",
        "不要再发",
        "别再发",
    }
)
_SAYS_SO = re.compile(r"退订|拒收|不要再发|别再发|不要发|别发了|取消订阅|UNSUBSCRIBE")
#: A longer reply that holds such a word may speak of something else: a person looks at it.
_LONGEST = 12


def is_opt_out(text: str) -> bool:
    """Return whether a reply refuses further messages: 退订, TD, 回复T and their like, however they are written."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s\W_]+", "", plain).removeprefix("回复").removeprefix("回")
    return plain in _WORDS or (len(plain) <= _LONGEST and _SAYS_SO.search(plain) is not None)
