"""Every change of the room: write, ask, approve, refuse, end; media; scripts; the library that comes ready."""

from yutang.content.actions.approving import (
    ContentIsNotOpen,
    FindingsStopIt,
    FourEyes,
    ReasonIsMissing,
    approve,
    ask_for_approval,
    end_content,
    refuse,
    take_back,
)
from yutang.content.actions.library import ready_library, write_library
from yutang.content.actions.media import add_medium, renew_uploads
from yutang.content.actions.scripts import ScriptIsWrong, add_script, change_script, delete_script
from yutang.content.actions.writing import (
    ContentWaits,
    ContentWasChanged,
    IntentIsSettled,
    LastDayIsOver,
    create_content,
    write_version,
)

__all__ = [
    "ContentIsNotOpen",
    "ContentWaits",
    "ContentWasChanged",
    "FindingsStopIt",
    "FourEyes",
    "IntentIsSettled",
    "LastDayIsOver",
    "ReasonIsMissing",
    "ScriptIsWrong",
    "add_medium",
    "add_script",
    "approve",
    "ask_for_approval",
    "change_script",
    "create_content",
    "delete_script",
    "end_content",
    "ready_library",
    "refuse",
    "renew_uploads",
    "take_back",
    "write_library",
    "write_version",
]
