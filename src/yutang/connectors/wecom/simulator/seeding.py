"""A corp to begin with: staff, customers, groups and tags of any number, the same ones for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from yutang.connectors.wecom.simulator.acts_groups import BY_CODE, INVITED
from yutang.connectors.wecom.simulator.rules import DAY
from yutang.connectors.wecom.simulator.world import (
    EXTERNAL,
    STAFF,
    Chat,
    Happening,
    Membership,
    Person,
    Relation,
    Staff,
    Tag,
    TagGroup,
    Tie,
    Way,
    World,
)

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = (
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
    "刚",
    "桂英",
    "晨",
)
_ROLES = ("店长", "导购", "客服", "社群")
_TAGS = {"来源": ("包裹卡", "门店海报", "直播"), "等级": ("新客", "熟客", "高价值"), "偏好": ("童装", "女装", "亲子照")}
#: Phone numbers of blocks for data cards without voice, which nobody answers.
_PHONE_BLOCK = 14_550_000_000


@dataclass(frozen=True)
class Size:
    """How large the corp is.

    Attributes:
        staff: who serve customers.
        customers: people, each with one member of staff.
        groups: customer groups, dealt out among the owners.
        owners: how many of the staff own groups.
        members: customers in each group.
    """

    staff: int = 6
    customers: int = 60
    groups: int = 6
    owners: int = 3
    members: int = 8


@dataclass(frozen=True)
class Customer:
    """Somebody who is to be a customer of a member of staff.

    Attributes:
        name: what they are called in WeChat.
        mobile: what the member of staff noted; empty for nothing.
        userid: the member of staff.
        external_userid: by which an export of this corp names them already; empty: a new one.
        unionid: likewise.
    """

    name: str
    mobile: str
    userid: str
    external_userid: str = ""
    unionid: str = ""


@dataclass(frozen=True)
class Cast:
    """People of a shop who are to be in the corp: (userid, name) of staff, and their customers."""

    staff: tuple[tuple[str, str], ...]
    customers: tuple[Customer, ...]
    groups: int = 4
    members: int = 12


def seed_world(world: World, size: Size) -> None:
    """Fill an empty world with people who are made up."""
    dice = random.Random(world.seed)  # noqa: S311 - repeatable, no secret.
    _staff(world, size)
    tags = _tags(world)
    _customers(world, size, dice, tags)
    _groups(world, size, dice)
    _ways(world)


def seed_cast(world: World, cast: Cast) -> None:
    """Fill an empty world with people of a shop."""
    dice = random.Random(world.seed)  # noqa: S311 - repeatable, no secret.
    for userid, name in cast.staff:
        world.staff[userid] = Staff(userid, name)
    tags = _tags(world)
    for number, one in enumerate(cast.customers):
        person = _person(world, number, one.name, dice, external_userid=one.external_userid, unionid=one.unionid)
        relation = _befriend(world, one.userid, person, dice, tags)
        relation.mobiles = [one.mobile] if one.mobile else []
    size = Size(
        staff=len(cast.staff), groups=cast.groups, owners=min(cast.groups, len(cast.staff)), members=cast.members
    )
    _groups(world, size, dice)
    _ways(world)


def _staff(world: World, size: Size) -> None:
    for number in range(size.staff):
        userid = f"staff{number + 1:03d}"
        name = f"{_FAMILY[number % len(_FAMILY)]}{_ROLES[number % len(_ROLES)]}"
        world.staff[userid] = Staff(userid, name, department=1 + number % 3)


def _tags(world: World) -> list[str]:
    at = world.now() - 90 * DAY
    made = []
    for order, (group_name, names) in enumerate(reversed(_TAGS.items())):
        group = TagGroup(world.new_id("et"), group_name, order, at)
        world.tag_groups[group.id] = group
        for place, name in enumerate(reversed(names)):
            tag = Tag(world.new_id("et"), name, group.id, place, at)
            world.tags[tag.id] = tag
            made.append(tag.id)
    return made


def _customers(world: World, size: Size, dice: random.Random, tags: list[str]) -> None:
    staff = list(world.staff)
    for number in range(size.customers):
        name = dice.choice(_FAMILY) + dice.choice(_GIVEN)
        person = _person(world, number, name, dice)
        relation = _befriend(world, staff[number % len(staff)], person, dice, tags)
        relation.mobiles = [str(_PHONE_BLOCK + number)] if dice.random() < 0.5 else []


def _person(
    world: World, number: int, name: str, dice: random.Random, *, external_userid: str = "", unionid: str = ""
) -> Person:
    external_userid, unionid = external_userid or world.new_id("wm"), unionid or f"oU{number:026d}"
    person = Person(external_userid, unionid, world.new_id("oS"), name, gender=dice.randint(0, 2))
    world.people[person.external_userid] = person
    world.by_unionid[person.unionid] = person.external_userid
    return person


def _befriend(world: World, userid: str, person: Person, dice: random.Random, tags: list[str]) -> Relation:
    added = world.now() - dice.random() * 60 * DAY
    relation = Relation(userid, person.external_userid, Tie.BOTH, added, add_way=dice.choice((1, 1, 3, 16)))
    relation.tags = dict.fromkeys(dice.sample(tags, dice.randint(0, 3)))
    relation.has_talked, relation.last_talk_at = True, added
    world.relations[userid][person.external_userid] = relation
    world.history.append(Happening(added, "request", userid, person.external_userid))
    world.history.append(Happening(added, "added", userid, person.external_userid))
    return relation


def _groups(world: World, size: Size, dice: random.Random) -> None:
    owners = list(world.staff)[: size.owners]
    people = list(world.people)
    for number in range(size.groups):
        owner = owners[number % len(owners)]
        made = world.now() - (5 + dice.random() * 50) * DAY
        chat = Chat(world.new_id("wr"), f"老客福利群{number + 1}", owner, made)
        chat.members[owner] = Membership(owner, STAFF, made, INVITED)
        world.history.append(Happening(made, "joined", owner, owner, chat.chat_id))
        for member in dice.sample(people, min(size.members, len(people))):
            joined = made + dice.random() * 4 * DAY
            chat.members[member] = Membership(member, EXTERNAL, joined, BY_CODE)
            world.history.append(Happening(joined, "joined", owner, member, chat.chat_id))
        chat.version = len(chat.members)
        world.chats[chat.chat_id] = chat


def _ways(world: World) -> None:
    """Make a contact way of everybody and a join way of the first groups, so that there is something to scan."""
    users = list(world.staff)[:100]
    contact = {
        "type": 2,
        "scene": 2,
        "skip_verify": True,
        "state": "sandbox",
        "user": users,
        "remark": "沙盒渠道码",
        "party": [],
    }
    chats = list(world.chats)[:5]
    join = {
        "scene": 2,
        "auto_create_room": 1,
        "chat_id_list": chats,
        "state": "sandbox-group",
        "remark": "沙盒群活码",
        "room_base_name": "新客福利群",
        "room_base_id": 1,
    }
    for fields, is_join in ((contact, False), (join, True)):
        if users and (chats or not is_join):
            config_id = world.new_id("", length=32).lower()
            qr_code = f"https://wework.example.com/{'join' if is_join else 'contact'}/{config_id}"
            world.ways[config_id] = Way(config_id, world.now(), {**fields, "qr_code": qr_code}, is_join)
