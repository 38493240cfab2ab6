"""Examples of visits and prepaid balances, for the description of the API."""

from __future__ import annotations

from typing import Any

_VISIT: dict[str, Any] = {
    "id": 7,
    "customer_id": 42,
    "store_id": 1,
    "starts_at": "2026-03-12T10:00:00+08:00",
    "business_date": "2026-03-12",
    "state": "booked",
    "source": "groupbuy:12",
    "came_at": None,
    "offered_at": None,
}
_MOVED: dict[str, Any] = {
    "movement_id": 91,
    "principal_minor": 500_000,
    "bonus_minor": 50_000,
    "left_principal_minor": 500_000,
    "left_bonus_minor": 50_000,
    "currency": "CNY",
}
#: Name of a shape → an example of it.
VISIT_EXAMPLES: dict[str, dict[str, Any]] = {
    "VisitShape": _VISIT,
    "VisitsShape": {"items": [_VISIT]},
    "VisitBookedShape": {**_VISIT, "code": "K7QM-2XPD"},
    "VisitToBook": {
        "customer_id": 42,
        "store_code": "SH01",
        "starts_at": "2026-03-12T02:00:00Z",
        "source": "groupbuy:12",
    },
    "VisitCode": {"code": "K7QM-2XPD"},
    "HookTakenUp": {
        "customer_id": 42,
        "source": "groupbuy:12",
        "hook_minor": 9_900,
        "store_code": "SH01",
        "paid": True,
    },
    "HookShape": {"id": 55},
    "BalanceShape": {"customer_id": 42, "principal_minor": 500_000, "bonus_minor": 50_000, "currency": "CNY"},
    "BalanceMovedShape": _MOVED,
    "BalanceToTopUp": {"principal_minor": 500_000, "bonus_minor": 50_000, "method": "card", "store_code": "SH01"},
    "BalanceToSpend": {"amount_minor": 128_000, "store_code": "SH01", "order_number": "S1-20260312-0007"},
}
