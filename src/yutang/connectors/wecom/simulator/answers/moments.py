"""Posts to the moments of customers."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of
from yutang.connectors.wecom.simulator.contents import check_media
from yutang.connectors.wecom.simulator.world import Moment, World

_ROOM = "externalcontact"
_MAKING_SECONDS = 2.0
_JOB_SECONDS = 86_400
_SPAN = 30 * 86_400


@answers(f"{_ROOM}/add_moment_task")
def add_moment_task(world: World, asked: Asked) -> dict[str, Any]:
    """Ask staff to post."""
    content = _content(world, asked)
    reach = asked.body.get("visible_range") or {}
    senders = reach.get("sender_list") or {}
    named = [*(senders.get("user_list") or [])]
    named += [one.userid for one in world.staff.values() if one.department in (senders.get("department_list") or [])]
    userids = named or list(world.staff)
    tags = set((reach.get("external_contact_list") or {}).get("tag_list") or [])
    audience = {
        userid: [one.external_userid for one in world.customers_of(userid) if not tags or tags & set(one.tags)]
        for userid in dict.fromkeys(userids)
        if userid in world.staff and world.staff[userid].may_serve
    }
    moment = Moment(world.new_id("mom"), world.new_id("job"), world.now(), content, audience)
    world.moments[moment.moment_id] = moment
    return {"jobid": moment.jobid}


@answers(f"{_ROOM}/get_moment_task_result", method="GET", result={})
def get_moment_task_result(world: World, asked: Asked) -> dict[str, Any]:
    """Tell how far the making is."""
    moment = next((one for one in world.moments.values() if one.jobid == asked.query.get("jobid")), None)
    if moment is None or world.now() - moment.created_at > _JOB_SECONDS:
        raise Refused(41061, "invalid jobid")
    if world.now() - moment.created_at < _MAKING_SECONDS:
        return {"status": 2, "type": "add_moment_task", "result": {}}
    errcode = 0 if any(moment.audience.values()) else 41059
    result = {"errcode": errcode, "errmsg": "ok", "moment_id": moment.moment_id if not errcode else ""}
    return {
        "status": 3,
        "type": "add_moment_task",
        "result": {
            **result,
            "invalid_sender_list": {"user_list": []},
            "invalid_external_contact_list": {"tag_list": []},
        },
    }


@answers(f"{_ROOM}/get_moment_list", moment_list=[])
def get_moment_list(world: World, asked: Asked) -> dict[str, Any]:
    """List posts by when they were made."""
    since, until = asked.number("start_time"), asked.number("end_time")
    if not 0 <= until - since <= _SPAN:
        raise Refused(40058, "span over 30 days")
    found = [one for one in world.moments.values() if since <= one.created_at <= until and not one.is_cancelled]
    page, cursor = page_of(world, asked, found, limit=asked.number("limit", 20, least=1, most=20))
    rows = [
        {
            "moment_id": one.moment_id,
            "create_time": int(one.created_at),
            "create_type": 0,
            "visible_type": 1,
            **one.content,
        }
        for one in page
    ]
    return {"moment_list": rows, "next_cursor": cursor}


@answers(f"{_ROOM}/get_moment_task", task_list=[])
def get_moment_task(world: World, asked: Asked) -> dict[str, Any]:
    """List who was asked to post, and who did."""
    moment = _moment(world, asked)
    page, cursor = page_of(world, asked, list(moment.audience), limit=asked.number("limit", 500, least=1, most=1000))
    rows = [{"userid": userid, "publish_status": int(userid in moment.published_at)} for userid in page]
    return {"task_list": rows, "next_cursor": cursor}


@answers(f"{_ROOM}/get_moment_customer_list", customer_list=[])
def get_moment_customer_list(world: World, asked: Asked) -> dict[str, Any]:
    """List who may see a post."""
    moment, userid = _moment(world, asked), asked.text("userid")
    return _customers(world, asked, userid, moment.audience.get(userid, []), limit=1000)


@answers(f"{_ROOM}/get_moment_send_result", customer_list=[])
def get_moment_send_result(world: World, asked: Asked) -> dict[str, Any]:
    """List whom a post reached."""
    moment, userid = _moment(world, asked), asked.text("userid")
    reached = moment.audience.get(userid, []) if userid in moment.published_at else []
    return _customers(world, asked, userid, reached, limit=5000)


@answers(f"{_ROOM}/get_moment_comments", comment_list=[], like_list=[])
def get_moment_comments(world: World, asked: Asked) -> dict[str, Any]:
    """List comments and likes of what one member of staff posted."""
    moment, userid = _moment(world, asked), asked.text("userid")

    def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: one[name] for name in ("external_userid", "create_time")} for one in rows if one["of"] == userid]

    return {"comment_list": shown(moment.comments), "like_list": shown(moment.likes)}


@answers(f"{_ROOM}/cancel_moment_task")
def cancel_moment_task(world: World, asked: Asked) -> dict[str, Any]:
    """Stop a post."""
    _moment(world, asked).is_cancelled = True
    return {}


def _content(world: World, asked: Asked) -> dict[str, Any]:
    text = (asked.body.get("text") or {}).get("content") or ""
    attachments = asked.body.get("attachments") or []
    kinds = {str(one.get("msgtype")) for one in attachments}
    if not text and not attachments:
        raise Refused(40058, "text and attachments are both empty")
    if len(text) > 2_000:
        raise Refused(40058, "text too long")
    if len(kinds) > 1 or not kinds <= {"image", "video", "link"}:
        raise Refused(41065, "attachments do not go together")
    if len(attachments) > (9 if kinds == {"image"} else 1):
        raise Refused(41064, "too many attachments")
    for one in attachments:
        part = one.get(str(one.get("msgtype"))) or {}
        if len(str(part.get("title", "")).encode()) > 64:
            raise Refused(40058, "link.title too long")
        if part.get("media_id"):
            check_media(world, str(part["media_id"]))
    return {"text": {"content": text}, "attachments": attachments}


def _customers(world: World, asked: Asked, userid: str, found: list[str], *, limit: int) -> dict[str, Any]:
    page, cursor = page_of(world, asked, found, limit=asked.number("limit", 500, least=1, most=limit))
    return {"customer_list": [{"external_userid": one, "userid": userid} for one in page], "next_cursor": cursor}


def _moment(world: World, asked: Asked) -> Moment:
    moment = world.moments.get(asked.text("moment_id"))
    if moment is None or moment.is_cancelled:
        raise Refused(41062, "invalid moment id")
    return moment
