"""What WeCom refuses in a message: lengths, numbers, media that are not there any more."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Refused
from yutang.connectors.wecom.simulator.world import World

#: Temporary media live so long.
MEDIA_SECONDS = 3 * 86_400
_BYTES: dict[str, dict[str, int]] = {
    "image": {},
    "link": {"title": 128, "picurl": 2048, "desc": 512, "url": 2048},
    "miniprogram": {"title": 64},
    "video": {},
    "file": {},
}
_NEEDED = {
    "link": ("title", "url"),
    "miniprogram": ("title", "pic_media_id", "appid", "page"),
    "video": ("media_id",),
    "file": ("media_id",),
}


def check_message(world: World, body: dict[str, Any], *, text_bytes: int = 4_000, most: int = 9) -> dict[str, Any]:
    """Return text and attachments of a message, or refuse it."""
    text = (body.get("text") or {}).get("content") or ""
    attachments = body.get("attachments") or []
    if not text and not attachments:
        raise Refused(40058, "text and attachments are both empty")
    if len(text.encode()) > text_bytes:
        raise Refused(40058, "text too long")
    if len(attachments) > most:
        raise Refused(41064, "too many attachments")
    for one in attachments:
        check_part(world, str(one.get("msgtype")), one.get(str(one.get("msgtype"))))
    return {"text": {"content": text}, "attachments": attachments}


def check_part(world: World, kind: str, part: Any) -> None:
    """Refuse an attachment that WeCom would refuse."""
    if kind not in _BYTES or not isinstance(part, dict):
        raise Refused(41065, "invalid attachment type")
    for name in _NEEDED.get(kind, ()):
        if not part.get(name):
            raise Refused(40058, f"{kind}.{name} missing")
    if kind == "image" and not part.get("media_id") and not part.get("pic_url"):
        raise Refused(40058, "image without media")
    for name, most in _BYTES[kind].items():
        if len(str(part.get(name, "")).encode()) > most:
            raise Refused(40058, f"{kind}.{name} too long")
    for name in ("media_id", "pic_media_id"):
        if part.get(name):
            check_media(world, str(part[name]))


def check_media(world: World, media_id: str) -> None:
    """Refuse media that were never uploaded, or longer than three days ago."""
    if not world.rules.checks_media:
        return
    found = world.media.get(media_id)
    if found is None or world.now() - found.created_at > MEDIA_SECONDS:
        raise Refused(40007, "invalid media_id")
