from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0002_places_of_groups")]

    operations = [
        migrations.AddField(
            model_name="opening",
            name="likeness",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
