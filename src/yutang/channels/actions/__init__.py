"""Every change of the room: plan a message, claim it at the moment of sending, and note what speaks for or against."""

from yutang.channels.actions.audiences import AudiencePlan, Wish, plan_audience
from yutang.channels.actions.blocks import Answer, plan_touches
from yutang.channels.actions.notes import (
    GrievanceIsUnknown,
    StandingIsUnknown,
    close_grievance,
    note_quota_use,
    open_grievance,
    set_group_standing,
)
from yutang.channels.actions.touches import (
    Claim,
    Message,
    MessageIsWrong,
    NoSuchGroup,
    NoSuchTouch,
    Planned,
    TouchIsClosed,
    TouchIsNotDue,
    claim_to_send,
    note_failure,
    plan_touch,
)

__all__ = [
    "Answer",
    "AudiencePlan",
    "Claim",
    "GrievanceIsUnknown",
    "Message",
    "MessageIsWrong",
    "NoSuchGroup",
    "NoSuchTouch",
    "Planned",
    "StandingIsUnknown",
    "TouchIsClosed",
    "TouchIsNotDue",
    "Wish",
    "claim_to_send",
    "close_grievance",
    "note_failure",
    "note_quota_use",
    "open_grievance",
    "plan_audience",
    "plan_touch",
    "plan_touches",
    "set_group_standing",
]
