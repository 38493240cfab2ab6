"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.orders.arrivals import let_go_of_empty_months, make_order_months
from yutang.orders.keeping import forget_older_orders, forget_older_refunds, forget_what_was


@jobs.task()
def make_months_of_orders(context: jobs.JobContext) -> dict[str, int]:
    """Make the parts in which PostgreSQL keeps the orders of the months ahead, and begin that of the present one."""
    return {"made": len(make_order_months(now=context.now()))}


@jobs.task()
def forget_months_of_orders(context: jobs.JobContext) -> dict[str, int]:
    """Let go of orders of months that are not kept any more, and of the parts in which none is left."""
    actor = Actor.system()
    orders = refunds = 0
    last: int | None = 0
    while last is not None:
        gone = forget_older_orders(actor=actor, after=last, now=context.now())
        orders, refunds, last = orders + gone.orders, refunds + gone.refunds, gone.last
        context.progress(orders + refunds)
        context.check_cancelled()
    while some := forget_older_refunds(actor=actor, now=context.now()):
        refunds += some
        context.progress(orders + refunds)
        context.check_cancelled()
    if orders or refunds:
        forget_what_was(actor=actor)
    return {"orders": orders, "refunds": refunds, "parts": len(let_go_of_empty_months(now=context.now()))}
