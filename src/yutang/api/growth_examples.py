"""Examples of growth, for the description of the API."""

from __future__ import annotations

from typing import Any

_ECONOMICS: dict[str, Any] = {
    "id": 3,
    "programme": "referral:3",
    "title": "老带新",
    "is_paused": True,
    "reason": "left_at_once",
    "unit_cost_fen": 3_500,
    "worth_fen": 9_000,
    "budget_fen": 500_000,
    "spent_fen": 178_500,
    "newcomers": 51,
    "kept": 0,
    "left": 33,
    "left_at_once": 33,
    "ordered": 2,
    "kept_costs_at_least_fen": 6_510,
    "kept_costs_at_most_fen": None,
    "saved_fen": 96_000,
    "watched_from": "2026-03-11T02:00:00Z",
    "brings_newcomers": True,
    "came_before": 0,
}
_REFERRAL: dict[str, Any] = {
    "id": 3,
    "name": "老带新",
    "state": "open",
    "is_paused": True,
    "deed": "bought",
    "friend_coupon": "welcome20",
    "inviter_coupon": "thanks15",
    "friends": 51,
    "done": 2,
    "held": 1,
    "refused": 4,
}
#: Name of a shape → an example of it.
GROWTH_EXAMPLES: dict[str, dict[str, Any]] = {
    "EconomicsShape": _ECONOMICS,
    "EconomicsListShape": {"items": [_ECONOMICS]},
    "ResumeGiven": {"reason": "改为到店核销后再送"},
    "ReferralShape": _REFERRAL,
    "ReferralListShape": {"items": [_REFERRAL]},
    "LinksGiven": {"customer_id": 42},
    "LinksShape": {
        "invitation": "https://shop.example.com/r/r7-1f0c5a9be0d2f7a913",
        "progress": "https://shop.example.com/r/mine/r7-9d04c1b2e5f6a7b801",
    },
    "FriendShape": {
        "id": 9,
        "programme_id": 3,
        "inviter_id": 42,
        "customer_id": 57,
        "state": "done",
        "came_at": "2026-03-11T02:00:00Z",
        "done_at": "2026-03-14T06:30:00Z",
    },
}
