import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('foundation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoringRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField()),
                ('lake_version', models.CharField(max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('customers', models.BigIntegerField()),
                ('changed', models.BigIntegerField()),
                ('typical_days', models.IntegerField()),
                ('repeat_ratio', models.FloatField(blank=True, null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField()),
                ('stages', models.JSONField(default=dict)),
                ('flows_since', models.DateField()),
                ('flows', models.JSONField(default=list)),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('orders', models.IntegerField()),
                ('order_days', models.IntegerField()),
                ('spend_minor', models.BigIntegerField()),
                ('first_order_date', models.DateField(blank=True, null=True)),
                ('last_order_date', models.DateField(blank=True, null=True)),
                ('r', models.SmallIntegerField(blank=True, null=True)),
                ('f', models.SmallIntegerField(blank=True, null=True)),
                ('m', models.SmallIntegerField(blank=True, null=True)),
                ('rhythm_days', models.IntegerField(blank=True, null=True)),
                ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('new', 'New'), ('growing', 'Growing'), ('loyal', 'Loyal'), ('at_risk', 'At risk'), ('asleep', 'Asleep'), ('lost', 'Lost')], max_length=10)),
                ('store', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.store')),
            ],
            options={
                'ordering': ('customer_id',),
                'indexes': [models.Index(fields=['stage', 'spend_minor', 'customer'], name='score_spend'), models.Index(fields=['stage', 'last_order_date', 'customer'], name='score_last'), models.Index(fields=['store', 'stage', 'spend_minor', 'customer'], name='score_store_spend'), models.Index(fields=['store', 'stage', 'last_order_date', 'customer'], name='score_store_last')],
            },
        ),
    ]
