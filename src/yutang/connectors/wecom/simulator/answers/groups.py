"""Customer groups."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.acts_groups import give_away, shown, version_text
from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of
from yutang.connectors.wecom.simulator.world import EXTERNAL, STAFF, Chat, World

_ROOM = "externalcontact/groupchat"
_VISIBLE_STAFF = 1_000
_TRANSFERS, _TRANSFER_DAYS = 2, 90
_DAILY_TRANSFERS = 300


@answers(f"{_ROOM}/list", group_chat_list=[])
def list_groups(world: World, asked: Asked) -> dict[str, Any]:
    """List groups by owner and state."""
    status = asked.number("status_filter", 0, most=3)
    limit = asked.number("limit", least=1, most=1000)
    owners = (asked.body.get("owner_filter") or {}).get("userid_list") or []
    if len(owners) > 100:
        raise Refused(40058, "too many owners")
    if not owners and len(world.staff) > _VISIBLE_STAFF:
        raise Refused(81017, "too many visible members")
    found = [
        chat
        for chat in world.chats.values()
        if chat.dismissed_at is None and (not status or chat.status == status) and _is_meant(world, chat, owners)
    ]
    page, cursor = page_of(world, asked, found, limit=limit)
    rows = [{"chat_id": chat.chat_id, "status": chat.status} for chat in page]
    return {"group_chat_list": rows, "next_cursor": cursor}


def _is_meant(world: World, chat: Chat, owners: list[str]) -> bool:
    """Return whether a group is asked for; one whose owner left must be named by its owner."""
    return chat.owner in owners if owners else world.staff[chat.owner].left_at is None


@answers(f"{_ROOM}/get", group_chat={})
def get_group(world: World, asked: Asked) -> dict[str, Any]:
    """Show a group with its members."""
    chat = _chat(world, asked.text("chat_id"))
    picture = shown(world, chat)
    named = asked.number("need_name", 0, most=1) == 1
    return {
        "group_chat": {
            "chat_id": chat.chat_id,
            "name": picture["name"],
            "owner": picture["owner"],
            "create_time": int(chat.created_at),
            "notice": picture["notice"],
            "member_list": [_member(world, one, named=named) for one in picture["members"]],
            "admin_list": [{"userid": one} for one in chat.admins],
            "member_version": version_text(picture["version"]),
        }
    }


def _member(world: World, one: dict[str, Any], *, named: bool) -> dict[str, Any]:
    is_staff = one["kind"] == STAFF
    row: dict[str, Any] = {
        "userid": one["member"],
        "type": STAFF if is_staff else EXTERNAL,
        "join_time": int(one["joined_at"]),
        "join_scene": one["scene"],
        "group_nickname": "",
    }
    if not is_staff and world.people[one["member"]].kind == 1:
        row["unionid"] = world.people[one["member"]].unionid
    if one["inviter"]:
        row["invitor"] = {"userid": one["inviter"]}
    if one["state"]:
        row["state"] = one["state"]
    if named:
        row["name"] = world.staff[one["member"]].name if is_staff else world.people[one["member"]].name
    return row


@answers(f"{_ROOM}/transfer", failed_chat_list=[])
def transfer(world: World, asked: Asked) -> dict[str, Any]:
    """Give groups whose owner left to somebody else."""
    return _transfer(world, asked, of_left=True)


@answers(f"{_ROOM}/onjob_transfer", failed_chat_list=[])
def onjob_transfer(world: World, asked: Asked) -> dict[str, Any]:
    """Give groups whose owner is there to somebody else."""
    return _transfer(world, asked, of_left=False)


def _transfer(world: World, asked: Asked, *, of_left: bool) -> dict[str, Any]:
    chat_ids = asked.texts("chat_id_list", most=100, needed=True)
    owner = asked.text("new_owner")
    if owner not in world.staff or not world.staff[owner].may_serve:
        raise Refused(40098, "new owner cannot take groups")
    failed = []
    for chat_id in chat_ids:
        if errcode := _cannot_transfer(world, chat_id, owner, of_left=of_left):
            failed.append({"chat_id": chat_id, "errcode": errcode, "errmsg": "refused"})
            continue
        chat = world.chats[chat_id]
        chat.transfers.append(world.now())
        chat.status = 3 if of_left else 0
        give_away(world, chat_id=chat_id, owner=owner, tells=world.rules.events_of_api)
    return {"failed_chat_list": failed}


def _cannot_transfer(world: World, chat_id: str, owner: str, *, of_left: bool) -> int:
    chat = world.chats.get(chat_id)
    if chat is None or chat.dismissed_at is not None:
        return 90501
    has_left = world.staff[chat.owner].left_at is not None
    if has_left is not of_left:
        return 90500 if of_left else 90502
    if chat.owner == owner:
        return 90504
    today = world.now() - 86_400
    if (
        sum(at > today for one in world.chats.values() if one.owner == owner for at in one.transfers)
        >= _DAILY_TRANSFERS
    ):
        return 90503
    recent = [at for at in chat.transfers if world.now() - at < _TRANSFER_DAYS * 86_400]
    return 90505 if not of_left and len(recent) >= _TRANSFERS else 0


def _chat(world: World, chat_id: str) -> Chat:
    chat = world.chats.get(chat_id)
    if chat is None or chat.dismissed_at is not None:
        raise Refused(40050, "chatid unknown")
    return chat
