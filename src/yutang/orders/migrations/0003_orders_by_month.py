"""Orders by month on PostgreSQL: rows that are there become one part without being moved, while others read and write."""

from datetime import UTC, datetime

from django.db import migrations

from yutang.foundation.arrival_months import keep_by_arrival
from yutang.orders.arrivals import ORDERS, today_of


def keep_orders_by_month(apps, schema_editor):
    """Turn the table of orders into one that is kept by the month in which they came."""
    if schema_editor.connection.vendor == "postgresql":
        keep_by_arrival(ORDERS, today=today_of(datetime.now(UTC)))


#: Every step is a transaction of its own, and takes no lock for longer than it changes names.
keep_orders_by_month.in_batches = True


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0002_product_category"),
    ]

    operations = [
        migrations.RunPython(keep_orders_by_month, migrations.RunPython.noop),
    ]
