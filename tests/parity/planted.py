"""A lake with rows, gaps and edges in every published table, and what every named query is asked over it.

Tables, inputs and parameters are drawn by the names and types of their columns, so that a new table or query has them by itself;
a name that means something else in one place says so below.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from yutang.ingest.published import PUBLISHED
from yutang.lake.catalogue import NamedQuery, catalogue_of
from yutang.lake.columns import ARROW_TYPES

AS_OF = date(2024, 3, 11)
PEOPLE = 40
Rows = list[dict[str, Any]]
_Draw = Callable[[random.Random], Any]

#: Rows of a table; what is not named has `_ROWS`.
_SIZES = {
    "foundation_store": 4, "orders_shop": 4, "orders_product": 9, "customers_customer": PEOPLE, "insight_score": 34, "insight_customer_value": 36,
    "proposed": 20, "resting": 6, "orders_order": 600, "orders_line": 900, "visits_footfall": 400, "experiments_assignment": 30, "experiments_groupmember": 40, "asked_step": 9,
}  # fmt: skip
_ROWS = 160

#: Tables whose first column does not number their rows.
_NOT_NUMBERED = {"customers_tag", "communities_vitality", "experiments_groupmember"}


def _one_of(*values: Any) -> _Draw:
    return lambda rng: rng.choice(values)


def _number(low: int, high: int) -> _Draw:
    return lambda rng: rng.randint(low, high)


def _perhaps(draw: _Draw, *, gap: float = 0.15) -> _Draw:
    return lambda rng: None if rng.random() < gap else draw(rng)


def _day(rng: random.Random) -> date:
    """Draw a day, more often one near the last that is known, and its edges."""
    back = rng.choice((0, 1, 2, rng.randrange(35), rng.randrange(70), rng.randrange(150), rng.randrange(430)))
    return AS_OF - timedelta(days=back)


def _coming(rng: random.Random) -> date:
    return AS_OF + timedelta(days=rng.randint(-20, 60))


def _instant(rng: random.Random) -> datetime:
    return datetime.combine(_day(rng), datetime.min.time()) + timedelta(seconds=rng.randrange(86_400))


#: What a column of a name holds, wherever it stands; what is not named is drawn by its type.
_COLUMNS: Mapping[str, _Draw] = {
    "customer_id": _perhaps(_number(1, PEOPLE)), "store_id": _perhaps(_number(1, 4)), "shop_id": _number(1, 4), "product_id": _number(1, 9),
    "region_id": _one_of(1, 1, 2, None), "staff_id": _perhaps(_number(1, 3)), "owner_id": _perhaps(_number(1, 3)), "order_id": _number(1, 600),
    "line_id": _number(1, 900), "experiment_id": _one_of(7, 7, 7, 8), "assignment_id": _number(1, 30), "tag_id": _number(1, 4), "code_id": _number(1, 5),
    "community_id": _number(1, 6), "group_id": _number(1, 20), "status": _one_of(0, 10, 20, 40, 40, 40, 50, 60), "channel": _one_of("live", "store", "", None),
    "platform": _one_of("own", "own", "taobao", "jd"), "currency": _one_of("CNY", "CNY", "CNY", "USD"), "stage": _one_of("prospect", "new", "growing", "loyal", "loyal", "at_risk", "at_risk", "asleep", "lost"),
    "arm": _one_of(0, 1, 2), "version": _one_of(0, 1), "granted": _one_of(0, 0, 1), "purpose": _one_of("promotion", "service"), "was_known": _one_of(0, 1), "is_newcomer": _one_of(0, 1),
    "verdict": _one_of("", "allow", "slow", "refuse"), "life": _one_of("forming", "alive", "quiet", "dying", "dead"), "intent": _one_of("value", "promotion", "service", "transactional"),
    "content": _one_of("c1", "c2", ""), "state": _one_of("planned", "sent"), "name": _one_of("纯棉上衣", "亚麻 Shirt", "羊毛围巾", ""), "code": _one_of("P1", "P2", "P'3", "P\\4"),
    "category": _one_of("上衣", "Scarves", ""), "r": _perhaps(_number(1, 5)), "f": _perhaps(_number(1, 5)), "m": _perhaps(_number(1, 5)), "rhythm_days": _perhaps(_one_of(7, 9, 30, 61)),
    "orders": _number(1, 8), "order_days": _number(1, 6), "item_count": _number(1, 4), "quantity": _number(1, 3), "refunded_minor": _one_of(0, 0, 0, 700, 4_900), "next_order_date": _perhaps(_coming),
    "next_from_date": _perhaps(_coming), "next_to_date": _perhaps(_coming), "last_date": _coming, "passers_by": _perhaps(_number(20, 90)), "entries": _number(0, 30), "group_key": _one_of("", "1", "2"),
    "kind": _one_of("silent", "due"), "token": _one_of("", "2023", None), "is_fresh": _one_of(True, True, False), "side": _one_of("first", "second"), "birthday": _coming, "touched_on": lambda rng: AS_OF - timedelta(days=rng.choice((60, 61, 90))),
    "step": _one_of(1, 1, 2, 3), "is_again": _one_of(True, False), "steps": _number(1, 4),
    "recency_days": _number(0, 400), "rank": _number(1, 90_000), "place": _number(1, 900), "band": _number(0, 3), "model_group": _one_of("", "1"), "source": _one_of("", "groupbuy:1", "playbook:3"),
}  # fmt: skip

#: Names that mean something else in one table or query.
_PLACES: Mapping[tuple[str, str], _Draw] = {
    ("customers_consent", "channel"): _one_of("any", "phone", "sms", "wecom", "email"), ("fresh_consent", "channel"): _one_of("any", "sms"), ("channels_touch", "channel"): _one_of("sms", "wecom"),
    ("fresh_touch", "channel"): _one_of("sms", "wecom"), ("visits_ad_cost", "channel"): _one_of("douyin", "meituan"), ("coupons_coupon", "state"): _one_of("given", "redeemed", "redeemed", "expired", "taken_back"),
    ("coupons_coupon", "kind"): _one_of("P1", "welcome20"), ("membership_movement", "kind"): _one_of("top_up", "top_up", "spend"), ("visits_booking", "state"): _one_of("booked", "came", "came", "missed", "cancelled"),
    ("orders_refund", "order_id"): _perhaps(_number(1, 600), gap=0.5), ("orders_refund", "product_id"): _perhaps(_number(1, 9)), ("api_behaviour", "kind"): _one_of("viewed", "chatted"),
    ("orders_order", "business_date"): _perhaps(_day, gap=0.05), ("orders_order", "placed_at"): _perhaps(_instant, gap=0.2), ("orders_line", "amount_minor"): _one_of(0, 333, 1_000, 2_999, -50),
    ("customers_customer", "first_seen_at"): _instant, ("experiments_assignment", "customer_id"): _perhaps(_number(1, PEOPLE), gap=0.3), ("visits_hook", "refunded_at"): _perhaps(_instant, gap=0.8),
    ("asked_step", "kind"): _one_of("viewed", "viewed", "chatted", "order:paid"), ("asked_step", "store_id"): _perhaps(_number(1, 4), gap=0.7), ("asked_step", "channel"): _perhaps(_one_of("a", "own/live"), gap=0.8),
    ("visits_hook", "store_id"): _number(1, 4), ("visits_booking", "made_at"): _instant, ("audience", "customer_id"): _number(1, PEOPLE), ("asked", "status"): _one_of(20, 40),
    ("resting", "customer_id"): _number(1, 9), ("edge", "from_minor"): lambda _: 0, ("edge", "to_minor"): lambda _: 60_000, ("insight_customer_value", "before_minor"): _perhaps(_number(1, 60_000)), ("communities_member", "left_at"): _perhaps(_instant, gap=0.6),
    ("insight_customer_value", "order_minor"): _number(100, 2_000), ("scored", "r"): _number(1, 5), ("scored", "f"): _number(1, 5), ("scored_before", "r"): _number(1, 5), ("scored_before", "f"): _number(1, 5),
}  # fmt: skip

#: Inputs of one row a person, and their size.
_PER_PERSON = {
    "scored",
    "scored_before",
    "bought",
    "beat",
    "valued",
    "valued_before",
    "born",
    "audience",
    "member",
    "touched",
    "walker",
}

#: Types of columns of inputs that no published table has.
_INPUT_TYPES: Mapping[str, pa.DataType] = {
    "birthday": pa.date32(), "touched_on": pa.date32(), "token": pa.string(), "side": pa.string(), "rank": pa.int64(), "place": pa.int64(), "is_fresh": pa.bool_(), "band": pa.int32(), "step": pa.int32(), "is_again": pa.bool_(), "steps": pa.int32(),
    "model_group": pa.string(), "orders_30": pa.float64(), "orders_90": pa.float64(), "recency_days": pa.int64(),
}  # fmt: skip

_BY_TYPE: Mapping[pa.DataType, _Draw] = {
    pa.int16(): _number(0, 5), pa.int32(): _number(0, 9), pa.int64(): _number(0, 60_000), pa.bool_(): _one_of(True, False), pa.string(): _one_of("", "a", "b"),
    pa.float64(): lambda rng: rng.randrange(100) / 100, pa.date32(): _day, pa.timestamp("us"): _perhaps(_instant),
}  # fmt: skip


def planted_rows(seed: int) -> dict[str, Rows]:
    """Return rows of every published table."""
    rng = random.Random(seed)
    return {table.name: _rows_of(rng, table.name, _types(table.columns)) for table in PUBLISHED}


def planted_inputs(query: NamedQuery) -> dict[str, pa.Table]:
    """Return rows of every input of a query."""
    rng = random.Random(query.name)
    found = {}
    for name, columns in query.inputs.items():
        types = {column: _input_type(column) for column in columns}
        rows = _rows_of(rng, name, types)
        if name in _PER_PERSON:
            # Each person once, in an order of no meaning.
            rows = [{**row, "customer_id": key} for key, row in enumerate(rows[: PEOPLE - 3], 2)][::-1]
        found[name] = pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))
    return found


def askings(query: NamedQuery) -> Iterator[dict[str, Any]]:
    """Yield the parameters with which a query is asked.

    First the first values of all; then every other value by itself of those that choose another way through the query; then the
    second values of all that are only compared with, at once.
    """
    pools = {name: _pool(query.name, name) for name in query.params}
    first = {name: pool[0] for name, pool in pools.items()}
    yield first
    for name, pool in pools.items():
        for value in pool[1:] if name in _WAYS else ():
            with_it = _WITH.get((name, str(value)), {})
            yield {**first, name: value, **{other: one for other, one in with_it.items() if other in pools}}
    second = {name: pool[1] for name, pool in pools.items() if name not in _WAYS and len(pool) > 1}
    if second:
        yield first | second


def _rows_of(rng: random.Random, name: str, types: Mapping[str, pa.DataType]) -> Rows:
    first = next(iter(types))
    numbered = first if first.endswith("_id") and name not in _NOT_NUMBERED else ""
    draws = {
        column: _PLACES.get((name, column)) or _COLUMNS.get(column) or _BY_TYPE[kind] for column, kind in types.items()
    }
    return [
        {column: number if column == numbered else draw(rng) for column, draw in draws.items()}
        for number in range(1, _SIZES.get(name, _ROWS) + 1)
    ]


def _types(columns: Mapping[str, str]) -> dict[str, pa.DataType]:
    return {name: ARROW_TYPES[kind] for name, kind in columns.items()}


def _input_type(column: str) -> pa.DataType:
    if column in _INPUT_TYPES:
        return _INPUT_TYPES[column]
    known = {ARROW_TYPES[table.columns[column]] for table in PUBLISHED if column in table.columns}
    if len(known) > 1 or not known:
        return pa.int64() if column.endswith("_minor") or known & {pa.int64()} else pa.string()
    return known.pop()


def _instant_of(*parts: int) -> datetime:
    """Return an instant in UTC without a zone, as the lake has them."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def _ms_of(*day: int) -> int:
    """Return milliseconds since 1970-01-01 of a midnight in UTC."""
    return (_instant_of(*day) - _instant_of(1970, 1, 1)) // timedelta(milliseconds=1)


