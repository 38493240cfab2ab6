"""Mass messages: made as tasks that wait for staff."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, page_of, visible
from yutang.connectors.wecom.simulator.contents import check_message
from yutang.connectors.wecom.simulator.world import SERVED, MassTask, Relation, World

_ROOM = "externalcontact"
_CUSTOMERS, _GROUPS = 10_000, 2_000
_REMINDERS = 3
_MONTH = 31 * 86_400


@answers(f"{_ROOM}/add_msg_template", fail_list=[])
def add_msg_template(world: World, asked: Asked) -> dict[str, Any]:
    """Make a task."""
    chat_type = asked.body.get("chat_type", "single")
    if chat_type not in {"single", "group"}:
        raise Refused(40058, "invalid chat_type")
    content = check_message(world, asked.body)
    targets, refused = _single(world, asked) if chat_type == "single" else _group(world, asked)
    targets = {userid: found for userid, found in targets.items() if found}
    if not targets:
        raise Refused(41048, "nobody to send to", fail_list=refused)
    may_choose = bool(asked.body.get("allow_select", False)) and chat_type == "single"
    task = MassTask(world.new_id("msg"), chat_type, world.now(), content, may_choose, targets)
    world.tasks[task.msgid] = task
    return {"fail_list": refused, "msgid": task.msgid}


def _single(world: World, asked: Asked) -> tuple[dict[str, list[str]], list[str]]:
    named = asked.texts("external_userid")
    if len(named) > _CUSTOMERS:
        raise Refused(40058, "too many customers")
    sender = asked.text("sender", needed=False)
    if sender:
        visible(world, asked, sender)
    elif not named and not asked.body.get("tag_filter"):
        raise Refused(40058, "sender, external_userid and tag_filter are all empty")
    if named:
        return _named(world, sender, named)
    tags = [set(one.get("tag_list") or []) for one in (asked.body.get("tag_filter") or {}).get("group_list") or []]
    found: dict[str, list[str]] = {}
    for userid in [sender] if sender else list(world.relations):
        for relation in world.customers_of(userid):
            if all(group & set(relation.tags) for group in tags) and (sender or _is_last(world, relation)):
                found.setdefault(userid, []).append(relation.external_userid)
    return found, []


def _named(world: World, sender: str, named: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    found: dict[str, list[str]] = {}
    refused = []
    for external in dict.fromkeys(named):
        if sender:
            relation = world.relation(sender, external)
            relation = relation if relation is not None and relation.tie in SERVED else None
        else:
            relation = max(world.followers_of(external), key=_order, default=None)
        if relation is None:
            refused.append(external)
        else:
            found.setdefault(relation.userid, []).append(external)
    return found, refused


def _group(world: World, asked: Asked) -> tuple[dict[str, list[str]], list[str]]:
    sender = asked.text("sender")
    visible(world, asked, sender)
    named = asked.texts("chat_id_list")
    if len(named) > _GROUPS:
        raise Refused(40058, "too many groups")
    own = {chat.chat_id for chat in world.chats.values() if chat.owner == sender and chat.dismissed_at is None}
    named = list(dict.fromkeys(named)) or sorted(own)
    return {sender: [one for one in named if one in own]}, [one for one in named if one not in own]


def _order(relation: Relation) -> tuple[float, float]:
    return (relation.last_talk_at, relation.created_at)


def _is_last(world: World, relation: Relation) -> bool:
    """Return whether a customer last talked with this member of staff."""
    return max(world.followers_of(relation.external_userid), key=_order) is relation


@answers(f"{_ROOM}/remind_groupmsg_send")
def remind_groupmsg_send(world: World, asked: Asked) -> dict[str, Any]:
    """Remind those who have not confirmed."""
    task = _task(world, asked)
    if task.is_cancelled:
        raise Refused(41093, "cancelled")
    recent = [at for at in task.reminders if world.now() - at < 86_400]
    if len(recent) >= _REMINDERS:
        raise Refused(41094, "reminded three times within a day")
    task.reminders.append(world.now())
    return {}


@answers(f"{_ROOM}/cancel_groupmsg_send")
def cancel_groupmsg_send(world: World, asked: Asked) -> dict[str, Any]:
    """Stop what was not sent."""
    task = _task(world, asked)
    if task.is_cancelled:
        raise Refused(41093, "cancelled")
    task.is_cancelled = True
    return {}


@answers(f"{_ROOM}/get_groupmsg_list_v2", group_msg_list=[])
def get_groupmsg_list_v2(world: World, asked: Asked) -> dict[str, Any]:
    """List tasks by when they were made."""
    chat_type = asked.text("chat_type")
    since, until = asked.number("start_time"), asked.number("end_time")
    if until - since > _MONTH or until < since:
        raise Refused(40058, "span over a month")
    kind, creator = asked.number("filter_type", 2, most=2), asked.text("creator", needed=False)
    found = [
        one
        for one in world.tasks.values()
        if one.chat_type == chat_type and since <= one.created_at <= until and kind in {2, int(bool(one.creator))}
        if not creator or one.creator == creator
    ]
    limit = asked.number("limit", 50, least=1, most=world.rules.mass_list_page)
    page, cursor = page_of(world, asked, found, limit=limit)
    return {"group_msg_list": [_listed(one) for one in page], "next_cursor": cursor}


def _listed(task: MassTask) -> dict[str, Any]:
    by = {"creator": task.creator} if task.creator else {}
    made = {"create_time": int(task.created_at), "create_type": int(bool(task.creator))}
    return {"msgid": task.msgid, **by, **made, **task.content}


@answers(f"{_ROOM}/get_groupmsg_task", task_list=[])
def get_groupmsg_task(world: World, asked: Asked) -> dict[str, Any]:
    """List who was asked to send, and who did."""
    task = _dispatched(world, asked)
    page, cursor = page_of(world, asked, list(task.targets), limit=asked.number("limit", 500, least=1, most=1000))
    rows = [
        {"userid": userid, "status": 2, "send_time": int(task.sent_at[userid])}
        if userid in task.sent_at
        else {"userid": userid, "status": 0}
        for userid in page
    ]
    return {"task_list": rows, "next_cursor": cursor}


@answers(f"{_ROOM}/get_groupmsg_send_result", send_list=[])
def get_groupmsg_send_result(world: World, asked: Asked) -> dict[str, Any]:
    """List what came of a task at each customer or group of one sender."""
    task = _dispatched(world, asked)
    userid = asked.text("userid")
    if userid not in task.targets:
        raise Refused(40058, "no sender of this message")
    name = "external_userid" if task.chat_type == "single" else "chat_id"
    results = task.results.get(userid, {})
    rows: list[dict[str, Any]] = []
    for target in task.targets[userid]:
        if target in results:
            status, at = results[target]
            rows.append({name: target, "userid": userid, "status": status, "send_time": int(at)})
        elif task.chat_type == "single":
            # Of groups only those are told of that the owner picked.
            rows.append({name: target, "userid": userid, "status": 0})
    page, cursor = page_of(world, asked, rows, limit=asked.number("limit", 500, least=1, most=1000))
    return {"send_list": page, "next_cursor": cursor}


def _task(world: World, asked: Asked) -> MassTask:
    msgid = asked.text("msgid", errcode=41046)
    if msgid not in world.tasks:
        raise Refused(41047, "invalid msgid")
    return world.tasks[msgid]


def _dispatched(world: World, asked: Asked) -> MassTask:
    task = _task(world, asked)
    if world.now() - task.created_at < world.rules.dispatch_seconds:
        raise Refused(41063, "being dispatched")
    return task
