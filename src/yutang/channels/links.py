"""Own short links: made for a message and a target, looked up by the hash of their token, and who opened them when."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Max

from yutang.channels.bodies import Body
from yutang.channels.models import DeliveryState, Link, LinkKind, LinkVisit, Touch
from yutang.channels.visiting import Visitor, visitor_of
from yutang.foundation.sealing import digest16, digest16_many

#: 96 bits: nobody hits one by trying.
_TOKEN_BYTES = 12
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")
#: Visits of one link that are kept one by one; more are counted.
MOST_VISITS = 200
LONGEST_TARGET = 2_048
#: Up to white space, quotes, or the punctuation of Chinese around it.
_URL = re.compile(r"https?://[^\s<>\"'，。！？；：、（）《》【】“”]+")
_ENDS = ".,;:!?)]}"


@dataclass(frozen=True)
class OpenedLink:
    """A link that was found by its token."""

    id: int
    target: str


@dataclass(frozen=True)
class LinkWish:
    """A link that is to be made; `touch_id` is None where many get the same words."""

    touch_id: int | None
    campaign: str
    channel: str
    kind: str = LinkKind.TARGET
    target: str = ""
    content: str = ""


def has_own_links() -> bool:
    """Return whether the operator has said under which address customers reach this installation."""
    return bool(settings.YUTANG_PUBLIC_URL)


def make_links(wishes: Sequence[LinkWish], *, now: datetime) -> list[str]:
    """Make links in the caller's transaction, and return their addresses in the order of the wishes."""
    tokens = [secrets.token_urlsafe(_TOKEN_BYTES) for _ in wishes]
    rows = [
        Link(
            digest=digest,
            kind=wish.kind,
            touch_id=wish.touch_id,
            campaign=wish.campaign,
            content=wish.content,
            channel=wish.channel,
            target=wish.target,
            made_at=now,
        )
        for wish, digest in zip(wishes, digest16_many("link", "", tokens), strict=True)
    ]
    Link.objects.bulk_create(rows, batch_size=500)
    ways = {LinkKind.TARGET: "l", LinkKind.STOP: "stop"}
    return [
        f"{settings.YUTANG_PUBLIC_URL}/{ways[LinkKind(wish.kind)]}/{token}"
        for wish, token in zip(wishes, tokens, strict=True)
    ]


def targets_in(body: Body) -> list[str]:
    """Return the addresses to which a message leads, each once, in order."""
    return list(dict.fromkeys(url for text in _texts(body) for url in _urls(text)))


def with_own_links(body: Body, own: Mapping[str, str]) -> Body:
    """Return a message with own links in the place of the addresses to which it leads."""
    return replace(
        body,
        text=_replaced(body.text, own),
        values={name: _replaced(value, own) for name, value in body.values.items()},
        attachments=tuple(_attachment(one, own) for one in body.attachments),
    )


def link_behind(*, token: str, kind: str) -> Link | None:
    """Return the link with a token; None where there is none."""
    if not _TOKEN.fullmatch(token):
        return None
    return Link.objects.select_related("touch").filter(digest=digest16("link", "", token), kind=kind).first()


def note_visit(link: Link, *, method: str, headers: Mapping[str, str], now: datetime) -> Visitor:
    """Write down that a link was opened, and return by whom; of one link `MOST_VISITS` are kept one by one."""
    handed_at = earlier_at = None
    if link.touch_id is not None:
        steps = link.touch.steps.filter(state__in=(DeliveryState.CREATED, DeliveryState.DELIVERED))  # type: ignore[union-attr]
        handed_at = steps.aggregate(latest=Max("at"))["latest"]
        others = LinkVisit.objects.filter(link__touch_id=link.touch_id).exclude(link=link)
        earlier_at = others.aggregate(latest=Max("at"))["latest"]
    visitor = visitor_of(method=method, headers=headers, handed_at=handed_at, earlier_at=earlier_at, now=now)
    if Link.objects.filter(pk=link.pk, opened__lt=MOST_VISITS).update(opened=F("opened") + 1):
        LinkVisit.objects.create(link=link, kind=visitor, at=now)
    else:
        Link.objects.filter(pk=link.pk).update(opened=F("opened") + 1)
    return visitor


def wishes_for(touch: Touch, body: Body) -> list[LinkWish]:
    """Return the links that a message to one person needs; too long an address stays as it is."""
    return [
        LinkWish(touch.pk, touch.campaign, touch.channel, LinkKind.TARGET, url, touch.content)
        for url in targets_in(body)
        if len(url) <= LONGEST_TARGET
    ]


def _texts(body: Body) -> Iterable[str]:
    yield body.text
    yield from body.values.values()
    for one in body.attachments:
        url = one.get("url")
        if isinstance(url, str):
            yield url


def _urls(text: str) -> Iterable[str]:
    for found in _URL.finditer(text):
        url = found[0].rstrip(_ENDS)
        if not url.startswith(f"{settings.YUTANG_PUBLIC_URL}/"):
            yield url


def _replaced(text: str, own: Mapping[str, str]) -> str:
    def put(found: re.Match[str]) -> str:
        url = found[0].rstrip(_ENDS)
        return own.get(url, url) + found[0][len(url) :]

    return _URL.sub(put, text)


def _attachment(one: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    url = one.get("url")
    return {**one, **({"url": own[url]} if isinstance(url, str) and url in own else {})}
