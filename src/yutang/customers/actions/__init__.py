"""Every change to people that others may ask for."""

from yutang.customers.actions.consents import record_consent, withdraw_consent
from yutang.customers.actions.merges import (
    NoSuchMerge,
    bring_what_came_late,
    decide_review,
    merge_customers,
    reopen_review,
    undo_merge,
)
from yutang.customers.actions.owners import hand_over_customers
from yutang.customers.actions.people import unmask_customer, unmask_customers, unmask_pair
from yutang.customers.actions.tag_changes import change_tag, create_tag_in, give_named_tag, rename_tag_group
from yutang.customers.actions.tags import (
    assign_rule_tag,
    create_tag,
    create_tag_group,
    expire_tags,
    give_tag,
    take_tag,
)
from yutang.customers.actions.visitors import meet_by_wechat, welcome_in_store
from yutang.customers.undoing import undo_people_of_import

__all__ = [
    "NoSuchMerge",
    "assign_rule_tag",
    "bring_what_came_late",
    "change_tag",
    "create_tag",
    "create_tag_group",
    "create_tag_in",
    "decide_review",
    "expire_tags",
    "give_named_tag",
    "give_tag",
    "hand_over_customers",
    "meet_by_wechat",
    "merge_customers",
    "record_consent",
    "rename_tag_group",
    "reopen_review",
    "take_tag",
    "undo_merge",
    "undo_people_of_import",
    "unmask_customer",
    "unmask_customers",
    "unmask_pair",
    "welcome_in_store",
    "withdraw_consent",
]
