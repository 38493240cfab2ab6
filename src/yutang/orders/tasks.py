"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.orders.arrivals import let_go_of_empty_months, make_order_months
from yutang.orders.keeping import forget_older_orders, forget_older_refunds


@jobs.task()
def make_months_of_orders(context: jobs.JobContext) -> dict[str, int]:
    """Make the parts in which PostgreSQL keeps the orders of the months ahead, and begin that of the present one."""
    return {"made": len(make_order_months(now=context.now()))}


@jobs.task()
def forget_months_of_orders(context: jobs.JobContext) -> dict[str, int]:
    """Let go of orders of months that are not kept any more, and of the parts in which none is left."""
    orders = refunds = last = 0
    while True:
        some, last = forget_older_orders(actor=Actor.system(), after=last, now=context.now())
        if not some:
            break
        orders += some
        context.check_cancelled()
    while some := forget_older_refunds(actor=Actor.system(), now=context.now()):
        refunds += some
        context.check_cancelled()
    return {"orders": orders, "refunds": refunds, "parts": len(let_go_of_empty_months(now=context.now()))}
