"""Examples of groups, for the description of the API."""

from __future__ import annotations

from typing import Any

_GROUP: dict[str, Any] = {
    "id": 31,
    "group_key": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA",
    "name": "小个子穿搭群12",
    "store_id": 3,
    "owner_id": 9,
    "purpose": "小个子穿搭",
    "members": 43,
    "capacity": 50,
    "life": "quiet",
    "life_since": "2026-03-02",
    "share": 0.41,
    "low": 0.3,
    "high": 0.53,
    "ahead": 0.38,
    "trend": -0.12,
    "chance_dead": 0.14,
    "reasons": ["每100位成员约有41位在关注，九成把握在30到53位之间。"],
    "advice": "revive",
    "urgency": 17.6,
    "judged_on": "2026-03-10",
    "closed_at": None,
}
_DAY: dict[str, Any] = {
    "day": "2026-03-10",
    "members": 43,
    "joined": 1,
    "left": 0,
    "ordered": 1,
    "wrote": 2,
    "reacted": 3,
    "clicked": None,
    "share": 0.41,
    "low": 0.3,
    "high": 0.53,
}
_PLACED: dict[str, Any] = {
    "customer_id": 42,
    "outcome": "placed",
    "group_id": 31,
    "group_key": _GROUP["group_key"],
    "code_url": "https://wework.qpic.cn/wwpic/123",
}
#: Name of a shape → an example of it.
COMMUNITY_EXAMPLES: dict[str, dict[str, Any]] = {
    "CommunityShape": _GROUP,
    "CommunitiesPage": {"items": [_GROUP], "next": None},
    "CommunityDayShape": _DAY,
    "CommunityDaysShape": {"items": [_DAY]},
    "PlacementShape": _PLACED,
    "PlacementsShape": {"items": [_PLACED]},
    "NotedShape": {"id": 7},
    "CountsTaken": {"received": 2, "unknown_groups": 0},
    "NewcomerGiven": {"customer_id": 42, "inviter_id": 17},
    "CountGiven": {"group_key": _GROUP["group_key"], "day": "2026-03-10", "kind": "messages", "people": 5},
    "NewcomersGiven": {
        "newcomers": [{"customer_id": 42, "inviter_id": 17}],
        "purpose": "小个子穿搭",
        "source": "code:7",
    },
    "ProbeGiven": {"kind": "red_packet", "at": "2026-03-10T12:00:00Z", "minutes": 5, "packets": 15, "takers": 9},
    "DeedGiven": {"deed": "revive", "note": "店长先和三位老客聊了聊"},
    "InvitationGiven": {"customer_id": 42, "inviter_id": 17},
    "CountsGiven": {
        "source": "chat_archive",
        "counts": [{"group_key": _GROUP["group_key"], "day": "2026-03-10", "kind": "messages", "people": 5}],
    },
}
