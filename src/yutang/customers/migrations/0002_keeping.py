"""A purpose of consent more: what was typed is kept for one thing that the person asked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AlterField(
            "consent",
            "purpose",
            models.CharField(
                choices=[
                    ("service", "Service"),
                    ("promotion", "Promotion"),
                    ("research", "Research"),
                    ("profiling", "Profiling"),
                    ("keeping", "Keeping what was typed"),
                ],
                max_length=12,
            ),
        ),
    ]
