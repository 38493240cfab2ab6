"""What messages say: from contents to words for each receiver, with own links, ready to be handed over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from yutang.channels.bodies import BODIES, Body
from yutang.channels.links import LinkWish, has_own_links, make_links, targets_in, wishes_for, with_own_links
from yutang.channels.models import LinkKind, Touch
from yutang.channels.said_words import own_intents


def why_silent(touches: Sequence[Touch]) -> dict[str, list[int]]:
    """Return messages that `bodies_of` left out by the code of why: their content is for another intent, or has no words for them."""
    own = own_intents({touch.content for touch in touches})
    found: dict[str, list[int]] = {}
    for touch in touches:
        is_other = own.get(touch.content, touch.intent) != touch.intent
        found.setdefault("other_intent" if is_other else "no_words", []).append(touch.pk)
    return found


def bodies_of(touches: Sequence[Touch], *, now: datetime) -> dict[int, Body]:
    """Return the words of each message by its key; one that has none is left out. Each content is asked for once.

    Words that were written for another intent than the message has are none of its words, whoever planned it.
    """
    own = own_intents({touch.content for touch in touches})
    touches = [touch for touch in touches if own.get(touch.content, touch.intent) == touch.intent]
    by_content: dict[tuple[str, str], list[Touch]] = {}
    for touch in touches:
        by_content.setdefault((touch.content, touch.channel), []).append(touch)
    found: dict[int, Body] = {}
    for (content, channel), some in by_content.items():
        source = content.partition(":")[0]
        if source not in BODIES:
            continue
        told = BODIES[source].bodies(
            reference=content,
            channel=channel,
            customer_ids=[one.customer_id for one in some if one.customer_id is not None],
            group_keys=[one.group_key for one in some if one.customer_id is None],
            now=now,
        )
        for touch in some:
            body = told.get(touch.group_key if touch.customer_id is None else touch.customer_id)
            if body is not None:
                found[touch.pk] = body
    return found


def with_links_for_each(
    touches: Sequence[Touch], bodies: Mapping[int, Body], *, now: datetime
) -> tuple[dict[int, Body], dict[int, str]]:
    """Return the words with links of each person's own, and the page on which each stops such messages.

    In the caller's transaction. Without an address of this installation messages keep the addresses that they name, and
    there is no such page.
    """
    if not has_own_links():
        return dict(bodies), {}
    mine = [touch for touch in touches if touch.pk in bodies]
    wishes = [wish for touch in mine for wish in wishes_for(touch, bodies[touch.pk])]
    stops = [
        LinkWish(touch.pk, touch.campaign, touch.channel, LinkKind.STOP)
        for touch in mine
        if touch.intent != "transactional"
    ]
    addresses = make_links([*wishes, *stops], now=now)
    own: dict[int, dict[str, str]] = {}
    for wish, address in zip(wishes, addresses, strict=False):
        own.setdefault(wish.touch_id or 0, {})[wish.target] = address
    stop_pages = {wish.touch_id or 0: url for wish, url in zip(stops, addresses[len(wishes) :], strict=True)}
    return {key: with_own_links(bodies[key], own.get(key, {})) for key in (t.pk for t in mine)}, stop_pages


def with_shared_links(body: Body, *, campaign: str, channel: str, content: str = "", now: datetime) -> Body:
    """Return words that many get, with links that tell that somebody came, and not who."""
    if not has_own_links():
        return body
    targets = targets_in(body)
    wishes = [LinkWish(None, campaign, channel, LinkKind.TARGET, url, content) for url in targets]
    addresses = make_links(wishes, now=now)
    return with_own_links(body, dict(zip(targets, addresses, strict=True)))


def words_digest(body: Body) -> str:
    """Return what tells words apart."""
    told = orjson.dumps([body.text, [dict(one) for one in body.attachments]], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def text_digest(text: str) -> str:
    """Return what tells a text apart, as WeCom gives it back in the list of tasks."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
