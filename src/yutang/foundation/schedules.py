"""Periodic work of the ground."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.foundation.outbox import deliver_events, forget_finished, is_undelivered
from yutang.foundation.tasks import forget_sessions, has_older_keys, reseal_records

#: A delivery that was not woken, or failed, is tried again within a minute.
jobs.every(timedelta(minutes=1), deliver_events, name="deliver_events", needed=is_undelivered)
jobs.daily(4, forget_finished, name="forget_finished")
jobs.daily(4, forget_sessions, name="forget_sessions")
#: What was in use while records were resealed, and keys that were added outside, are followed within a day.
jobs.daily(3, reseal_records, name="reseal_records", needed=has_older_keys)
