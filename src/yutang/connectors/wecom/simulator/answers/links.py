"""Acquisition links."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of
from yutang.connectors.wecom.simulator.rules import local_day
from yutang.connectors.wecom.simulator.world import SERVED, Link, Relation, World

_ROOM = "externalcontact/customer_acquisition"
_PEOPLE = 500
_DAYS, _BACK = 30, 180


@answers(f"{_ROOM}/list_link", link_id_list=[])
def list_link(world: World, asked: Asked) -> dict[str, Any]:
    """List the ids of links."""
    page, cursor = page_of(world, asked, list(world.links), limit=asked.number("limit", 100, least=1, most=100))
    return {"link_id_list": page, "next_cursor": cursor}


@answers(f"{_ROOM}/get", link={}, range={})
def get_link(world: World, asked: Asked) -> dict[str, Any]:
    """Show a link."""
    link = _link(world, asked)
    return {"link": _shown(link), "range": link.fields["range"]}


@answers(f"{_ROOM}/create_link", link={})
def create_link(world: World, asked: Asked) -> dict[str, Any]:
    """Make a link."""
    fields = _fields(world, asked)
    link = Link(world.new_id("cawcde"), world.now(), fields)
    world.links[link.link_id] = link
    return {"link": _shown(link)}


@answers(f"{_ROOM}/update_link")
def update_link(world: World, asked: Asked) -> dict[str, Any]:
    """Overwrite a link."""
    link = _link(world, asked)
    link.fields = _fields(world, asked)
    return {}


@answers(f"{_ROOM}/delete_link")
def delete_link(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a link."""
    del world.links[_link(world, asked).link_id]
    world.tell("customer_acquisition", "delete_link", LinkId=asked.text("link_id"))
    return {}


@answers(f"{_ROOM}/customer", customer_list=[])
def customer(world: World, asked: Asked) -> dict[str, Any]:
    """List who came by a link."""
    won = _won(world, _link(world, asked))
    page, cursor = page_of(world, asked, won, limit=asked.number("limit", 100, least=1, most=1000))
    rows = [
        {
            "external_userid": one.external_userid,
            "userid": one.userid,
            "chat_status": int(one.has_talked),
            "state": one.state,
        }
        for one in page
    ]
    return {"customer_list": rows, "next_cursor": cursor}


@answers(f"{_ROOM}/statistic")
def statistic(world: World, asked: Asked) -> dict[str, Any]:
    """Count clicks and customers of some days."""
    link = _link(world, asked)
    first, last, today = (
        local_day(asked.number("start_time")),
        local_day(asked.number("end_time")),
        local_day(world.now()),
    )
    if not 0 <= last - first < _DAYS or first < today - _BACK:
        raise Refused(600001, "span over 30 days, or more than 180 days back")
    clicked = {person for at, person in link.clicks if first <= local_day(at) <= last}
    won = [one for one in _won(world, link) if first <= local_day(one.created_at) <= last]
    return {"click_link_customer_cnt": len(clicked), "new_customer_cnt": len(won)}


@answers("externalcontact/customer_acquisition_quota", method="GET")
def quota(world: World, asked: Asked) -> dict[str, Any]:
    """Tell what is left."""
    used = sum(len(_won(world, link)) for link in world.links.values())
    return {"total": world.rules.link_quota, "balance": max(world.rules.link_quota - used, 0)}


def _won(world: World, link: Link) -> list[Relation]:
    return [
        one
        for relations in world.relations.values()
        for one in relations.values()
        if one.link_id == link.link_id and one.tie in SERVED
    ]


def _fields(world: World, asked: Asked) -> dict[str, Any]:
    reach = asked.body.get("range") or {}
    users, departments = reach.get("user_list") or [], reach.get("department_list") or []
    people = {*users, *(one.userid for one in world.staff.values() if one.department in departments)}
    if not people or len(people) > _PEOPLE:
        raise Refused(40058, "range empty or too large")
    for userid in users:
        if userid not in world.staff:
            raise Refused(60111, "userid not found")
    return {
        "link_name": asked.text("link_name", most=30),
        "range": {"user_list": users, "department_list": departments},
        "skip_verify": bool(asked.body.get("skip_verify", True)),
    }


def _shown(link: Link) -> dict[str, Any]:
    return {
        "link_id": link.link_id,
        "link_name": link.fields["link_name"],
        "url": f"https://work.example.com/ca/{link.link_id}",
        "create_time": int(link.created_at),
        "skip_verify": link.fields["skip_verify"],
    }


def _link(world: World, asked: Asked) -> Link:
    link = world.links.get(asked.text("link_id"))
    if link is None:
        raise Refused(40058, "invalid link id")
    return link
