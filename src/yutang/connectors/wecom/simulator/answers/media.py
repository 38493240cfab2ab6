"""Media, messages to staff, and addresses."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers
from yutang.connectors.wecom.simulator.contents import MEDIA_SECONDS
from yutang.connectors.wecom.simulator.rules import local_day
from yutang.connectors.wecom.simulator.world import MediaFile, World

_MIB = 1024 * 1024
_MOST = {"image": 10 * _MIB, "voice": 2 * _MIB, "video": 10 * _MIB, "file": 20 * _MIB}
_PICTURES_A_DAY = 1_000


@answers("media/upload")
def upload(world: World, asked: Asked) -> dict[str, Any]:
    """Take a temporary file."""
    kind = asked.query.get("type", "")
    made = _keep(world, asked, kind, most=_MOST.get(kind))
    return {"type": kind, "media_id": made.media_id, "created_at": str(int(made.created_at))}


@answers("media/uploadimg")
def uploadimg(world: World, asked: Asked) -> dict[str, Any]:
    """Take a picture for ever."""
    today = local_day(world.now())
    if (
        sum(one.kind == "picture" and local_day(one.created_at) == today for one in world.media.values())
        >= _PICTURES_A_DAY
    ):
        raise Refused(45009, "pictures of the day")
    made = _keep(world, asked, "picture", most=2 * _MIB)
    return {"url": f"https://wework.example.com/picture/{made.media_id}"}


@answers("media/upload_attachment")
def upload_attachment(world: World, asked: Asked) -> dict[str, Any]:
    """Take a temporary file for moments or products."""
    kind = asked.query.get("media_type", "")
    if asked.query.get("attachment_type") not in {"1", "2"}:
        raise Refused(40058, "invalid attachment_type")
    made = _keep(world, asked, kind, most=_MOST.get(kind))
    return {"type": kind, "media_id": made.media_id, "created_at": int(made.created_at)}


@answers("media/get", method="GET")
def get_media(world: World, asked: Asked) -> bytes:
    """Give a temporary file back."""
    found = world.media.get(asked.query.get("media_id", ""))
    if found is None or world.now() - found.created_at > MEDIA_SECONDS:
        raise Refused(40007, "invalid media_id")
    return found.content


@answers("message/send", invaliduser="")
def send(world: World, asked: Asked) -> dict[str, Any]:
    """Take a message to staff."""
    if asked.body.get("agentid") != asked.app.agent_id:
        raise Refused(301002, "wrong agentid")
    named = [one for one in asked.text("touser").split("|") if one]
    if len(named) > 1_000:
        raise Refused(40058, "too many users")
    known = [one for one in named if one in world.staff and world.staff[one].left_at is None]
    if not known:
        raise Refused(81013, "all targets invalid")
    kind = asked.text("msgtype")
    content = asked.body.get(kind) or {}
    if len(str(content.get("content", "")).encode()) > 2_048:
        raise Refused(40058, "text too long")
    msgid = world.new_id("app")
    world.notices.append({"msgid": msgid, "userids": known, "kind": kind, "content": content, "at": world.now()})
    return {"invaliduser": "|".join(one for one in named if one not in known), "msgid": msgid}


@answers("getcallbackip", method="GET", ip_list=[])
def getcallbackip(world: World, asked: Asked) -> dict[str, Any]:
    """Tell where callbacks come from."""
    return {"ip_list": ["127.0.0.1"]}


@answers("get_api_domain_ip", method="GET", ip_list=[])
def get_api_domain_ip(world: World, asked: Asked) -> dict[str, Any]:
    """Tell where the API is."""
    return {"ip_list": ["127.0.0.1"]}


def _keep(world: World, asked: Asked, kind: str, *, most: int | None) -> MediaFile:
    if most is None:
        raise Refused(40004, "invalid media type")
    if asked.file is None:
        raise Refused(44001, "empty media data")
    if not 5 < len(asked.file.content) <= most:
        raise Refused(40006, "invalid media size")
    made = MediaFile(world.new_id("media", length=40), kind, asked.file.name, asked.file.content, world.now())
    world.media[made.media_id] = made
    return made
