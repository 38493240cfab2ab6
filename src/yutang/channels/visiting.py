"""Who opens a link: a person, or a machine that looks at it first. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

Visitor = Literal["person", "preview", "scanner", "bot"]

#: Programs that say what they are: crawlers, previews of messengers, scanners of mail, tools.
_BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skypeuripreview|"
    r"embedly|bingpreview|headless|phantomjs|python|curl|wget|okhttp|java/|go-http|axios|node-fetch|libwww|httpclient|"
    r"barracuda|proofpoint|mimecast|symantec|safelinks|urldefense|googleimageproxy|yahoomailproxy|"
    r"mpcrawler|sogou|baiduspider|360spider|bytespider|monitor|uptime|scan",
    re.IGNORECASE,
)
_PREFETCHES = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
#: Nobody reads and clicks so soon after a message was taken.
SOONEST = timedelta(seconds=1)


def visitor_of(
    *, method: str, headers: Mapping[str, str], handed_at: datetime | None, earlier_at: datetime | None, now: datetime
) -> Visitor:
    """Return who opens a link.

    Args:
        method: of the request.
        headers: of the request, looked up without regard to case.
        handed_at: when the message was taken by the platform; None where nobody knows. Aware UTC.
        earlier_at: latest visit of another link of the same message; None: none. Aware UTC.
        now: aware UTC.
    """
    agent = headers.get("User-Agent", "").strip()
    if method == "HEAD" or any(_AHEAD.search(headers.get(name, "")) for name in _PREFETCHES):
        return "preview"
    if not agent or _BOTS.search(agent):
        return "bot"
    for before in (handed_at, earlier_at):
        # A scanner opens everything within the second in which it gets the message.
        if before is not None and timedelta(0) <= now - before < SOONEST:
            return "scanner"
    return "person"
