import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('foundation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('dedupe_key', models.CharField(max_length=120, unique=True)),
                ('reason', models.JSONField()),
                ('subject', models.JSONField(default=dict)),
                ('rank', models.BigIntegerField(default=0)),
                ('proposed_on', models.DateField()),
                ('due_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('open', 'To do'), ('snoozed', 'Snoozed'), ('done', 'Done'), ('not_useful', 'Not useful'), ('lapsed', 'No longer needed')], default='open', max_length=12)),
                ('snoozed_until', models.DateField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=40)),
                ('outcome_note', models.CharField(blank=True, max_length=300)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.store')),
            ],
            options={
                'ordering': ('-rank', 'id'),
                'indexes': [models.Index(fields=['status', 'owner', '-rank', 'id'], name='worklist_pr_status_6b6195_idx'), models.Index(fields=['status', 'store', '-rank', 'id'], name='worklist_pr_status_216097_idx'), models.Index(fields=['closed_at'], name='worklist_pr_closed__3a111c_idx')],
            },
        ),
    ]
