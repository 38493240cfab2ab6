"""What happens in customer groups: made, joined, left, renamed, given away, dismissed."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.acts_people import NotPossible, person_for
from yutang.connectors.wecom.simulator.world import EXTERNAL, STAFF, Chat, Membership, Way, World
from yutang.kit.text import N_

_CHAT = "change_external_chat"
#: How somebody came, as `groupchat/get` numbers it.
INVITED, BY_LINK, BY_CODE = 1, 2, 3


def create(world: World, *, owner: str, name: str) -> Chat:
    """Let a member of staff make a group."""
    if owner not in world.staff or not world.staff[owner].may_serve:
        raise NotPossible(N_("the owner is not there or may not serve customers"))
    now = world.now()
    chat = Chat(world.new_id("wr"), name, owner, now)
    chat.members[owner] = Membership(owner, STAFF, now, INVITED)
    world.chats[chat.chat_id] = chat
    world.note("group_made", userid=owner, chat_id=chat.chat_id)
    world.note("joined", userid=owner, other=owner, chat_id=chat.chat_id)
    world.tell(_CHAT, "create", ChatId=chat.chat_id)
    return chat


def join(world: World, *, chat_id: str, member: str, scene: int = INVITED, inviter: str = "", state: str = "") -> None:
    """Let somebody come into a group: a userid, or an external_userid."""
    chat = _alive(world, chat_id)
    if member in chat.members:
        raise NotPossible(N_("already in the group"))
    if len(chat.members) >= world.rules.group_most:
        raise NotPossible(N_("the group is full"))
    kind = STAFF if member in world.staff else EXTERNAL
    if kind == EXTERNAL and member not in world.people:
        raise NotPossible(N_("nobody is known by that id"))
    _before_change(world, chat)
    chat.members[member] = Membership(member, kind, world.now(), scene, inviter, state)
    world.note("joined", userid=chat.owner, other=member, chat_id=chat_id)
    shown = 3 if scene == BY_CODE else world.rules.join_scene_invited
    _members_changed(world, chat, "add_member", member, JoinScene=shown)


def join_by_way(world: World, *, config_id: str, unionid: str, name: str = "") -> dict[str, Any]:
    """Let somebody scan a join way: into the first group with a place, or into a new one where that is wished."""
    way = world.ways.get(config_id)
    if way is None or not way.is_join:
        raise NotPossible(N_("there is no such join way"))
    person = person_for(world, unionid=unionid, name=name)
    chats = [world.chats[one] for one in way.fields["chat_id_list"] if one in world.chats]
    chats = [chat for chat in chats if chat.dismissed_at is None]
    inside = next((chat for chat in chats if person.external_userid in chat.members), None)
    if inside is not None:
        return {"chat_id": inside.chat_id, "external_userid": person.external_userid, "is_new": False}
    chat = next((one for one in chats if len(one.members) < world.rules.group_places), None) or _next_group(
        world, way, chats
    )
    state = str(way.fields.get("state") or "")
    join(world, chat_id=chat.chat_id, member=person.external_userid, scene=BY_CODE, state=state)
    return {"chat_id": chat.chat_id, "external_userid": person.external_userid, "is_new": True}


def depart(world: World, *, chat_id: str, member: str, removed: bool = False) -> None:
    """Let somebody leave a group, or be removed from it."""
    chat = _alive(world, chat_id)
    if member not in chat.members:
        raise NotPossible(N_("not in the group"))
    if member == chat.owner:
        raise NotPossible(N_("the owner cannot leave; give the group away first"))
    _before_change(world, chat)
    del chat.members[member]
    world.note("left", userid=chat.owner, other=member, chat_id=chat_id)
    _members_changed(world, chat, "del_member", member, QuitScene=world.rules.quit_scene_left + int(removed))


def rename(world: World, *, chat_id: str, name: str) -> None:
    """Give a group another name."""
    chat = _alive(world, chat_id)
    _before_change(world, chat)
    chat.name = name
    world.tell(_CHAT, "update", ChatId=chat_id, UpdateDetail="change_name")


def announce(world: World, *, chat_id: str, notice: str) -> None:
    """Put up a notice in a group."""
    chat = _alive(world, chat_id)
    _before_change(world, chat)
    chat.notice = notice
    world.tell(_CHAT, "update", ChatId=chat_id, UpdateDetail="change_notice")


def give_away(world: World, *, chat_id: str, owner: str, tells: bool = True) -> None:
    """Give a group to another member of staff."""
    chat = _alive(world, chat_id)
    if owner not in world.staff:
        raise NotPossible(N_("nobody of that name is there"))
    _before_change(world, chat)
    chat.owner = owner
    chat.members.setdefault(owner, Membership(owner, STAFF, world.now(), INVITED))
    if tells:
        world.tell(_CHAT, "update", ChatId=chat_id, UpdateDetail="change_owner")


def say(world: World, *, chat_id: str, member: str, messages: int = 1) -> None:
    """Let somebody write in a group."""
    chat = _alive(world, chat_id)
    if member not in chat.members:
        raise NotPossible(N_("not in the group"))
    world.note("said", userid=chat.owner, other=member, chat_id=chat_id, count=messages)


def dismiss(world: World, *, chat_id: str) -> None:
    """Let the owner dismiss a group; members get no event of their own."""
    chat = _alive(world, chat_id)
    chat.dismissed_at = world.now()
    world.tell(_CHAT, "dismiss", ChatId=chat_id)


def shown(world: World, chat: Chat) -> dict[str, Any]:
    """Return a group as `groupchat/get` shows it: for two seconds after a change as it was before."""
    if chat.before is not None and world.now() - chat.changed_at < world.rules.group_seconds:
        return chat.before
    chat.before = None
    return _picture(chat)


def _picture(chat: Chat) -> dict[str, Any]:
    return {
        "name": chat.name,
        "owner": chat.owner,
        "notice": chat.notice,
        "members": [vars(one).copy() for one in chat.members.values()],
        "version": chat.version,
    }


def _alive(world: World, chat_id: str) -> Chat:
    chat = world.chats.get(chat_id)
    if chat is None or chat.dismissed_at is not None:
        raise NotPossible(N_("there is no such group"))
    return chat


def _before_change(world: World, chat: Chat) -> None:
    if world.now() - chat.changed_at >= world.rules.group_seconds or chat.before is None:
        chat.before = _picture(chat)
    chat.changed_at = world.now()


def _members_changed(world: World, chat: Chat, detail: str, member: str, **scene: int) -> None:
    last = version_text(chat.version)
    chat.version += 1
    world.tell(
        _CHAT,
        "update",
        ChatId=chat.chat_id,
        UpdateDetail=detail,
        **scene,
        MemChangeCnt=1,
        MemChangeList=[member],
        LastMemVer=last,
        CurMemVer=version_text(chat.version),
    )


def version_text(version: int) -> str:
    """Return a version of members as WeCom writes it."""
    return f"{version:032x}"


def _next_group(world: World, way: Way, chats: list[Chat]) -> Chat:
    if not way.fields.get("auto_create_room", 1) or not chats:
        raise NotPossible(N_("all groups of this join way are full"))
    number = int(way.fields.get("room_base_id") or 1) + way.opened
    way.opened += 1
    chat = create(world, owner=chats[-1].owner, name=f"{way.fields.get('room_base_name') or chats[-1].name}{number}")
    way.fields["chat_id_list"] = [*way.fields["chat_id_list"], chat.chat_id]
    return chat
