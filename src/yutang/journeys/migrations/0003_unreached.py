"""How often a playbook met somebody whom none of its ways reaches."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ("journeys", "0002_groups"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="playbook",
            name="unreached",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
