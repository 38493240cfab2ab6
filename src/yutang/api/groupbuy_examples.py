"""Examples of group-buying, for the description of the API."""

from __future__ import annotations

from typing import Any

_OFFER: dict[str, Any] = {
    "id": 4,
    "code": "hook99",
    "name": "儿童摄影体验",
    "state": "open",
    "product": "P-99",
    "list_minor": 59_900,
    "tiers": [{"size": 2, "price_minor": 9_900}, {"size": 3, "price_minor": 8_900}],
    "hours": 24,
    "stock": 300,
    "left": 118,
    "per_person": 1,
    "newcomer_places": 1,
    "radius_km": 10,
    "store_ids": [1],
    "ends_at": "2026-04-10T15:59:00Z",
    "address": "https://shop.example.com/g/c/hook99/",
    "open": 9,
    "filled": 71,
    "expired": 22,
    "members": 163,
    "newcomers": 97,
    "kept_minor": 1_548_700,
    "refunded_minor": 257_400,
}
_GROUP: dict[str, Any] = {
    "id": 912,
    "code": "k7qm2xpd9rta",
    "offer_id": 4,
    "state": "open",
    "size": 3,
    "taken": 2,
    "paid": 1,
    "price_minor": 8_900,
    "started_at": "2026-03-11T02:00:00Z",
    "ends_at": "2026-03-12T02:00:00Z",
    "ended_at": None,
    "odds": 0.61,
    "odds_low": 0.54,
    "odds_high": 0.68,
    "similar_groups": 83,
    "address": "https://shop.example.com/g/k7qm2xpd9rta/",
}
_SEAT: dict[str, Any] = {
    "id": 2_310,
    "token": "m4xk2pqd9rtahj7nbv3cw5ey",
    "state": "held",
    "price_minor": 8_900,
    "hold_until": "2026-03-11T02:15:00Z",
    "payment_address": "https://shop.example.com/pay/0f8c1d2e3a4b5c6d7e8f9a0b1c2d3e4f/",
    "payment_state": "asked",
    "refund_state": "",
    "group": _GROUP,
}
#: Name of a shape → an example of it.
GROUPBUY_EXAMPLES: dict[str, dict[str, Any]] = {
    "GroupTierShape": _OFFER["tiers"][0],
    "GroupOfferShape": _OFFER,
    "GroupOffersShape": {"items": [_OFFER]},
    "GroupShape": _GROUP,
    "GroupSeatShape": _SEAT,
    "GroupToStart": {"offer": "hook99", "size": 3, "customer_id": 42, "latitude": 31.19, "longitude": 121.43},
    "GroupToJoin": {"group": "k7qm2xpd9rta", "customer_id": 43, "latitude": 31.2, "longitude": 121.45},
    "GroupSeatToLeave": {"token": "m4xk2pqd9rtahj7nbv3cw5ey"},
}
