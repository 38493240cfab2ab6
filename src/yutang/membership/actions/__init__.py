"""Every change of the room that others may ask for."""

from yutang.membership.actions.ledger import refund_principal, return_purchase, spend, top_up, top_up_by_plan
from yutang.membership.actions.orders import ask_top_up, end_top_up, settle_top_up
from yutang.membership.actions.people import forget_people
from yutang.membership.actions.plans import change_plans

__all__ = [
    "ask_top_up",
    "change_plans",
    "end_top_up",
    "forget_people",
    "refund_principal",
    "return_purchase",
    "settle_top_up",
    "spend",
    "top_up",
    "top_up_by_plan",
]
