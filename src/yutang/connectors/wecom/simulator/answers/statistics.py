"""Figures of groups and staff, counted from what happened, never kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, visible
from yutang.connectors.wecom.simulator.rules import DAY, day_start, local_day
from yutang.connectors.wecom.simulator.world import Happening, World

_ROOM = "externalcontact"
_MOST_DAYS = 30
_BACK_DAYS = 180
_ORDERS = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}


@dataclass(frozen=True)
class Days:
    """Business days, both ends included."""

    first: int
    last: int

    def hold(self, at: float) -> bool:
        """Return whether an instant lies within."""
        return self.first <= local_day(at) <= self.last


@answers(f"{_ROOM}/groupchat/statistic", items=[])
def statistic(world: World, asked: Asked) -> dict[str, Any]:
    """Figures of each owner."""
    days = _days(world, asked, "day_begin_time", "day_end_time")
    owners = _owners(world, asked)
    rows: list[dict[str, Any]] = [{"owner": owner, "data": _group_figures(world, {owner}, days)} for owner in owners]
    order = _ORDERS[asked.number("order_by", 1, least=1, most=4)]
    rows.sort(key=lambda row: (row["data"][order], row["owner"]), reverse=not asked.number("order_asc", 0, most=1))
    offset = asked.number("offset", 0)
    limit = min(asked.number("limit", 500, least=1, most=1000), world.rules.most_per_page or 1000)
    page = rows[offset : offset + limit]
    return {"total": len(rows), "next_offset": offset + len(page), "items": page}


@answers(f"{_ROOM}/groupchat/statistic_group_by_day", items=[])
def statistic_group_by_day(world: World, asked: Asked) -> dict[str, Any]:
    """Figures of each day."""
    days = _days(world, asked, "day_begin_time", "day_end_time")
    owners = set(_owners(world, asked))
    return {
        "items": [
            {"stat_time": int(day_start(day)), "data": _group_figures(world, owners, Days(day, day))}
            for day in range(days.first, days.last + 1)
        ]
    }


@answers(f"{_ROOM}/get_user_behavior_data", behavior_data=[])
def get_user_behavior_data(world: World, asked: Asked) -> dict[str, Any]:
    """Figures of each day of the named staff together."""
    userids, parties = asked.texts("userid", most=100), asked.body.get("partyid") or []
    if not userids and not parties:
        raise Refused(40058, "nobody named")
    for userid in userids:
        visible(world, asked, userid)
    meant = {*userids, *(one.userid for one in world.staff.values() if one.department in parties)}
    days = _days(world, asked, "start_time", "end_time")
    happened = [one for one in world.history if one.userid in meant and days.hold(one.at)]
    return {
        "behavior_data": [
            {"stat_time": int(day_start(day)), **_staff_figures(one for one in happened if local_day(one.at) == day)}
            for day in range(days.first, days.last + 1)
        ]
    }


def _days(world: World, asked: Asked, first_name: str, last_name: str) -> Days:
    first = local_day(asked.number(first_name, least=1))
    last = local_day(asked.number(last_name, int(day_start(first)), least=1))
    today = local_day(world.now())
    if last < first or last - first + 1 > _MOST_DAYS:
        raise Refused(600001, "more than 30 days")
    if last >= today or first < today - _BACK_DAYS:
        raise Refused(600001, "from 180 days ago until yesterday")
    return Days(first, last)


def _owners(world: World, asked: Asked) -> list[str]:
    named = (asked.body.get("owner_filter") or {}).get("userid_list") or []
    if len(named) > 100:
        raise Refused(40058, "too many owners")
    for userid in named:
        visible(world, asked, userid)
    return named or sorted({chat.owner for chat in world.chats.values()})


def _group_figures(world: World, owners: set[str], days: Days) -> dict[str, int]:
    end = day_start(days.last) + DAY
    chats = {
        chat.chat_id: chat
        for chat in world.chats.values()
        if chat.owner in owners and chat.created_at < end and (chat.dismissed_at is None or chat.dismissed_at >= end)
    }
    happened = [one for one in world.history if one.chat_id in chats and one.at < end]
    within = [one for one in happened if days.hold(one.at)]
    said = [one for one in within if one.kind == "said"]
    return {
        "new_chat_cnt": sum(days.hold(chat.created_at) for chat in chats.values()),
        "chat_total": len(chats),
        "chat_has_msg": len({one.chat_id for one in said}),
        "new_member_cnt": sum(one.kind == "joined" for one in within),
        "member_total": sum(one.kind == "joined" for one in happened) - sum(one.kind == "left" for one in happened),
        "member_has_msg": len({(one.chat_id, one.other) for one in said}),
        "msg_total": sum(one.count for one in said),
    }


def _staff_figures(happened: Iterable[Happening]) -> dict[str, Any]:
    rows = list(happened)
    talks = [one for one in rows if one.kind == "talk"]
    figures: dict[str, Any] = {
        "chat_cnt": len({one.other for one in talks}),
        "message_cnt": sum(one.count for one in talks),
        "negative_feedback_cnt": sum(one.kind == "lost" for one in rows),
        "new_apply_cnt": sum(one.kind == "request" for one in rows),
        "new_contact_cnt": sum(one.kind == "added" for one in rows),
    }
    if talks:
        answered = {one.other for one in talks if one.count > 1}
        figures["reply_percentage"] = round(100 * len(answered) / figures["chat_cnt"], 2)
        figures["avg_reply_time"] = 1
    return figures
