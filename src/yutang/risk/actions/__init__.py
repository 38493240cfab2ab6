"""Every change of the room that others may ask for."""

from yutang.risk.actions.deciding import (
    appeal,
    decline_appeal,
    grant_appeal,
    keep_stopped,
    let_through,
    note_outcome,
    note_outcomes,
    settle_for_programme,
)
from yutang.risk.actions.forgetting import forget_old, forget_people
from yutang.risk.actions.judging import judge, judge_within_reach
from yutang.risk.actions.listing import put_on_list, take_off_list
from yutang.risk.actions.versions import end_trial, put_in_force, put_on_trial, save_rules
from yutang.risk.actions.weaving import weave_traces

__all__ = [
    "appeal",
    "decline_appeal",
    "end_trial",
    "forget_old",
    "forget_people",
    "grant_appeal",
    "judge",
    "judge_within_reach",
    "keep_stopped",
    "let_through",
    "note_outcome",
    "note_outcomes",
    "put_in_force",
    "put_on_list",
    "put_on_trial",
    "save_rules",
    "settle_for_programme",
    "take_off_list",
    "weave_traces",
]
