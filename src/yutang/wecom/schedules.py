"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.wecom.handing import has_open_handovers
from yutang.wecom.nightly import sync_nightly
from yutang.wecom.tasks import (
    forget_callbacks,
    has_callbacks,
    has_due_callbacks,
    hear_wecom,
    is_connected,
    move_handovers,
    push_wecom_tags,
)

jobs.every(timedelta(minutes=1), hear_wecom, name="hear_wecom", needed=has_due_callbacks)
jobs.every(timedelta(minutes=15), push_wecom_tags, name="push_wecom_tags", needed=is_connected)
jobs.every(timedelta(minutes=15), move_handovers, name="move_handovers", needed=has_open_handovers)
jobs.daily(2, sync_nightly, name="sync_wecom", minute=30, needed=is_connected)
jobs.daily(4, forget_callbacks, name="forget_callbacks", needed=has_callbacks)
