"""Links that lead astray: without encryption, to a number, through somebody else's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from yutang.content.marks import Mark

LINK = re.compile(r"(?i)\b(?:https?|ftp)://[^\s<>\"'，。；！？、）】》]+")
_BARE = re.compile(r"(?i)(?<![/@\w.-])www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+")
#: Services that hide where a link leads.
_HIDING = frozenset(
    {"t.cn", "dwz.cn", "suo.im", "url.cn", "bit.ly", "tinyurl.com", "t.co", "is.gd", "goo.gl", "mrw.so", "sourl.cn"}
)


def risky_links(text: str) -> Iterator[Mark]:
    """Yield the links of a text that lead astray."""
    for found in LINK.finditer(text):
        start, end = found.span()
        for code, blocks, instead in _faults(found[0]):
            yield Mark(start, end, code, blocks, instead)
    for found in _BARE.finditer(text):
        yield Mark(*found.span(), "link_bare", False, f"https://{found[0]}")


def _faults(url: str) -> Iterator[tuple[str, bool, str]]:
    """Yield code, whether it blocks, and what could stand instead; the gravest first."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("x://")
    if "@" in parts.netloc:
        yield "link_user", True, ""
    elif _is_number(host):
        yield "link_number", True, ""
    elif not url.lower().startswith("https://"):
        yield "not_https", True, f"https://{url.partition('://')[2]}"
    elif host.removeprefix("www.") in _HIDING:
        yield "link_short", False, ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.isdecimal()
    return True
