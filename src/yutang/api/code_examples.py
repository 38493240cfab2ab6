"""Examples of channel codes, for the description of the API."""

from __future__ import annotations

from typing import Any

_TALLY: dict[str, Any] = {
    "scans": 1_840, "came": 612, "fresh": 455, "friends": 523, "lost": 89, "grouped": 341, "held_back": 3, "ripe_1": 604,
    "kept_1": 581, "ripe_7": 560, "kept_7": 497, "ripe_30": 401, "kept_30": 338, "buyers": 96, "orders": 143,
    "sales_minor": 3_214_600, "cost_minor": 356_000, "cost_per_kept_minor": 790, "kept_days": 30,
}  # fmt: skip
_ROW: dict[str, Any] = {
    "id": 7, "name": "春季包裹卡", "kind": "parcel", "standing": "on", "currency": "CNY", "spots": 2, "alarms": 0, "tally": _TALLY,
}  # fmt: skip
_SPOT: dict[str, Any] = {
    "id": 12, "name": "三月包裹", "store_id": None, "path": "/c/k7qmxpdrta", "is_on": True, "state": "ready", "fault": "",
    "duty": "staff", "scans": 1_102, "came": 371, "friends": 320,
}  # fmt: skip
_SHIFT: dict[str, Any] = {
    "account_id": 3, "name": "林晓", "is_backup": False, "is_away": False, "daily_cap": 80, "weekdays": 31, "since_minute": 540,
    "until_minute": 1_080, "today": 14, "came": 288, "is_on_duty": True,
}  # fmt: skip
_PLAIN: dict[str, Any] = {
    "name": "春季包裹卡", "kind": "parcel", "sharing": "even", "leads_known": True, "words": "您好，我是门店顾问，有问题随时找我。",
    "content": "", "remark": "包裹", "tag_ids": [4], "group": "store", "group_prefix": "", "group_places": 50,
    "first_date": None, "last_date": None, "currency": "CNY", "unit_cost_minor": 200, "budget_minor": 1_000_000,
    "margin_percent": 55,
}  # fmt: skip
_CODE: dict[str, Any] = {
    **_PLAIN, "id": 7, "standing": "on", "spots": [_SPOT], "shifts": [_SHIFT], "tally": _TALLY,
    "made_at": "2026-03-01T02:00:00Z", "changed_at": "2026-03-11T02:00:00Z",
}  # fmt: skip
_TIME: dict[str, Any] = {"weekdays": 31, "since_minute": 540, "until_minute": 1_080}
_KEEP: dict[str, Any] = {"account_id": 3, "is_backup": False, "daily_cap": 80, "is_away": False, **_TIME}
_SAY: dict[str, Any] = {
    "weekdays": 127,
    "since_minute": 1_260,
    "until_minute": 480,
    "words": "夜里看到会尽快回复您。",
    "content": "",
}
_PRINT: dict[str, Any] = {"name": "四月包裹", "store_id": None}
#: Name of a shape → an example of it.
CODE_EXAMPLES: dict[str, dict[str, Any]] = {
    "CodeTallyShape": _TALLY,
    "CodeShape": _ROW,
    "CodesShape": {"items": [_ROW]},
    "SpotShape": _SPOT,
    "ShiftShape": _SHIFT,
    "OneCodeShape": _CODE,
    "CodeLinkShape": {"path": "/c/k7qmxpdrta?p=WzEyLDQyXQ:1t"},
    "CodeCostShape": {"id": 5},
    "ShiftToKeep": _KEEP,
    "SlotToSay": _SAY,
    "SpotToPrint": _PRINT,
    "CodeToMake": {**_PLAIN, "shifts": [_KEEP], "slots": [_SAY], "spots": [_PRINT]},
    "SpotsToAdd": {"spots": [_PRINT]},
    "CodeSwitch": {"is_on": False},
    "CodeCostToAdd": {"amount_minor": 120_000, "business_date": "2026-03-01", "spot_id": None, "note": "印刷一万张"},
}
