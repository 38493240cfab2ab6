"""What is said to customers and groups: a text and things attached to it, within the limits of WeCom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.reading import at_most, at_most_bytes, filled

#: Longest text of a mass or welcome message, in bytes.
TEXT_BYTES = 4_000
#: Most attachments of one message.
ATTACHMENTS = 9


@dataclass(frozen=True)
class Image:
    """A picture: one that was uploaded as temporary media, or an address that `Media.upload_picture` gave."""

    media_id: str = ""
    pic_url: str = ""
    msgtype = "image"

    def check(self) -> None:
        """Refuse what WeCom would refuse."""
        if not self.media_id and not self.pic_url:
            raise NothingGiven(what="image.media_id")


@dataclass(frozen=True)
class Link:
    """A link with a title, a line and a picture."""

    title: str
    url: str
    picurl: str = ""
    desc: str = ""
    msgtype = "link"

    def check(self) -> None:
        """Refuse what WeCom would refuse."""
        at_most_bytes(128, what="link.title", of=self.title)
        at_most_bytes(512, what="link.desc", of=self.desc)
        at_most_bytes(2048, what="link.url", of=self.url)
        at_most_bytes(2048, what="link.picurl", of=self.picurl)


@dataclass(frozen=True)
class MiniProgram:
    """A card of a mini programme."""

    title: str
    pic_media_id: str
    appid: str
    page: str
    msgtype = "miniprogram"

    def check(self) -> None:
        """Refuse what WeCom would refuse."""
        at_most_bytes(64, what="miniprogram.title", of=self.title)


@dataclass(frozen=True)
class Video:
    """A video that was uploaded."""

    media_id: str
    msgtype = "video"

    def check(self) -> None:
        """Refuse what WeCom would refuse."""


@dataclass(frozen=True)
class File:
    """A file that was uploaded."""

    media_id: str
    msgtype = "file"

    def check(self) -> None:
        """Refuse what WeCom would refuse."""


Attachment = Image | Link | MiniProgram | Video | File


@dataclass(frozen=True)
class Message:
    """A text, attachments, or both.

    Attributes:
        text: at most 4,000 bytes.
        attachments: at most nine.
    """

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    def as_body(self) -> dict[str, Any]:
        """Return the message as the API takes it.

        Raises:
            NothingGiven: there is neither text nor attachment.
            OverLimit: something is too long, or too much.
        """
        if not self.text and not self.attachments:
            raise NothingGiven(what="text, attachments")
        at_most_bytes(TEXT_BYTES, what="text.content", of=self.text)
        at_most(ATTACHMENTS, what="attachments", of=self.attachments)
        body: dict[str, Any] = {"text": {"content": self.text}} if self.text else {}
        if self.attachments:
            body["attachments"] = [attached(one) for one in self.attachments]
        return body


def attached(attachment: Attachment) -> dict[str, Any]:
    """Return one attachment as the API takes it."""
    attachment.check()
    return {"msgtype": attachment.msgtype, attachment.msgtype: filled(attachment)}
