"""Events by month on PostgreSQL: rows that are there become one part without being moved, while others read and write."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations

from yutang.api.event_months import EVENTS
from yutang.foundation.bulk import execute
from yutang.foundation.months import is_kept_by_month, keep_by_month


def keep_events_by_month(apps, schema_editor):
    """Turn the table of events into one that is kept by month."""
    if schema_editor.connection.vendor != "postgresql" or is_kept_by_month(EVENTS):
        return
    undated = (
        "UPDATE api_behaviour SET business_date = (happened_at AT TIME ZONE %s)::date"
        " WHERE id IN (SELECT id FROM api_behaviour WHERE business_date IS NULL LIMIT 20000)"
    )
    while execute(undated, [settings.TIME_ZONE]):
        pass
    keep_by_month(EVENTS, today=datetime.now(ZoneInfo(settings.TIME_ZONE)).date())


#: Every step is a transaction of its own, and takes no lock for longer than it changes names.
keep_events_by_month.in_batches = True


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("api", "0003_events_in_the_lake"),
    ]

    operations = [
        migrations.RunPython(keep_events_by_month, migrations.RunPython.noop),
    ]
