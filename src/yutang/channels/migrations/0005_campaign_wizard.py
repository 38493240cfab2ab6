import django.db.models.deletion
from django.db import migrations, models

import yutang.channels.models


class Migration(migrations.Migration):
    dependencies = [("channels", "0004_messages")]

    operations = [
        migrations.AddField("campaign", "instead", models.CharField(blank=True, default="", max_length=80), preserve_default=False),
        migrations.AddField("campaign", "stores", models.JSONField(blank=True, null=True)),
        migrations.AddField("campaign", "held_out_percent", models.PositiveSmallIntegerField(default=10)),
        migrations.AddField("campaign", "salt", models.BinaryField(default=yutang.channels.models.new_salt)),
        migrations.CreateModel(
            name="CampaignPreview",
            fields=[
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preview",
                        serialize=False,
                        to="channels.campaign",
                    ),
                ),
                ("digest", models.CharField(max_length=32)),
                ("job_id", models.BigIntegerField(blank=True, null=True)),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                ("counts", models.JSONField(default=dict)),
                ("answers", models.BinaryField(default=bytes)),
            ],
            options={"ordering": ("campaign_id",)},
        ),
    ]
