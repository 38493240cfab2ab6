from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklist", "0002_what_followed"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="before_change",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
