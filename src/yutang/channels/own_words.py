"""Words that a campaign brings itself: the content `campaign:<key of the row>:<version>`, the same for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from yutang.channels.bodies import BODIES, Body, BodySource
from yutang.channels.models import Campaign

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


BODIES.register(BodySource(SOURCE, own_bodies))
