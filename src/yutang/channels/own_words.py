"""Words that a campaign brings itself: the content `campaign:<key of the row>:<version>`, the same for everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from yutang.channels.bodies import BODIES, Body, BodySource, Said
from yutang.channels.models import Campaign
from yutang.foundation.access import Actor

SOURCE = "campaign"


def reference_of(campaign: Campaign) -> str:
    """Return what the messages of a campaign refer to."""
    return campaign.content or f"{SOURCE}:{campaign.pk}:{campaign.words_version}"


def own_bodies(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the words of a campaign for everybody, as `MakesBodies`; none where the campaign has other words now."""
    _source, _colon, rest = reference.partition(":")
    key, _colon, version = rest.partition(":")
    campaign = Campaign.objects.filter(pk=key).first() if key.isascii() and key.isdigit() else None
    if campaign is None or str(campaign.words_version) != version or not campaign.words:
        return {}
    body = body_from(campaign.words)
    if channel == "sms" and not body.template:
        return {}
    return dict.fromkeys([*customer_ids, *group_keys], body)


def shown_words(*, access: Actor, asked: Collection[Said], now: datetime) -> dict[Said, str]:
    """Return the words of campaigns, as `ShowsWords`; none where a campaign has other words now. One question for all."""
    named = {reference: reference.split(":") for reference, _person in asked}
    keys = {int(parts[1]) for parts in named.values() if len(parts) == 3 and parts[1].isascii() and parts[1].isdigit()}
    rows = {f"{SOURCE}:{row.pk}:{row.words_version}": row for row in Campaign.objects.filter(pk__in=keys)}
    return {one: body_from(rows[one[0]].words).text for one in asked if one[0] in rows}


def body_from(words: Mapping[str, object]) -> Body:
    """Return words as they are kept as a body."""
    attachments, values = words.get("attachments"), words.get("values")
    return Body(
        text=str(words.get("text") or ""),
        subject=str(words.get("subject") or ""),
        attachments=tuple(attachments) if isinstance(attachments, list) else (),
        template=str(words.get("template") or ""),
        values={str(k): str(v) for k, v in values.items()} if isinstance(values, dict) else {},
    )


def texts_in(words: Mapping[str, object]) -> list[str]:
    """Return everything that a receiver reads of words as they are kept: the text first, then the rest."""
    body = body_from(words)
    return [body.text, body.subject, *(_text_of(one) for one in body.attachments), *body.values.values()]


def _text_of(attachment: Mapping[str, Any]) -> str:
    return "\n".join(str(attachment[name]) for name in ("title", "desc") if attachment.get(name))


BODIES.register(BodySource(SOURCE, own_bodies, shown=shown_words))
