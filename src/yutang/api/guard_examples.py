"""Examples of the guard, for the description of the API."""

from __future__ import annotations

from typing import Any

_JUDGEMENT: dict[str, Any] = {
    "decision_id": 812,
    "verdict": "review",
    "wait_seconds": 0,
    "reasons": [{"code": "self_device", "text": "邀请人和被邀请人用的是同一台设备。"}],
    "told_customer": "我们正在核实，很快就好。没有扣款。",
}
_DECISION: dict[str, Any] = {
    **_JUDGEMENT,
    "key": "seat-55",
    "kind": "seat",
    "customer_id": 42,
    "programme": "groupbuy:12",
    "store_id": None,
    "value_fen": 2_900,
    "at": "2026-03-11T02:00:00Z",
    "points": 70,
    "facts": {"self_device": 1, "device_people": 2, "score": 55},
    "rules_version": 0,
    "settled": "",
    "outcome": "",
}
#: Name of a shape → an example of it.
GUARD_EXAMPLES: dict[str, dict[str, Any]] = {
    "GuardReasonShape": _JUDGEMENT["reasons"][0],
    "JudgementShape": _JUDGEMENT,
    "GuardDecisionShape": _DECISION,
    "GuardDecisionsPage": {"items": [_DECISION], "next": None},
    "SecurityScoreShape": {
        "customer_id": 42,
        "score": 55,
        "parts": {"base": 60, "age": 5, "devices": -10},
        "invited": 3,
        "stopped": 0,
    },
    "AppealShape": {"id": 9, "decision_id": 812},
    "OutcomeNotedShape": {"key": "seat-55", "outcome": "kept"},
    "AskToJudge": {
        "kind": "seat",
        "key": "seat-55",
        "customer_id": 42,
        "programme": "groupbuy:12",
        "device": "d-7f3a",
        "address": "203.0.113.7",
        "payer": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "inviter_id": 41,
        "store_id": None,
        "place": "杭州市西湖区文三路100号3栋2单元501室",
        "value_fen": 2_900,
    },
    "OutcomeToNote": {"key": "seat-55", "outcome": "kept"},
    "AppealToMake": {"words": "我和家人共用一台平板。"},
}
