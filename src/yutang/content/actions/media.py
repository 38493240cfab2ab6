"""Media are added, and uploaded to WeCom again before it forgets them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.content.media import keep
from yutang.content.models import Medium
from yutang.content.uploading import Renewed, UploadsMedia, renew
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit


def add_medium(*, actor: Actor, content: bytes, name: str, now: datetime) -> str:
    """Keep a picture or a file and return its digest; the same bytes again are the same medium.

    Raises:
        MediumIsWrong: the bytes are none that can be sent, or too many.
    """
    actor.require("content.edit")
    kept = keep(content=content, name=name)
    with transaction.atomic():
        _medium, is_new = Medium.objects.get_or_create(
            digest=kept.digest,
            defaults={
                "kind": kept.kind,
                "media_type": kept.media_type,
                "name": kept.name,
                "size": kept.size,
                "width": kept.width,
                "height": kept.height,
                "added_by_id": actor.staff_id,
                "added_at": now,
            },
        )
        if is_new:
            detail = {"kind": kept.kind, "digest": kept.digest[:12]}
            audit(
                actor=actor,
                action="content.add_medium",
                subject_type="medium",
                subject_id=kept.digest[:12],
                detail=detail,
                now=now,
            )
    return kept.digest


def renew_uploads(*, actor: Actor, uploader: UploadsMedia, now: datetime) -> Renewed:
    """Upload to WeCom by this uploader what messages show and what WeCom is about to forget; the job does it by itself."""
    actor.require("content.approve")
    return renew(now=now, uploader=uploader)
