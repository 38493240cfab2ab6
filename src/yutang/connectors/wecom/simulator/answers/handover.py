"""Hand-overs of customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yutang.connectors.wecom.simulator.acts_people import complete_handovers
from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of
from yutang.connectors.wecom.simulator.world import SERVED, Handover, World

_ROOM = "externalcontact"
_TIMES, _WITHIN = 2, 90 * 86_400


@answers(f"{_ROOM}/transfer_customer", customer=[])
def transfer_customer(world: World, asked: Asked) -> dict[str, Any]:
    """Hand customers over between two who are there."""
    asked.text("transfer_success_msg", most=200, needed=False)
    return _start(world, asked, of_left=False)


@answers(f"{_ROOM}/resigned/transfer_customer", customer=[])
def resigned_transfer_customer(world: World, asked: Asked) -> dict[str, Any]:
    """Hand over customers of somebody who left."""
    return _start(world, asked, of_left=True)


@answers(f"{_ROOM}/transfer_result", customer=[])
def transfer_result(world: World, asked: Asked) -> dict[str, Any]:
    """Tell how far hand-overs are."""
    return _results(world, asked, of_left=False)


@answers(f"{_ROOM}/resigned/transfer_result", customer=[])
def resigned_transfer_result(world: World, asked: Asked) -> dict[str, Any]:
    """Tell how far hand-overs from somebody who left are."""
    return _results(world, asked, of_left=True)


@answers(f"{_ROOM}/get_unassigned_list", info=[])
def get_unassigned_list(world: World, asked: Asked) -> dict[str, Any]:
    """List the customers of those who left."""
    complete_handovers(world)
    rows = list(_unassigned(world))
    page, cursor = page_of(world, asked, rows, limit=asked.number("page_size", 1000, least=1, most=1000))
    return {"info": page, "is_last": not cursor, "next_cursor": cursor}


def _unassigned(world: World) -> Iterator[dict[str, Any]]:
    moving = {(one.giver, one.external_userid) for one in world.handovers if one.status == 2}
    for staff in world.staff.values():
        if staff.left_at is None:
            continue
        for relation in world.customers_of(staff.userid):
            if (staff.userid, relation.external_userid) not in moving:
                yield {
                    "handover_userid": staff.userid,
                    "external_userid": relation.external_userid,
                    "dimission_time": int(staff.left_at),
                }


def _start(world: World, asked: Asked, *, of_left: bool) -> dict[str, Any]:
    giver, taker = asked.text("handover_userid"), asked.text("takeover_userid")
    customers = asked.texts("external_userid", most=100, needed=True)
    if giver not in world.staff or taker not in world.staff:
        raise Refused(60111, "userid not found")
    if giver == taker:
        raise Refused(40130, "same person")
    has_left = world.staff[giver].left_at is not None
    if has_left is not of_left:
        raise Refused(40097 if of_left else 60111, "giver has not left" if of_left else "giver has left")
    if not world.staff[taker].may_serve:
        raise Refused(40098, "taker cannot serve")
    complete_handovers(world)
    rows = []
    for external in customers:
        errcode = _cannot(world, giver, taker, external)
        if not errcode:
            world.handovers.append(Handover(giver, taker, external, world.now(), of_left))
        rows.append({"external_userid": external, "errcode": errcode})
    return {"customer": rows}


def _cannot(world: World, giver: str, taker: str, external: str) -> int:
    if external not in world.people:
        return 40096
    relation = world.relation(giver, external)
    if relation is None or relation.tie not in SERVED:
        return 40131
    before = [one for one in world.handovers if one.external_userid == external]
    if any(one.status == 2 for one in before):
        return 40129
    if sum(world.now() - one.begun_at < _WITHIN for one in before if not one.is_of_left) >= _TIMES:
        return 40128
    full = sum(1 for _ in world.customers_of(taker)) >= world.rules.customers_of_staff
    return 40099 if full else 0


def _results(world: World, asked: Asked, *, of_left: bool) -> dict[str, Any]:
    giver, taker = asked.text("handover_userid"), asked.text("takeover_userid")
    complete_handovers(world)
    found = [one for one in world.handovers if (one.giver, one.taker, one.is_of_left) == (giver, taker, of_left)]
    page, cursor = page_of(world, asked, found, limit=1000)
    rows = [
        {"external_userid": one.external_userid, "status": one.status, "takeover_time": int(one.ended_at)}
        for one in page
    ]
    return {"customer": rows, "next_cursor": cursor}
