"""Customers of staff, and their ids in other worlds."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.acts_people import complete_handovers
from yutang.connectors.wecom.simulator.asked import (
    Asked,
    Refused,
    answers,
    own_relation,
    page_of,
    tell_of_change,
    visible,
)
from yutang.connectors.wecom.simulator.world import SERVED, Person, Relation, World

_ROOM = "externalcontact"


@answers(f"{_ROOM}/get_follow_user_list", method="GET", follow_user=[])
def get_follow_user_list(world: World, asked: Asked) -> dict[str, Any]:
    """List who may have customers."""
    seen = [one.userid for one in world.staff.values() if one.may_serve]
    return {"follow_user": [one for one in seen if asked.app.sees is None or one in asked.app.sees]}


@answers(f"{_ROOM}/list", method="GET", external_userid=[])
def list_customers(world: World, asked: Asked) -> dict[str, Any]:
    """List the customers of one member of staff."""
    userid = asked.query.get("userid", "")
    visible(world, asked, userid)
    complete_handovers(world)
    found = [relation.external_userid for relation in world.customers_of(userid)]
    if not found:
        raise Refused(84061, "not external contact")
    return {"external_userid": found}


@answers(f"{_ROOM}/get", method="GET", external_contact={}, follow_user=[])
def get_customer(world: World, asked: Asked) -> dict[str, Any]:
    """Show one person with all followers."""
    external = asked.query.get("external_userid", "")
    if external not in world.people:
        raise Refused(40096, "invalid external userid")
    complete_handovers(world)
    followers = [one for one in world.followers_of(external) if asked.app.sees is None or one.userid in asked.app.sees]
    if not followers:
        raise Refused(84061, "not external contact")
    page, cursor = page_of(world, asked, followers, limit=500)
    shown = [{**_follow(one), "tags": _labels(world, one)} for one in page]
    return {
        "external_contact": _contact(world.people[external]),
        "follow_user": shown,
        **({"next_cursor": cursor} if cursor else {}),
    }


@answers(f"{_ROOM}/batch/get_by_user", external_contact_list=[])
def batch_get_by_user(world: World, asked: Asked) -> dict[str, Any]:
    """Show the customers of up to a hundred members of staff."""
    userids = asked.texts("userid_list", most=100, needed=True)
    for userid in userids:
        visible(world, asked, userid)
    complete_handovers(world)
    relations = [relation for userid in userids for relation in world.relations.get(userid, {}).values()]
    # A page is cut before it is known who of it is still a customer, so that one may be short, or empty, and not the last.
    page, cursor = page_of(world, asked, relations, limit=asked.number("limit", 50, least=1, most=100))
    rows = [
        {
            "external_contact": _contact(world.people[one.external_userid]),
            "follow_info": {**_follow(one), "tag_id": list(one.tags)},
        }
        for one in page
        if one.tie in SERVED
    ]
    return {"external_contact_list": rows, "next_cursor": cursor}


@answers(f"{_ROOM}/remark")
def remark(world: World, asked: Asked) -> dict[str, Any]:
    """Write what a member of staff notes."""
    relation = own_relation(world, asked)
    noted = {
        "remark": asked.text("remark", most=20, needed=False),
        "description": asked.text("description", most=150, needed=False),
        "company": asked.text("remark_company", most=20, needed=False),
    }
    mobiles = asked.body.get("remark_mobiles")
    names = {"remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid"}
    if not names & set(asked.body):
        raise Refused(40058, "nothing to note")
    for name, sent in (("remark", "remark"), ("description", "description"), ("company", "remark_company")):
        if sent in asked.body:
            setattr(relation, name, noted[name])
    if mobiles is not None:
        _write_mobiles(world, relation, mobiles)
    tell_of_change(world, relation)
    return {}


@answers(f"{_ROOM}/contact_list", info_list=[])
def contact_list(world: World, asked: Asked) -> dict[str, Any]:
    """List everybody whom staff served: customers, and members of groups who are none."""
    rows: list[dict[str, Any]] = [
        {
            "is_customer": True,
            "external_userid": one.external_userid,
            "name": world.people[one.external_userid].name,
            "follow_userid": one.userid,
            "add_time": int(one.created_at),
        }
        for userid in list(world.relations)
        for one in world.customers_of(userid)
    ]
    page, cursor = page_of(world, asked, rows, limit=asked.number("limit", 1000, least=1, most=1000))
    return {"info_list": page, "next_cursor": cursor}


@answers(f"{_ROOM}/unionid_to_external_userid")
def unionid_to_external_userid(world: World, asked: Asked) -> dict[str, Any]:
    """Find a customer by unionid."""
    unionid, openid = asked.text("unionid", errcode=610014), asked.text("openid", errcode=610018)
    external = world.by_unionid.get(unionid)
    if external is None or not any(world.followers_of(external)):
        raise Refused(60136, "no record")
    if world.people[external].openid != openid:
        raise Refused(610018, "unionid and openid do not match")
    return {"external_userid": external}


@answers(f"{_ROOM}/convert_to_openid")
def convert_to_openid(world: World, asked: Asked) -> dict[str, Any]:
    """Show the openid of a customer who uses WeChat."""
    person = world.people.get(asked.text("external_userid"))
    if person is None or person.kind != 1:
        raise Refused(40096, "invalid external userid")
    return {"openid": person.openid}


@answers(f"{_ROOM}/opengid_to_chatid")
def opengid_to_chatid(world: World, asked: Asked) -> dict[str, Any]:
    """Find a group by opengid; here it is the chat_id with ``og`` in front."""
    opengid = asked.text("opengid", errcode=90511)
    chat_id = opengid.removeprefix("og")
    if not opengid.startswith("og"):
        raise Refused(90511, "invalid opengid")
    if chat_id not in world.chats:
        raise Refused(90509, "not a customer group")
    return {"chat_id": chat_id}


def _contact(person: Person) -> dict[str, Any]:
    return {
        "external_userid": person.external_userid,
        "name": person.name,
        "avatar": "",
        "type": person.kind,
        "gender": person.gender,
        **({"unionid": person.unionid} if person.kind == 1 else {}),
    }


def _follow(relation: Relation) -> dict[str, Any]:
    by_staff = relation.add_way in {2, 3, 202}
    return {
        "userid": relation.userid,
        "remark": relation.remark,
        "description": relation.description,
        "createtime": int(relation.created_at),
        "remark_corp_name": relation.company,
        "remark_mobiles": relation.mobiles,
        "oper_userid": relation.userid if by_staff else relation.external_userid,
        "add_way": relation.add_way,
        "state": relation.state,
    }


def _labels(world: World, relation: Relation) -> list[dict[str, Any]]:
    found = []
    for tag_id in relation.tags:
        tag = world.tags[tag_id]
        group = world.tag_groups[tag.group_id]
        found.append({"group_name": group.name, "tag_name": tag.name, "tag_id": tag_id, "type": 1})
    return found


def _write_mobiles(world: World, relation: Relation, mobiles: Any) -> None:
    """Write phone numbers; what clears them is one of the points that nobody tells for certain."""
    by = world.rules.clears_mobiles_by
    clears_by_text = mobiles in ("", [""]) and by in {"text", "both"}
    clears_by_list = mobiles == [] and by in {"list", "both"}
    if clears_by_text or clears_by_list:
        relation.mobiles = []
    elif isinstance(mobiles, list) and all(isinstance(one, str) for one in mobiles):
        if kept := [one for one in mobiles if one]:
            relation.mobiles = kept
    else:
        raise Refused(40058, "remark_mobiles is no list of texts")
