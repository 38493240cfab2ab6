"""Media at WeCom: temporary copies, made again before WeCom forgets them after three days.

Who uploads is plugged in: `UPLOADERS` holds the client of the corp. Where no corp is connected nothing is uploaded, and contents with media
are refused by WeCom's channels with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q

from yutang.content.attachments import media_of
from yutang.content.media import bytes_of
from yutang.content.models import Medium, Upload, Version, VersionState
from yutang.kit.errors import DomainError
from yutang.kit.registry import Registry

#: Channels that go through WeCom and need its copies.
WECOM_CHANNELS = frozenset({"wecom", "group"})
#: A copy that ends within this time is made again: staff confirm a message hours after it was planned.
AHEAD = timedelta(hours=26)


@dataclass(frozen=True)
class Uploaded:
    """A temporary copy at WeCom."""

    media_id: str
    expires_at: datetime


class UploadsMedia(Protocol):
    """Makes temporary copies of media at WeCom, as `connectors.wecom.api.media.Media.upload` does."""

    name: str

    def is_ready(self) -> bool:
        """Return whether there is a corp to which anything can go."""

    def upload(self, *, kind: str, name: str, content: bytes) -> Uploaded:
        """Upload what a message will show.

        Args:
            kind: ``image`` or ``file``, as WeCom calls it.
            name: what the receiver sees, with its ending.
            content: the bytes.

        Raises:
            DomainError: WeCom does not take it, or does not answer.
        """


UPLOADERS: Registry[UploadsMedia] = Registry(what="uploaders of media", name_of=lambda one: one.name)


@dataclass(frozen=True)
class Renewed:
    """What a round of uploads did. Counts of media."""

    uploaded: int
    failed: int


def renew(*, now: datetime, uploader: UploadsMedia | None = None) -> Renewed:
    """Upload the media of what is approved and holds, where there is no copy or it ends soon; one that fails does not stop the others.

    Args:
        now: aware UTC.
        uploader: who uploads; None: whoever is plugged in.
    """
    uploader = uploader or next(iter(_ready()), None)
    uploaded = failed = 0
    for medium in _due(now) if uploader else ():
        try:
            made = uploader.upload(  # type: ignore[union-attr]
                kind="image" if medium.kind == "picture" else "file", name=medium.name, content=bytes_of(medium.digest)
            )
        except DomainError:
            failed += 1
            continue
        columns = {"media_id": made.media_id, "uploaded_at": now, "ends_at": made.expires_at}
        Upload.objects.update_or_create(medium=medium, defaults=columns)
        uploaded += 1
    return Renewed(uploaded, failed)


def copies_of(digests: list[str], *, now: datetime) -> dict[str, str]:
    """Return the media ids at WeCom, by digest, of the media whose copies hold now."""
    rows = Upload.objects.filter(medium__digest__in=digests, ends_at__gt=now)
    return dict(rows.order_by().values_list("medium__digest", "media_id"))


def has_media_to_renew(*, now: datetime) -> bool:
    """Return whether anything is to be uploaded, and somebody is there who does it."""
    return bool(_ready()) and next(_due(now), None) is not None


def _ready() -> list[UploadsMedia]:
    return [one for one in UPLOADERS if one.is_ready()]


def _due(now: datetime) -> Iterator[Medium]:
    """Yield the media that messages show and that have no copy, or one that ends soon."""
    holding = Version.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), state=VersionState.APPROVED)
    shown = {
        digest
        for channels, attachments in holding.order_by().values_list("channels", "attachments")
        if attachments and WECOM_CHANNELS & set(channels)
        for digest in media_of(attachments)
    }
    if shown:
        ends_late = Upload.objects.filter(ends_at__gt=now + AHEAD).values("medium_id")
        yield from Medium.objects.filter(digest__in=shown).exclude(pk__in=ends_late).order_by("id")
