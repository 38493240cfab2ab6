"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.risk.tasks import forget_decisions, has_traces_to_weave, weave_ties

jobs.every(timedelta(minutes=1), weave_ties, name="weave_ties", needed=has_traces_to_weave)
jobs.daily(4, forget_decisions, name="forget_decisions", minute=20)
