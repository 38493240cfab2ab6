"""Pictures, videos and files that messages show; temporary ones live for three days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import OverLimit
from yutang.connectors.wecom.reading import named, read
from yutang.connectors.wecom.wire import Upload

# A second upload leaves a second copy that nobody sees and that is gone after three days.
_UPLOAD = Api("media/upload")
# Pictures stay for ever and are counted by month.
_PICTURE = Api("media/uploadimg", once=True)
_ATTACHMENT = Api("media/upload_attachment")
_GET = Api("media/get", "GET")

MediaKind = Literal["image", "voice", "video", "file"]
#: Temporary media live so long.
LIFE = timedelta(days=3)
_MIB = 1024 * 1024
#: Largest files, in bytes.
MOST_BYTES: dict[str, int] = {"image": 10 * _MIB, "voice": 2 * _MIB, "video": 10 * _MIB, "file": 20 * _MIB}
_PICTURE_BYTES = 2 * _MIB
_FEWEST_BYTES = 6


@dataclass(frozen=True)
class UploadedMedia:
    """Temporary media; all apps of the corp may use it until `expires_at`."""

    media_id: str
    created_at: datetime
    kind: Annotated[str, named("type")] = ""

    @property
    def expires_at(self) -> datetime:
        """When it must have been uploaded again."""
        return self.created_at + LIFE


class Media:
    """Pictures, videos and files."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def upload(self, *, kind: MediaKind, upload: Upload) -> UploadedMedia:
        """Upload what a message will show."""
        _check(upload, MOST_BYTES[kind])
        return read(UploadedMedia, self._caller.call(_UPLOAD, query={"type": kind}, upload=upload), api=_UPLOAD.path)

    def upload_picture(self, *, upload: Upload) -> str:
        """Upload a picture for ever and return its address; at most 1,000 a day and 3,000 a month."""
        _check(upload, _PICTURE_BYTES)
        return str(self._caller.call(_PICTURE, upload=upload)["url"])

    def upload_attachment(self, *, kind: MediaKind, use: Literal[1, 2], upload: Upload) -> UploadedMedia:
        """Upload what a post to moments (1) or a product (2) will show."""
        _check(upload, MOST_BYTES[kind])
        query = {"media_type": kind, "attachment_type": use}
        return read(UploadedMedia, self._caller.call(_ATTACHMENT, query=query, upload=upload), api=_ATTACHMENT.path)

    def get(self, *, media_id: str) -> bytes:
        """Return what was uploaded."""
        return self._caller.answer(_GET, query={"media_id": media_id}).content


def _check(upload: Upload, most: int) -> None:
    size = len(upload.content)
    if not _FEWEST_BYTES <= size <= most:
        raise OverLimit(what=upload.name, size=size, most=most)