#: Parameters that choose another way through a query, and are not only compared with.
_WAYS = {
    "stores", "reach", "grouping", "within", "by", "group_key", "kinds", "change", "with_footfall", "side", "platform", "after_minor", "fifth",
    "in_danger", "slices", "rs", "fs", "kind",
}  # fmt: skip

_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)

#: Values of parameters by name; the first of each are asked together, then the second, and so on.
_PARAMS: Mapping[str, tuple[Any, ...]] = {
    "as_of": (AS_OF, AS_OF - timedelta(days=45)), "currency": ("CNY", "USD"), "stores": (None, [1, 3]), "reach": (None, [1, 2, 3]), "most": (50, 5), "after_minor": (None, 4_000), "after_id": (None, 20),
    "before_start": (AS_OF - 2 * _MONTH,), "before_end": (AS_OF - _MONTH,), "now_start": (AS_OF - _MONTH,), "now_end": (AS_OF,), "start_date": (AS_OF - _MONTH, AS_OF - 4 * _MONTH), "end_date": (AS_OF, AS_OF - _WEEK),
    "before_date": (AS_OF - 2 * _MONTH, AS_OF - 8 * _MONTH), "known_end": (AS_OF,), "known_before": (AS_OF - _MONTH,), "calibration_end": (AS_OF - 2 * _MONTH,), "ripe_before": (AS_OF - _WEEK,), "kept_days": (30, 7),
    "begin_at": (_instant_of(2024, 1, 1), _instant_of(2024, 3, 1, 12, 30)), "end_at": (_instant_of(2024, 3, 11), _instant_of(2024, 3, 8, 1, 2, 3, 4)), "moment": (_instant_of(2024, 3, 10, 23),), "seen_until": (_instant_of(2024, 3, 5, 23),), "since": (AS_OF - 4 * _MONTH,), "until": (AS_OF,),
    "since_date": (AS_OF - 10 * _MONTH, AS_OF - 2 * _MONTH), "until_date": (AS_OF,), "held_since": (AS_OF - 13 * _MONTH,), "live_date": (AS_OF - _WEEK,), "fresh_since": (AS_OF - _WEEK,), "refunds_since": (AS_OF - 4 * _MONTH,),
    "grouping": ("all", "store", "region", "channel", "staff"), "within": ("chain", "region", "store", "platform"), "by": ("region", "store", "platform"), "group_key": (None, "1", "2", "own/live"), "kinds": (["counted", "new", "returning"], ["new", "returning"]),
    "change": ("any", "moved", "often", "value"), "with_footfall": (True, False), "side": ("all", "earlier", "newcomers"), "platform": ("own", "taobao", None), "purpose": ("promotion", "service"), "channel": ("sms", "wecom"), "content": ("c1", "c2"),
    "experiment": (7,), "within_days": (14, 30), "before_days": (30, 90), "days": (30, 5), "fifth": (None, 0, 2), "in_danger": (False, True), "after_place": (0, 3), "first_month": (2023 * 12,), "cohort_month": (2023 * 12 + 1, 2023 * 12),
    "month_offset": (0, 2), "least_first": (2,), "least_both": (1, 2), "early_days": (5, 60), "late_days": (10, 90), "one_in": (1, 3), "per_side": (5, 40), "per_store": (2, 9), "slices": (1, 3), "slice": (0, 1), "repeat_ratio": (0.5, 0.31), "typical_days": (30, 7),
    "from_ms": (_ms_of(2023, 1, 1),), "until_ms": (_ms_of(2024, 3, 12), _ms_of(2024, 3, 4)), "day_ms": (57_600_000, 86_400_000), "window_ms": (40 * 86_400_000, 3 * 86_400_000), "kind": ("viewed", "order:paid", "chatted"),
    "fs": ([1, 2, 3], [5]), "rs": ([3, 4, 5], [1, 2, 3, 4, 5]), "order_limits": ([2, 4, 8, 16],), "recency_limits": ([7, 30, 90, 180],), "spend_limits": ([1_000, 30_000, 300_000, 900_000],),
}  # fmt: skip

