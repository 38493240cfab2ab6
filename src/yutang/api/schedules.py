"""Periodic work of the door for programs."""

from __future__ import annotations

from datetime import timedelta

from yutang.api.behaviour import waits_for_people
from yutang.api.event_months import are_kept_by_month, has_older_events
from yutang.api.lake_marks import has_new_events
from yutang.api.tasks import (
    find_people_of_events,
    forget_api_answers,
    forget_months_of_events,
    has_answers,
    make_months_of_events,
    publish_events,
)
from yutang.foundation import jobs

jobs.every(timedelta(hours=1), forget_api_answers, name="forget_api_answers", needed=has_answers)
jobs.every(timedelta(hours=1), find_people_of_events, name="find_people_of_events", needed=waits_for_people)
jobs.every(timedelta(hours=1), publish_events, name="publish_events", needed=has_new_events)
jobs.daily(2, make_months_of_events, name="make_months_of_events", needed=are_kept_by_month)
jobs.daily(4, forget_months_of_events, name="forget_months_of_events", minute=40, needed=has_older_events)
