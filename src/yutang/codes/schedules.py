"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.codes.tasks import has_codes, has_newcomers, has_work, keep_codes, review_codes, welcome_newcomers
from yutang.foundation import jobs

# Shifts begin and end on the minute.
jobs.every(timedelta(minutes=1), keep_codes, name="keep_codes", needed=has_codes)
jobs.every(timedelta(minutes=5), welcome_newcomers, name="welcome_newcomers", needed=has_work)
jobs.daily(3, review_codes, name="review_codes", minute=10, needed=has_newcomers)
