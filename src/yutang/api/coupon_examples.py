"""Examples of coupons, for the description of the API."""

from __future__ import annotations

from typing import Any

_COUPON: dict[str, Any] = {
    "id": 512,
    "kind": "welcome20",
    "name": "新客立减20元",
    "customer_id": 42,
    "code_end": "9RTA",
    "state": "given",
    "campaign": "playbook:3",
    "given_at": "2026-03-11T02:00:00Z",
    "last_date": "2026-04-10",
    "redeemed_at": None,
    "store_id": None,
    "order_number": "",
    "order_minor": None,
    "off_minor": 0,
    "currency": "CNY",
    "reason": "",
}
_KIND: dict[str, Any] = {
    "kind": "welcome20",
    "name": "新客立减20元",
    "is_open": True,
    "gives": "amount",
    "currency": "CNY",
    "amount_minor": 2_000,
    "percent": 0,
    "most_minor": 0,
    "thing": "",
    "least_minor": 9_900,
    "products": [],
    "store_ids": [],
    "pieces": 1_000,
    "per_person": 1,
    "until_date": None,
    "valid_days": 30,
    "cost_minor": 2_000,
    "margin_percent": 55,
    "codes": "made",
    "given": 318,
    "pool_left": 0,
    "living": 176,
    "redeemed": 97,
    "expired": 45,
    "taken_back": 2,
    "off_minor": 194_000,
    "brought_minor": 1_552_300,
}
#: Name of a shape → an example of it.
COUPON_EXAMPLES: dict[str, dict[str, Any]] = {
    "CouponKindShape": _KIND,
    "CouponKindsShape": {"items": [_KIND]},
    "CouponShape": _COUPON,
    "CouponGivenShape": {**_COUPON, "code": "K7QM-2XPD-9RTA"},
    "CouponCodeShape": {"id": 512, "code": "K7QM-2XPD-9RTA"},
    "CouponLookShape": {"coupon": _COUPON, "holds": True, "why": "", "reason_code": "", "off_minor": 2_000},
    "CouponToGive": {"kind": "welcome20", "customer_id": 42, "campaign": ""},
    "CouponToRedeem": {
        "code": "K7QM-2XPD-9RTA",
        "store_code": "SH01",
        "order_number": "S1-20260311-0007",
        "order_minor": 25_800,
        "product_codes": ["P1"],
    },
    "CouponTakenBack": {"reason": "顾客退货"},
}
