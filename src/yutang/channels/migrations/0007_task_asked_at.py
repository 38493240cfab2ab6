from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("channels", "0006_link_content"),
    ]

    operations = [
        migrations.AddField(
            model_name='masstask',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
