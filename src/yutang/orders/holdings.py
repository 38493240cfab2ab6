"""What orders hold of people: moved when two people turn out to be one."""

from __future__ import annotations

from yutang.customers.holdings import HOLDINGS, Holding

HOLDINGS.register(Holding("orders_order", "customer_id", day_column="business_date"))
HOLDINGS.register(Holding("orders_refund", "customer_id", day_column="business_date"))
