"""Every change of the room that others may ask for."""

from yutang.groupbuy.actions.campaigns import (
    change_campaign,
    close_campaign,
    create_campaign,
    open_campaign,
    opening_refusal,
    pause_campaign,
    resume_campaign,
)
from yutang.groupbuy.actions.ending import count_courses, end_groups, forget_people, lapse_holds
from yutang.groupbuy.actions.joining import Wish, join_group, known_person, start_group
from yutang.groupbuy.actions.leaving import leave_group, take_out
from yutang.groupbuy.actions.paying import give_up_seat, take_paid_seat
from yutang.groupbuy.terms import Terms

__all__ = [
    "Terms",
    "Wish",
    "change_campaign",
    "close_campaign",
    "count_courses",
    "create_campaign",
    "end_groups",
    "forget_people",
    "give_up_seat",
    "join_group",
    "known_person",
    "lapse_holds",
    "leave_group",
    "open_campaign",
    "opening_refusal",
    "pause_campaign",
    "resume_campaign",
    "start_group",
    "take_out",
    "take_paid_seat",
]
