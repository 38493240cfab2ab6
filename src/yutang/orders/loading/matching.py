"""End work of an import: refunds find the orders that they name, cancellation lines find the lines that they cancel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from yutang.foundation import bulk
from yutang.ingest.journal import note_overlap, remember, touch
from yutang.ingest.targets import LoadContext
from yutang.orders.arrivals import names_of_orders, orders_by_key
from yutang.orders.loading.totals import refresh_totals

_CHUNK = 5_000

_WAITING = """
SELECT r.id, r.order_id, r.customer_id, r.source_id, o.id, o.customer_id, o.source_id
FROM orders_refund r
JOIN {names} n ON n.shop_id = r.shop_id AND n.number = r.order_number
{orders}
WHERE r.order_id IS NULL AND r.order_number <> ''
"""

#: Lines that a cancellation may mean: the same person (or the same receipt), product and price, bought before it;
#: the latest purchase first.
_CANDIDATES = """
SELECT r.id, r.order_id, r.quantity, r.source_id, l.id,
       l.quantity - COALESCE((SELECT SUM(x.quantity) FROM orders_refund x WHERE x.line_id = l.id), 0), o.id, o.source_id,
       substr(CAST(o.business_date AS TEXT), 1, 7)
FROM {keys} k
{refunds}
{orders}
{lines}
WHERE o.placed_at <= r.refunded_at AND l.product_id = r.product_id AND l.quantity >= r.quantity
  AND (l.unit_price_minor * r.quantity = r.amount_minor OR l.amount_minor * r.quantity = r.amount_minor * l.quantity)
ORDER BY r.refunded_at, r.id, o.placed_at DESC, l.id DESC
"""


def match_refunds(context: LoadContext) -> dict[str, int]:
    """Link what was waiting, match cancellations to lines, refresh the orders' sums. Return how many were matched."""
    orders = _link_waiting(context)
    matched = 0
    for refund_ids in _unmatched():
        for orders_meant in (orders_by_key("r.order_id"), _orders_of_the_person()):
            found = _match(refund_ids, orders_meant, context)
            orders |= set(found.values())
            matched += len(found)
    for chunk in _chunks(sorted(orders)):
        refresh_totals(chunk, import_id=context.import_id, made=[])
    return {"cancellations_matched": matched} if matched else {}


def _link_waiting(context: LoadContext) -> set[int]:
    """Give refunds that came before their order the order and its buyer."""
    waiting = bulk.fetch(_WAITING.format(names=names_of_orders(), orders=orders_by_key("n.id")))
    if not waiting:
        return set()
    images, links, overlaps = [], [], Counter[int]()
    for refund_id, old_order, old_buyer, source_id, order_id, buyer, order_source in waiting:
        images.append((refund_id, {"order_id": old_order, "customer_id": old_buyer}))
        links.append((order_id, buyer, refund_id))
        overlaps.update({source_id, order_source} - {context.import_id, None})
    remember(context.import_id, "orders_refund", images)
    bulk.update_rows("orders_refund", ("order_id", "customer_id"), links)
    _note_overlaps(overlaps, context)
    return {order_id for order_id, _, _ in links}


def _note_overlaps(overlaps: Counter[int], context: LoadContext) -> None:
    for earlier_id, rows in overlaps.items():
        note_overlap(later_id=context.import_id, earlier_id=earlier_id, rows=rows)


def _unmatched() -> Iterator[list[int]]:
    """Yield the cancellation lines that have found no line yet, in chunks."""
    last = 0
    while True:
        ids = [
            i
            for (i,) in bulk.fetch(
                "SELECT id FROM orders_refund WHERE id > %s AND line_id IS NULL AND product_id IS NOT NULL AND quantity > 0"
                f" ORDER BY id LIMIT {_CHUNK}",
                [last],
            )
        ]
        if not ids:
            return
        yield ids
        last = ids[-1]


def _orders_of_the_person() -> str:
    """Return the join with the orders that a refund may mean which names none: those of its buyer in its shop."""
    return bulk.looked_up(
        "orders_order", "o", "r.order_id IS NULL AND o.customer_id = r.customer_id AND o.shop_id = r.shop_id"
    )


def _match(refund_ids: list[int], orders_meant: str, context: LoadContext) -> dict[int, int]:
    """Match each refund with the first candidate that still has goods left; return the order by refund."""
    refunds = bulk.looked_up("orders_refund", "r", "r.id = k.id")
    lines = bulk.looked_up("orders_orderline", "l", "l.order_id = o.id")
    with bulk.key_table([("id", "int")], [(i,) for i in refund_ids]) as keys:
        candidates = bulk.fetch(_CANDIDATES.format(keys=keys, refunds=refunds, orders=orders_meant, lines=lines))
    left: dict[int, int] = {}
    found: dict[int, tuple[int, int]] = {}
    images, overlaps, months = [], Counter[int](), set()
    for refund_id, order_id, quantity, source_id, line_id, available, owner_id, owner_source, month in candidates:
        if refund_id in found or left.setdefault(line_id, available) < quantity:
            continue
        left[line_id] -= quantity
        found[refund_id] = (line_id, owner_id)
        months.add(month or "none")
        if source_id != context.import_id:
            images.append((refund_id, {"line_id": None, "order_id": order_id}))
        for touched in {owner_source, source_id} - {context.import_id, None}:
            overlaps[touched] += 1
    remember(context.import_id, "orders_refund", images)
    bulk.update_rows("orders_refund", ("line_id", "order_id"), [(line, order, r) for r, (line, order) in found.items()])
    touch("orders_order", months, now=context.now)
    _note_overlaps(overlaps, context)
    return {refund_id: order_id for refund_id, (_, order_id) in found.items()}


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
