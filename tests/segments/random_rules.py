"""Random shops and random rules over every declared field."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from yutang.lake.fields import FIELDS, HAPPENINGS, Field, Happening
from yutang.segments.rules.reading import COMPARISONS

DAY = date(2024, 3, 11)
NAMES = ("纯棉上衣", "亚麻 Shirt", "SHIRT long", "羊毛围巾")
CATEGORIES = ("", "上衣", "Scarves")
CHANNELS = ("", "live", "store", None)
STAGES = ("prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost")
PURPOSES = ("service", "promotion")
WAYS = ("any", "sms", "wecom")


def random_shop(seed: int, *, people: int = 40, orders: int = 400) -> dict[str, list[dict[str, Any]]]:
    """Return rows of every table that rules read, with gaps and edges in all of them."""
    rng = random.Random(seed)
    day = lambda: DAY - timedelta(days=rng.choice((0, 1, 5, 7, 8, 30, 31, rng.randrange(800))))  # noqa: E731
    instant = lambda: datetime.combine(day(), datetime.min.time()) + timedelta(hours=rng.randrange(24))  # noqa: E731
    sold = [
        {
            "order_id": key, "customer_id": rng.choice((None, rng.randint(1, people))), "status": rng.choice((0, 20, 40, 40, 50, 60)),
            "business_date": rng.choice((None, day(), day(), day(), DAY)), "channel": rng.choice(CHANNELS),
            "store_id": rng.choice((None, 1, 2, 3)), "currency": rng.choice(("CNY", "CNY", "CNY", "USD")),
            "total_minor": rng.randrange(0, 5_000), "refunded_minor": rng.choice((0, 0, 100)), "item_count": rng.randrange(0, 4),
        }
        for key in range(1, orders + 1)
    ]  # fmt: skip
    return {
        "foundation_store": [{"store_id": 1, "region_id": 1}, {"store_id": 2, "region_id": 2}, {"store_id": 3, "region_id": None}],
        "customers_customer": [
            {
                "customer_id": key, "store_id": rng.choice((None, 1, 2, 3)), "first_seen_at": instant(),
                **{name: rng.choice((0, 0, 1, 2)) for name in ("phones", "wecoms", "wechats", "emails", "member_nos")},
            }
            for key in range(1, people + 1)
        ],
        "customers_tag": [
            {"customer_id": key, "tag_id": tag} for key in range(1, people + 5) for tag in (1, 2, 3) if rng.random() < 0.4
        ],
        "customers_consent": [
            {
                "consent_id": key, "customer_id": rng.randint(1, people), "purpose": rng.choice(PURPOSES), "channel": rng.choice(WAYS),
                "granted": rng.choice((0, 1)), "occurred_at": datetime(2024, 1, rng.randint(1, 5)),  # noqa: DTZ001
            }
            for key in range(1, 2 * people)
        ],
        "orders_order": sold,
        "orders_product": [{"product_id": key, "code": f"P{key}", "name": name, "category": CATEGORIES[key % 3]} for key, name in enumerate(NAMES, 1)],
        "orders_line": [
            {
                "order_id": order["order_id"], "product_id": rng.randint(1, len(NAMES)), "quantity": rng.randint(1, 3),
                "amount_minor": rng.randrange(2_000), "business_date": order["business_date"],
            }
            for order in sold
            for _ in range(rng.randrange(3))
        ],
        "orders_refund": [
            {
                "order_id": rng.choice((None, rng.randint(1, orders))), "customer_id": rng.choice((None, rng.randint(1, people))),
                "product_id": rng.choice((None, 1, 2)), "business_date": rng.choice((None, day())), "currency": rng.choice(("CNY", "USD")),
                "amount_minor": rng.randrange(900),
            }
            for _ in range(40)
        ],
        "api_behaviour": _behaviour(rng, people, day),
        "communities_member": _members(rng, people, instant),
        "coupons_coupon": _coupons(rng, people, day),
        "membership_movement": _movements(rng, people, day),
        "visits_booking": _bookings(rng, people, day),
        "visits_hook": _hooks(rng, people, day, instant),
        "insight_customer_value": _values(rng, people, day),
        "insight_score": _scores(rng, people, day),
    }  # fmt: skip


def _behaviour(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": rng.choice((None, rng.randint(1, people))), "business_date": rng.choice((None, day(), day(), DAY)),
            "kind": rng.choice(("viewed", "added_to_cart", "chatted")), "source": rng.choice(("web_shop", "app")),
            "store_id": rng.choice((None, 1, 2)), "product_code": rng.choice(("", "P1", "P2")),
        }
        for _ in range(3 * people)
    ]  # fmt: skip


def _coupons(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": rng.choice((None, rng.randint(1, people), rng.randint(1, people))),
            "kind": rng.choice(("P1", "welcome20")), "campaign": rng.choice(("", "playbook:3")),
            "state": rng.choice(("given", "redeemed", "expired", "taken_back")), "given_date": day(),
            "last_date": DAY + timedelta(days=rng.randrange(-40, 40)), "redeemed_date": day(),
            "store_id": rng.choice((None, 1, 2)), "currency": rng.choice(("CNY", "CNY", "USD")), "off_minor": rng.randrange(3_000),
        }
        for _ in range(3 * people)
    ]  # fmt: skip


def _members(rng: random.Random, people: int, instant: Callable[[], datetime]) -> list[dict[str, Any]]:
    return [
        {
            "membership_id": key, "customer_id": rng.randint(1, people), "community_id": rng.randint(1, 5),
            "life": rng.choice(("forming", "alive", "alive", "quiet", "dying", "dead")),
            "joined_at": instant(), "left_at": rng.choice((None, None, instant())),
        }
        for key in range(1, 2 * people)
    ]  # fmt: skip


def _movements(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": rng.choice((None, rng.randint(1, people), rng.randint(1, people))), "business_date": day(),
            "kind": rng.choice(("top_up", "spend", "refund")), "store_id": rng.choice((None, 1, 2)),
            "currency": rng.choice(("CNY", "CNY", "USD")), "principal_minor": rng.randrange(-2_000, 4_000),
            "bonus_minor": rng.choice((0, 0, -300, 300)), "till_minor": rng.randrange(4_000),
        }
        for _ in range(2 * people)
    ]  # fmt: skip


def _bookings(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "booking_id": key, "customer_id": rng.choice((None, rng.randint(1, people), rng.randint(1, people))),
            "business_date": day(), "came_date": rng.choice((None, day())), "store_id": rng.choice((1, 2, 3)),
            "source": rng.choice(("", "groupbuy:1", "playbook:3")), "state": rng.choice(("booked", "came", "came", "missed", "cancelled")),
        }
        for key in range(1, 2 * people)
    ]  # fmt: skip


def _hooks(
    rng: random.Random, people: int, day: Callable[[], date], instant: Callable[[], datetime]
) -> list[dict[str, Any]]:
    return [
        {
            "hook_id": key, "customer_id": rng.choice((None, rng.randint(1, people), rng.randint(1, people))),
            "hooked_date": day(), "source": rng.choice(("", "groupbuy:1", "groupbuy:12")), "currency": rng.choice(("CNY", "CNY", "USD")),
            "hook_minor": rng.randrange(3_000), "paid_at": rng.choice((None, instant(), instant())),
            "refunded_at": rng.choice((None, None, instant())),
        }
        for key in range(1, 2 * people)
    ]  # fmt: skip


def _values(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": key, "value_minor": rng.randrange(9_000), "p_alive": rng.randrange(7) / 100,
            "next_order_date": rng.choice((None, day(), DAY, DAY + timedelta(days=rng.randrange(1, 40)))),
        }
        for key in range(1, people + 1)
        if rng.random() < 0.7
    ]  # fmt: skip


def _scores(rng: random.Random, people: int, day: Callable[[], date]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": key, "orders": rng.randrange(6), "order_days": rng.randrange(5), "spend_minor": rng.randrange(-100, 9_000),
            "first_order_date": rng.choice((None, day(), date(2020, 2, 29))), "last_order_date": rng.choice((None, day())),
            "rhythm_days": rng.choice((None, 9, 30)), "stage": rng.choice(STAGES),
            **({"r": None, "f": None, "m": None} if rng.random() < 0.2 else {g: rng.randint(1, 5) for g in "rfm"}),
        }
        for key in range(1, people + 1)
        if rng.random() < 0.8
    ]  # fmt: skip


whole_days = st.sampled_from([1, 2, 5, 7, 8, 30, 31, 90, 365, 36_500])
days = st.integers(0, 820).map(lambda n: (DAY - timedelta(days=n)).isoformat())
texts = st.sampled_from(
    ["shirt", "上衣", "棉", "P1", "P", "SHIRT", "live", "l", "纯棉上衣", "%", "_", "'", "groupbuy:1", "3"]
)


def two(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.tuples(values, values).map(sorted)  # type: ignore[arg-type]


def values_of(fact: Field, comparison: str) -> st.SearchStrategy[Any]:
    if comparison in {"within_days", "not_within_days", "within_next_days"}:
        return whole_days
    if comparison == "anniversary_within_days":
        return st.sampled_from([1, 7, 30, 200, 366])
    if fact.lookup:
        return st.lists(st.integers(1, 4), min_size=1, max_size=3)
    if fact.kind in {"choice", "members"}:
        return st.lists(st.sampled_from(sorted(fact.choices)), min_size=1, max_size=4)
    single = {"date": days, "text": texts}.get(fact.kind, numbers_of(fact))
    return two(single) if comparison == "between" else single


def numbers_of(fact: Field) -> st.SearchStrategy[int]:
    if fact.kind == "money":
        return st.integers(-50, 9_000)
    return st.sampled_from([111, 345, 555]) if fact.name == "rfm" else st.integers(0, 6)


@st.composite
def tests_of(draw: st.DrawFn, fact: Field) -> dict[str, Any]:
    comparison = draw(st.sampled_from(COMPARISONS[fact.kind]))
    test: dict[str, Any] = {"field": fact.name, "is": comparison}
    if comparison not in {"known", "unknown", "yes", "no"}:
        test["value"] = draw(values_of(fact, comparison))
    return test


@st.composite
def happenings(draw: st.DrawFn, what: Happening) -> dict[str, Any]:
    node: dict[str, Any] = {"event": what.name}
    node["is"] = draw(st.sampled_from(["did", "did_not", "at_least", "at_most", "equals", "between"]))
    if node["is"] not in {"did", "did_not"}:
        node["measure"] = draw(st.sampled_from(["times", "days", *(one.name for one in what.measures)]))
        number = st.integers(-10, 6_000) if node["measure"] == "amount_minor" else st.integers(0, 5)
        node["value"] = draw(two(number) if node["is"] == "between" else number)
    if draw(st.booleans()):
        node["when"] = draw(whens())
    if what.properties and draw(st.booleans()):
        node["where"] = draw(st.lists(st.sampled_from(what.properties).flatmap(tests_of), min_size=1, max_size=2))
    return node


def whens() -> st.SearchStrategy[dict[str, Any]]:
    anchors = st.sampled_from(["first_seen", "first_order", "last_order"])
    return st.one_of(
        st.fixed_dictionaries({"within_days": whole_days}),
        st.fixed_dictionaries({"not_within_days": whole_days}),
        st.fixed_dictionaries({"before": days}),
        st.fixed_dictionaries({"since": days}),
        st.fixed_dictionaries({"between": two(days)}),
        st.fixed_dictionaries(
            {"within_days_of": st.fixed_dictionaries({"field": anchors, "days": st.sampled_from([0, 7, 30, 400])})}
        ),
    )


def rules() -> st.SearchStrategy[dict[str, Any]]:
    """Return rules of any nesting over all declared fields and happenings."""
    leaf = st.one_of(
        st.sampled_from(list(FIELDS)).flatmap(tests_of),
        st.sampled_from(list(HAPPENINGS)).flatmap(happenings),
    )
    node = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=6,
    )
    return st.fixed_dictionaries({"version": st.just(1), "rule": node})
