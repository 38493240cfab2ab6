"""Copies of media at WeCom, made by the client of the corp."""

from __future__ import annotations

import mimetypes
from typing import ClassVar, cast

from yutang.connectors.wecom.api.media import MediaKind
from yutang.connectors.wecom.wire import Upload
from yutang.content.uploading import UPLOADERS, Uploaded
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.queries import connection, has_connection


class WecomIsNotConnected(DomainError):
    """There is no WeCom to which a picture could go."""

    code: ClassVar[str] = "wecom_is_not_connected"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("WeCom is not connected yet. Connect it on the page “WeCom”.")


class WecomCopies:
    """Uploads to the connected corp."""

    name = "wecom"

    def is_ready(self) -> bool:
        """Return whether WeCom is connected."""
        return has_connection()

    def upload(self, *, kind: str, name: str, content: bytes) -> Uploaded:
        """Upload what a message will show.

        Raises:
            WecomIsNotConnected: there is no corp.
            DomainError: WeCom does not take it, or does not answer.
        """
        client = connection()
        if client is None:
            raise WecomIsNotConnected
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        made = client.media.upload(kind=cast(MediaKind, kind), upload=Upload(name, content, mime))
        return Uploaded(made.media_id, made.expires_at)


UPLOADERS.register(WecomCopies())
