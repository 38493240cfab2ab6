"""What customers and staff do with each other: scan, accept, talk, delete, leave."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.world import (
    SERVED,
    Handover,
    Link,
    Person,
    Relation,
    Staff,
    Tie,
    Way,
    WelcomeCode,
    World,
)
from yutang.kit.text import N_

_EXTERNAL = "change_external_contact"
_LINKS = "customer_acquisition"
#: Fewer customers left than this are told of.
_FEW_LEFT = 20


class NotPossible(Exception):
    """Somebody tried what cannot be done."""


def person_for(world: World, *, unionid: str, name: str = "") -> Person:
    """Return the person with a unionid; a new one if there is none."""
    if known := world.by_unionid.get(unionid):
        return world.people[known]
    person = Person(world.new_id("wm"), unionid, world.new_id("oS"), name or f"微信用户{len(world.people) + 1}")
    world.people[person.external_userid] = person
    world.by_unionid[unionid] = person.external_userid
    return person


def scan(world: World, *, config_id: str, unionid: str, name: str = "", accept: bool = True) -> dict[str, Any]:
    """Let somebody scan a contact way.

    Args:
        world: where.
        config_id: of the contact way.
        unionid: who scans; somebody new when it is not known.
        name: of somebody new.
        accept: whether the member of staff accepts at once.
    """
    way = world.ways.get(config_id)
    if way is None or way.is_join:
        raise NotPossible(N_("there is no such contact way"))
    person = person_for(world, unionid=unionid, name=name)
    userid = _who_is_added(world, way, person)
    world.note("scan", userid=userid, other=person.external_userid)
    skips = bool(way.fields.get("skip_verify", True))
    state = str(way.fields.get("state") or "")
    return _knock(world, userid, person, state=state, add_way=1, skips=skips, accept=accept)


def click(
    world: World, *, link_id: str, unionid: str, name: str = "", channel: str = "", accept: bool = True
) -> dict[str, Any]:
    """Let somebody follow an acquisition link."""
    link = world.links.get(link_id)
    if link is None:
        raise NotPossible(N_("there is no such link"))
    person = person_for(world, unionid=unionid, name=name)
    link.clicks.append((world.now(), person.external_userid))
    if _used_quota(world) >= world.rules.link_quota:
        raise NotPossible(N_("the quota of acquisition links is used up"))
    users = _serving(
        world, link.fields["range"].get("user_list") or [], link.fields["range"].get("department_list") or []
    )
    if not users:
        raise NotPossible(N_("nobody of the link can be added"))
    userid = users[len(link.clicks) % len(users)]
    told = channel.encode()[:64].decode(errors="ignore")
    world.tell(_LINKS, "friend_request", LinkId=link_id, State=told or None)
    return _knock(
        world,
        userid,
        person,
        state=told,
        add_way=16,
        skips=bool(link.fields.get("skip_verify", True)),
        accept=accept,
        link=link,
    )


def accept(world: World, *, userid: str, external_userid: str) -> dict[str, Any]:
    """Let a member of staff accept who waits, or who is there half."""
    relation = _relation(world, userid, external_userid)
    if relation.tie not in {Tie.PENDING, Tie.HALF}:
        raise NotPossible(N_("nobody waits for being accepted"))
    was_half = relation.tie is Tie.HALF
    relation.tie = Tie.BOTH
    relation.created_at = world.now()
    world.note("added", userid=userid, other=external_userid)
    if relation.link_id:
        _tell_of_quota(world)
    code = None if was_half and relation.is_welcomed else _new_code(world, relation)
    world.tell(
        _EXTERNAL,
        "add_external_contact",
        UserID=userid,
        ExternalUserID=external_userid,
        State=relation.state or None,
        WelcomeCode=code,
    )
    return {"userid": userid, "external_userid": external_userid, "welcome_code": code or ""}


def delete_by_customer(world: World, *, userid: str, external_userid: str) -> None:
    """Let a customer delete a member of staff; a one-way relation remains."""
    relation = _served(world, userid, external_userid)
    if relation.tie is Tie.LEFT_BY_CUSTOMER:
        raise NotPossible(N_("the customer deleted this member of staff before"))
    relation.tie = Tie.LEFT_BY_CUSTOMER
    world.note("lost", userid=userid, other=external_userid)
    world.tell(_EXTERNAL, "del_follow_user", UserID=userid, ExternalUserID=external_userid)


def delete_by_staff(world: World, *, userid: str, external_userid: str) -> None:
    """Let a member of staff delete a customer."""
    _served(world, userid, external_userid).tie = Tie.DELETED_BY_STAFF
    world.note("deleted", userid=userid, other=external_userid)
    world.tell(_EXTERNAL, "del_external_contact", UserID=userid, ExternalUserID=external_userid)


def edit_by_staff(
    world: World, *, userid: str, external_userid: str, remark: str | None = None, add_tags: tuple[str, ...] = ()
) -> None:
    """Let a member of staff note something or mark a customer in the app."""
    relation = _served(world, userid, external_userid)
    if remark is not None:
        relation.remark = remark
    for tag in add_tags:
        if tag not in world.tags:
            raise NotPossible(N_("there is no such tag"))
        relation.tags[tag] = None
    world.tell(
        _EXTERNAL, "edit_external_contact", UserID=userid, ExternalUserID=external_userid, State=relation.state or None
    )


def talk(world: World, *, userid: str, external_userid: str, messages: int = 1) -> None:
    """Let the two talk; the first word ends the time of welcome codes."""
    relation = _served(world, userid, external_userid)
    if relation.link_id and not relation.has_talked:
        pair = {"UserID": userid, "ExternalUserID": external_userid}
        world.tell(_LINKS, "customer_start_chat", LinkId=relation.link_id, State=relation.state or None, **pair)
    relation.has_talked, relation.last_talk_at = True, world.now()
    world.note("talk", userid=userid, other=external_userid, count=messages)


def hire(world: World, *, userid: str, name: str, department: int = 1) -> None:
    """Let somebody new work in the corp."""
    if userid in world.staff:
        raise NotPossible(N_("somebody of that name is there already"))
    world.staff[userid] = Staff(userid, name, department)
    world.tell("change_contact", "create_user", UserID=userid)


def leave(world: World, *, userid: str) -> None:
    """Let a member of staff leave the corp; customers and groups wait for somebody else."""
    staff = world.staff.get(userid)
    if staff is None or staff.left_at is not None:
        raise NotPossible(N_("nobody of that name is there"))
    staff.left_at = world.now()
    for chat in world.chats.values():
        if chat.owner == userid and chat.dismissed_at is None:
            chat.status = 1
    world.tell("change_contact", "delete_user", UserID=userid)


def refuse_handover(world: World, *, taker: str, external_userid: str) -> None:
    """Let a customer refuse to be handed over."""
    waiting = _waiting(world, taker, external_userid)
    waiting.status, waiting.ended_at = 3, world.now()
    world.tell(_EXTERNAL, "transfer_fail", FailReason="customer_refused", UserID=taker, ExternalUserID=external_userid)


def complete_handovers(world: World) -> None:
    """Complete what has waited long enough; everything that looks at relations calls this first."""
    now = world.now()
    for one in world.handovers:
        if one.status == 2 and now - one.begun_at >= world.rules.handover_seconds:
            _complete(world, one)


def _complete(world: World, one: Handover) -> None:
    one.status, one.ended_at = 1, one.begun_at + world.rules.handover_seconds
    old = world.relation(one.giver, one.external_userid)
    if old is not None:
        old.tie = Tie.HANDED_OVER
    new = Relation(one.taker, one.external_userid, Tie.BOTH, one.ended_at, add_way=202, state=old.state if old else "")
    world.relations[one.taker][one.external_userid] = new
    world.note("added", userid=one.taker, other=one.external_userid)
    world.tell(
        _EXTERNAL,
        "del_external_contact",
        UserID=one.giver,
        ExternalUserID=one.external_userid,
        Source="DELETE_BY_TRANSFER",
    )
    world.tell(_EXTERNAL, "add_external_contact", UserID=one.taker, ExternalUserID=one.external_userid)


def _knock(
    world: World,
    userid: str,
    person: Person,
    *,
    state: str,
    add_way: int,
    skips: bool,
    accept: bool,
    link: Link | None = None,
) -> dict[str, Any]:
    """Let somebody ask a member of staff to be added."""
    there = world.relation(userid, person.external_userid)
    if there is not None and there.tie is Tie.BOTH:
        return {"userid": userid, "external_userid": person.external_userid, "welcome_code": "", "is_new": False}
    if there is not None and there.tie is Tie.LEFT_BY_CUSTOMER:
        return _come_back(world, there, state=state, add_way=add_way)
    relation = Relation(userid, person.external_userid, Tie.PENDING, world.now(), add_way=add_way, state=state)
    relation.link_id = link.link_id if link else ""
    world.relations[userid][person.external_userid] = relation
    world.note("request", userid=userid, other=person.external_userid)
    told = {"userid": userid, "external_userid": person.external_userid, "welcome_code": "", "is_new": True}
    if skips and world.rules.half_first:
        relation.tie = Tie.HALF
        told["welcome_code"] = _new_code(world, relation)
        world.tell(
            _EXTERNAL,
            "add_half_external_contact",
            UserID=userid,
            ExternalUserID=person.external_userid,
            State=state or None,
            WelcomeCode=told["welcome_code"],
        )
    if accept:
        told["accepted_code"] = _accept(world, userid, person.external_userid)
    return told


def _come_back(world: World, relation: Relation, *, state: str, add_way: int) -> dict[str, Any]:
    """Let a customer who had deleted a member of staff add them again: remark and tags are there still."""
    world.note("request", userid=relation.userid, other=relation.external_userid)
    relation.tie, relation.state, relation.add_way = Tie.PENDING, state, add_way
    relation.is_welcomed = relation.has_talked = False
    code = _accept(world, relation.userid, relation.external_userid)
    pair = {"userid": relation.userid, "external_userid": relation.external_userid}
    return {**pair, "welcome_code": "", "accepted_code": code, "is_new": True}


def _accept(world: World, userid: str, external_userid: str) -> str:
    return str(accept(world, userid=userid, external_userid=external_userid)["welcome_code"])


def _who_is_added(world: World, way: Way, person: Person) -> str:
    users = _serving(world, way.fields.get("user") or [], way.fields.get("party") or [])
    if not users:
        raise NotPossible(N_("nobody of this contact way can be added"))
    if way.fields.get("is_exclusive"):
        for userid in users:
            relation = world.relation(userid, person.external_userid)
            if relation is not None and relation.tie in SERVED:
                return userid
    way.opened += 1
    return users[(way.opened - 1) % len(users)]


def _serving(world: World, users: list[str], parties: list[int]) -> list[str]:
    """Return who of the named and of the departments may be added."""
    named = [*users, *(one.userid for one in world.staff.values() if one.department in parties)]
    return [userid for userid in dict.fromkeys(named) if userid in world.staff and world.staff[userid].may_serve]


def _new_code(world: World, relation: Relation) -> str:
    code = world.new_id("CALLBACK", length=40)
    world.codes[code] = WelcomeCode(code, relation.userid, relation.external_userid, world.now())
    return code


def _used_quota(world: World) -> int:
    return sum(
        bool(one.link_id) and one.tie is not Tie.PENDING
        for all_of in world.relations.values()
        for one in all_of.values()
    )


def _tell_of_quota(world: World) -> None:
    left = world.rules.link_quota - _used_quota(world)
    if left == 0:
        world.tell(_LINKS, "balance_exhausted")
    elif left == _FEW_LEFT - 1:
        world.tell(_LINKS, "balance_low")


def _relation(world: World, userid: str, external_userid: str) -> Relation:
    relation = world.relation(userid, external_userid)
    if relation is None:
        raise NotPossible(N_("the two do not know each other"))
    return relation


def _served(world: World, userid: str, external_userid: str) -> Relation:
    relation = _relation(world, userid, external_userid)
    if relation.tie not in SERVED:
        raise NotPossible(N_("the two do not have each other"))
    return relation


def _waiting(world: World, taker: str, external_userid: str) -> Handover:
    for one in world.handovers:
        if one.taker == taker and one.external_userid == external_userid and one.status == 2:
            return one
    raise NotPossible(N_("there is no hand-over to refuse"))
