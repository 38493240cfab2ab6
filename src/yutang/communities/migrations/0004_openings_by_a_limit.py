from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0003_openings_for_a_part")]

    operations = [
        migrations.AddField(
            model_name="opening",
            name="most",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
    ]
