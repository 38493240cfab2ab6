"""Every change of the room that others may ask for."""

from yutang.wecom.actions.alarms import NoSuchAlarm, note_alarm
from yutang.wecom.actions.connection import CorpIsAnother, EnvironmentDecides, KeysAreIncomplete, connect, use_sandbox
from yutang.wecom.actions.friends import note_touches
from yutang.wecom.actions.handovers import (
    CannotServeInWeCom,
    NoAccountInWeCom,
    NobodyToHandOver,
    hand_over_friends,
)
from yutang.wecom.actions.join_ways import ask_for_join_ways
from yutang.wecom.actions.staff import NoSuchAccount, StaffIsTaken, link_account
from yutang.wecom.actions.syncing import ask_for_sync
from yutang.wecom.actions.ways import (
    NoSuchWay,
    WayIsIncomplete,
    ask_for_contact_way,
    change_welcome_words,
    end_contact_way,
)

__all__ = [
    "CannotServeInWeCom",
    "CorpIsAnother",
    "EnvironmentDecides",
    "KeysAreIncomplete",
    "NoAccountInWeCom",
    "NoSuchAccount",
    "NoSuchAlarm",
    "NoSuchWay",
    "NobodyToHandOver",
    "StaffIsTaken",
    "WayIsIncomplete",
    "ask_for_contact_way",
    "ask_for_join_ways",
    "ask_for_sync",
    "change_welcome_words",
    "connect",
    "end_contact_way",
    "hand_over_friends",
    "link_account",
    "note_alarm",
    "note_touches",
    "use_sandbox",
]
