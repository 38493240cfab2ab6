"""Settings and days of the room."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

MOST_A_DAY = "worklist.most_a_day"

SETTINGS.register(
    OrganisationSetting(
        key=MOST_A_DAY,
        title=N_("Proposals for one person a day, at most"),
        default=12,
        accepts=lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 200,
        help=N_("A whole number from 1 to 200."),
    )
)

REST_DAYS = "worklist.rest_days"

SETTINGS.register(
    OrganisationSetting(
        key=REST_DAYS,
        title=N_("Days for which a customer is left in peace after a proposal"),
        default=14,
        accepts=lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 365,
        help=N_("A whole number of days from 0 to 365."),
        unit="day",
    )
)


def business_day_of(instant: datetime) -> date:
    """Return the business day of an instant in the zone of the organisation."""
    return timezone.localtime(instant).date()


def end_of_day(day: date) -> datetime:
    """Return the instant at which a business day ends."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
