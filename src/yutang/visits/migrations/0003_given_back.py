"""Why a visit was called off: at somebody's wish, or because the money of its place went back."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ("visits", "0002_bookings"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="booking",
            name="ended_why",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