#: Parameters whose name means something else in one query.
_PARAMS_OF: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("channels.audience_contacts", "since"): (_instant_of(2023, 12, 1, 5),),
    ("insight.cohort_returns", "grouping"): ("all", "month", "store", "channel", "product"),
    ("insight.funnel_people", "grouping"): ("all", "store", "channel"),
    ("insight.funnel_step", "grouping"): ("all", "store", "channel"),
    ("insight.funnel_step", "channel"): (None, "a"),
    ("insight.funnel_step", "store_id"): (None, 2),
    ("insight.second_orders", "grouping"): ("all", "month", "store", "channel", "product"),
    ("insight.period_products", "grouping"): ("product", "category"),
    ("insight.customers_behind_product", "grouping"): ("product", "category"),
    ("insight.customers_behind_product", "group_key"): ("纯棉上衣", "上衣"),
    ("insight.rfm_customers", "group_key"): (None, "1"),
    ("insight.rfm_movement", "group_key"): (None, "1", ""),
    ("insight.traffic_people", "platform"): ("own", "taobao"),
    ("insight.newcomer_sales", "since"): (AS_OF - 12 * _MONTH,),
    ("segments.people_of_stores", "stores"): ([1, 3], [], [2]),
}


#: What must go with one value of a parameter for it to choose anybody, where the query has such a parameter.
_WITH: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("group_key", "1"): {"grouping": "store"}, ("group_key", "2"): {"grouping": "region"}, ("group_key", "own/live"): {"grouping": "channel"},
    ("group_key", "上衣"): {"grouping": "category"}, ("grouping", "category"): {"group_key": "上衣"}, ("after_minor", "4000"): {"after_id": 20},
    ("grouping", "store"): {"group_key": "1"}, ("grouping", "region"): {"group_key": "1"}, ("grouping", "channel"): {"group_key": "own/live"},
    ("grouping", "staff"): {"group_key": "3"}, ("platform", "None"): {"stores": None},
}  # fmt: skip


def _pool(query: str, name: str) -> tuple[Any, ...]:
    found = _PARAMS_OF.get((query, name)) or _PARAMS.get(name)
    if found is None:
        raise LookupError(f"say in {__name__} what {query} is asked with for ${name}")
    return found


def queries() -> list[NamedQuery]:
    """Return all named queries of the package."""
    return list(catalogue_of("yutang"))
