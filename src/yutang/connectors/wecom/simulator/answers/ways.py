"""Contact ways and join ways."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of
from yutang.connectors.wecom.simulator.world import Way, World

_CONTACT = "externalcontact"
_JOIN = "externalcontact/groupchat"
_WRITABLE = ("style", "remark", "skip_verify", "state", "user", "party", "is_exclusive", "mark_source")
_JOIN_FIELDS = ("scene", "auto_create_room", "room_base_name", "room_base_id", "chat_id_list", "state", "mark_source")
_SHOWN_DAYS = 90


@answers(f"{_CONTACT}/add_contact_way")
def add_contact_way(world: World, asked: Asked) -> dict[str, Any]:
    """Make a contact way."""
    if "type" not in asked.body:
        raise Refused(41037, "missing contact way type")
    if "scene" not in asked.body:
        raise Refused(41038, "missing contact way scene")
    if asked.body["type"] not in {1, 2}:
        raise Refused(41039, "invalid contact way type")
    if asked.body["scene"] not in {1, 2}:
        raise Refused(41040, "invalid contact way scene")
    _check_contact_way(world, asked, kind=asked.body["type"])
    _check_quota(world)
    fields = {"type": asked.body["type"], "scene": asked.body["scene"], **_written(asked)}
    way = _keep(world, fields, is_join=False)
    code = {"qr_code": fields["qr_code"]} if fields["scene"] == 2 else {}
    return {"config_id": way.config_id, **code}


@answers(f"{_CONTACT}/get_contact_way", contact_way={})
def get_contact_way(world: World, asked: Asked) -> dict[str, Any]:
    """Show a contact way."""
    way = _way(world, asked, is_join=False)
    return {"contact_way": {"config_id": way.config_id, **way.fields}}


@answers(f"{_CONTACT}/list_contact_way", contact_way=[])
def list_contact_way(world: World, asked: Asked) -> dict[str, Any]:
    """List the ids of contact ways by when they were made."""
    until = asked.number("end_time", int(world.now()) + 1)
    since = asked.number("start_time", until - _SHOWN_DAYS * 86_400)
    found = [way.config_id for way in world.ways.values() if not way.is_join and since <= way.created_at <= until]
    page, cursor = page_of(world, asked, found, limit=asked.number("limit", 100, least=1, most=1000))
    return {"contact_way": [{"config_id": one} for one in page], "next_cursor": cursor}


@answers(f"{_CONTACT}/update_contact_way")
def update_contact_way(world: World, asked: Asked) -> dict[str, Any]:
    """Overwrite a contact way."""
    way = _way(world, asked, is_join=False)
    _check_contact_way(world, asked, kind=way.fields["type"])
    # What is left out stays as it was; lists are overwritten, not added to.
    way.fields.update({name: asked.body[name] for name in _WRITABLE if name in asked.body})
    return {}


@answers(f"{_CONTACT}/del_contact_way")
def del_contact_way(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a contact way."""
    del world.ways[_way(world, asked, is_join=False).config_id]
    return {}


@answers(f"{_CONTACT}/close_temp_chat")
def close_temp_chat(world: World, asked: Asked) -> dict[str, Any]:
    """End a temporary chat; there are none here."""
    asked.text("userid")
    asked.text("external_userid")
    raise Refused(41056, "no temporary chat")


@answers(f"{_JOIN}/add_join_way")
def add_join_way(world: World, asked: Asked) -> dict[str, Any]:
    """Make a join way."""
    _check_quota(world)
    return {"config_id": _keep(world, _join_fields(world, asked), is_join=True).config_id}


@answers(f"{_JOIN}/get_join_way", join_way={})
def get_join_way(world: World, asked: Asked) -> dict[str, Any]:
    """Show a join way."""
    way = _way(world, asked, is_join=True)
    return {"join_way": {"config_id": way.config_id, **way.fields}}


@answers(f"{_JOIN}/update_join_way")
def update_join_way(world: World, asked: Asked) -> dict[str, Any]:
    """Overwrite a join way."""
    way = _way(world, asked, is_join=True)
    way.fields = {**_join_fields(world, asked), "qr_code": way.fields.get("qr_code", "")}
    return {}


@answers(f"{_JOIN}/del_join_way")
def del_join_way(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a join way."""
    del world.ways[_way(world, asked, is_join=True).config_id]
    return {}


def _check_contact_way(world: World, asked: Asked, *, kind: int) -> None:
    asked.text("remark", most=30, needed=False)
    asked.text("state", most=30, needed=False)
    users, parties = asked.texts("user"), asked.body.get("party") or []
    if kind == 1 and len(users) != 1:
        raise Refused(41041, "a single contact way takes exactly one user")
    if not users and not parties:
        raise Refused(40003, "no user")
    expanded = {*users, *(one.userid for one in world.staff.values() if one.department in parties)}
    if len(expanded) > 100:
        raise Refused(41041, "too many users")
    for userid in users:
        if userid not in world.staff:
            raise Refused(40003, "invalid userid")
        if not world.staff[userid].is_verified:
            raise Refused(40098, "not real-name verified")
        if not world.staff[userid].may_serve:
            raise Refused(41054, "user not active")


def _written(asked: Asked) -> dict[str, Any]:
    fields = {name: asked.body[name] for name in _WRITABLE if name in asked.body}
    return {"remark": "", "state": "", "skip_verify": True, "user": [], "party": [], "is_exclusive": False, **fields}


def _join_fields(world: World, asked: Asked) -> dict[str, Any]:
    scene = asked.number("scene", least=1, most=2)
    chats = asked.texts("chat_id_list", needed=True)
    if len(chats) > 5:
        raise Refused(41091, "too many chats")
    for chat_id in chats:
        if chat_id not in world.chats or world.chats[chat_id].dismissed_at is not None:
            raise Refused(40050, "invalid chat id")
    asked.text("state", most=30, needed=False)
    asked.text("room_base_name", most=40, needed=False)
    fields = {name: asked.body[name] for name in _JOIN_FIELDS if name in asked.body}
    # A remark that is too long is cut here, and refused for contact ways.
    return {"auto_create_room": 1, **fields, "scene": scene, "remark": asked.text("remark", needed=False)[:30]}


def _keep(world: World, fields: dict[str, Any], *, is_join: bool) -> Way:
    config_id = world.new_id("", length=32).lower()
    if fields["scene"] == 2:
        fields["qr_code"] = f"https://wework.example.com/{'join' if is_join else 'contact'}/{config_id}"
    way = Way(config_id, world.now(), fields, is_join)
    world.ways[config_id] = way
    return way


def _check_quota(world: World) -> None:
    if len(world.ways) >= world.rules.ways:
        raise Refused(41045, "too many contact ways")


def _way(world: World, asked: Asked, *, is_join: bool) -> Way:
    config_id = asked.text("config_id", errcode=41043)
    way = world.ways.get(config_id)
    if way is None or way.is_join is not is_join:
        raise Refused(41044, "invalid config id")
    return way
