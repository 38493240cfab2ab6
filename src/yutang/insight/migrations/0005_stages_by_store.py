from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0004_trial_fits"),
    ]

    operations = [
        migrations.AddField(
            model_name="scoringrun",
            name="stages_by_store",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
