"""Every change of the room: lead newcomers, say what a group is for, probe it, do something about it, tell what was seen."""

from yutang.communities.actions.caring import Probed, do_about, note_probe, open_again, put_off
from yutang.communities.actions.describing import Description, describe_community, note_invitation
from yutang.communities.actions.night import NightReport, judge_groups
from yutang.communities.actions.posting import plan_post
from yutang.communities.actions.signals import DayCount, SeenOnce, note_counts, note_seen, read_statistics
from yutang.communities.placing import Newcomer, Placement, Wish, place_newcomers
from yutang.communities.refusals import (
    DeedIsUnknown,
    GroupCannotBeThis,
    GroupIsClosed,
    InvitationIsWrong,
    NoGroupsChosen,
    NoSuchCommunity,
    ProbeIsWrong,
    SeedsAnother,
)
from yutang.communities.settling import release_places, settle_places

__all__ = [
    "DayCount",
    "DeedIsUnknown",
    "Description",
    "GroupCannotBeThis",
    "GroupIsClosed",
    "InvitationIsWrong",
    "Newcomer",
    "NightReport",
    "NoGroupsChosen",
    "NoSuchCommunity",
    "Placement",
    "ProbeIsWrong",
    "Probed",
    "SeedsAnother",
    "SeenOnce",
    "Wish",
    "describe_community",
    "do_about",
    "judge_groups",
    "note_counts",
    "note_invitation",
    "note_probe",
    "note_seen",
    "open_again",
    "place_newcomers",
    "plan_post",
    "put_off",
    "read_statistics",
    "release_places",
    "settle_places",
]
