"""Welcome messages, and the templates that groups greet with."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers
from yutang.connectors.wecom.simulator.contents import check_message, check_part
from yutang.connectors.wecom.simulator.world import World

_ROOM = "externalcontact"
_TEMPLATES = 100
_PARTS = ("image", "link", "miniprogram", "file", "video")


@answers(f"{_ROOM}/send_welcome_msg")
def send_welcome_msg(world: World, asked: Asked) -> dict[str, Any]:
    """Greet a newcomer, once, within 20 seconds."""
    code = world.codes.get(asked.text("welcome_code", errcode=41049))
    content = check_message(world, asked.body)
    if code is None or world.now() - code.made_at > world.rules.welcome_seconds:
        raise Refused(41050, "welcome code expired")
    relation = world.relation(code.userid, code.external_userid)
    if code.used_with is not None or relation is None or relation.is_welcomed or relation.has_talked:
        raise Refused(41051, "welcome message sent, or chat started")
    code.used_with = {**content, "at": world.now()}
    relation.is_welcomed = True
    return {}


@answers(f"{_ROOM}/group_welcome_template/add")
def add_template(world: World, asked: Asked) -> dict[str, Any]:
    """Make a template."""
    if len(world.templates) >= _TEMPLATES:
        raise Refused(41055, "too many templates")
    content = _content(world, asked)
    template_id = world.new_id("msgT")
    world.templates[template_id] = content
    return {"template_id": template_id}


@answers(f"{_ROOM}/group_welcome_template/edit")
def edit_template(world: World, asked: Asked) -> dict[str, Any]:
    """Overwrite a template."""
    template_id = _template(world, asked)
    world.templates[template_id] = _content(world, asked)
    return {}


@answers(f"{_ROOM}/group_welcome_template/get")
def get_template(world: World, asked: Asked) -> dict[str, Any]:
    """Show a template."""
    return dict(world.templates[_template(world, asked)])


@answers(f"{_ROOM}/group_welcome_template/del")
def del_template(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a template."""
    del world.templates[_template(world, asked)]
    return {}


def _template(world: World, asked: Asked) -> str:
    template_id = asked.text("template_id")
    if template_id not in world.templates:
        raise Refused(41056, "invalid template id")
    return template_id


def _content(world: World, asked: Asked) -> dict[str, Any]:
    text = (asked.body.get("text") or {}).get("content") or ""
    # Of several parts the first of this order counts.
    name = next((one for one in _PARTS if asked.body.get(one)), None)
    if not text and name is None:
        raise Refused(40058, "template is empty")
    if len(text.encode()) > 3_000:
        raise Refused(40058, "text too long")
    if name is None:
        return {"text": {"content": text}}
    check_part(world, name, asked.body[name])
    return {"text": {"content": text}, name: asked.body[name]}
