"""Every change of the room that others may ask for."""

from yutang.codes.actions.changing import (
    change_code,
    create_code,
    hold_code,
    release_code,
    switch_off,
    switch_on,
    switch_staff,
)
from yutang.codes.actions.costs import add_cost, remove_cost
from yutang.codes.actions.earlier import Earlier, EarlierScans, note_earlier
from yutang.codes.actions.scanning import GroupBehind, Landing, StoreChoice, group_behind, open_printed
from yutang.codes.actions.spots import SpotTerms, add_spots, switch_spot
from yutang.codes.refusals import (
    CodeIsPaused,
    CodeIsWrong,
    NameIsTaken,
    NoSuchCode,
    NoSuchCost,
    NoSuchSpot,
    PrintedCodeIsUnknown,
    SpotIsTaken,
)
from yutang.codes.terms import CodeTerms, ShiftTerms, SlotTerms

__all__ = [
    "CodeIsPaused",
    "CodeIsWrong",
    "CodeTerms",
    "Earlier",
    "EarlierScans",
    "GroupBehind",
    "Landing",
    "NameIsTaken",
    "NoSuchCode",
    "NoSuchCost",
    "NoSuchSpot",
    "PrintedCodeIsUnknown",
    "ShiftTerms",
    "SlotTerms",
    "SpotIsTaken",
    "SpotTerms",
    "StoreChoice",
    "add_cost",
    "add_spots",
    "change_code",
    "create_code",
    "group_behind",
    "hold_code",
    "note_earlier",
    "open_printed",
    "release_code",
    "remove_cost",
    "switch_off",
    "switch_on",
    "switch_spot",
    "switch_staff",
]
