from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insight', '0002_customer_value'),
    ]

    operations = [
        migrations.AddField(
            model_name='valuefit',
            name='choice',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='valuefit',
            name='checks',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='customervalue',
            name='model_group',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
    ]
