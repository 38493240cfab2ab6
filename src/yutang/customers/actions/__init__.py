"""Every change to people that others may ask for."""

from yutang.customers.actions.consents import record_consent, withdraw_consent
from yutang.customers.actions.merges import decide_review, merge_customers, undo_merge
from yutang.customers.actions.people import unmask_customer, unmask_pair
from yutang.customers.actions.tags import (
    assign_rule_tag,
    create_tag,
    create_tag_group,
    expire_tags,
    give_tag,
    take_tag,
)
from yutang.customers.undoing import undo_people_of_import

__all__ = [
    "assign_rule_tag",
    "create_tag",
    "create_tag_group",
    "decide_review",
    "expire_tags",
    "give_tag",
    "merge_customers",
    "record_consent",
    "take_tag",
    "undo_merge",
    "undo_people_of_import",
    "unmask_customer",
    "unmask_pair",
    "withdraw_consent",
]
