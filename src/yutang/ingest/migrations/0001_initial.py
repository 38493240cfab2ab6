import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('foundation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RememberedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('header_digest', models.CharField(max_length=64, unique=True)),
                ('target', models.CharField(max_length=40)),
                ('columns', models.JSONField()),
                ('used_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='TouchedPartition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60)),
                ('partition', models.CharField(max_length=20)),
                ('touched_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255)),
                ('stored_path', models.CharField(blank=True, max_length=500)),
                ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                ('size_bytes', models.BigIntegerField(default=0)),
                ('target', models.CharField(blank=True, max_length=40)),
                ('format', models.CharField(blank=True, max_length=60)),
                ('platform', models.CharField(blank=True, max_length=40)),
                ('shop_name', models.CharField(blank=True, max_length=120)),
                ('encoding', models.CharField(blank=True, max_length=30)),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('exported_at', models.DateTimeField(blank=True, null=True)),
                ('plan', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('draft', 'Being prepared'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='draft', max_length=12)),
                ('problem', models.JSONField(blank=True, null=True)),
                ('batches_done', models.IntegerField(default=0)),
                ('batches_total', models.IntegerField(blank=True, null=True)),
                ('rows_read', models.BigIntegerField(default=0)),
                ('rows_new', models.BigIntegerField(default=0)),
                ('rows_updated', models.BigIntegerField(default=0)),
                ('rows_unchanged', models.BigIntegerField(default=0)),
                ('rows_quarantined', models.BigIntegerField(default=0)),
                ('rows_ignored', models.BigIntegerField(default=0)),
                ('ignored_why', models.JSONField(default=dict)),
                ('made', models.JSONField(default=dict)),
                ('amount_read_minor', models.BigIntegerField(default=0)),
                ('amount_imported_minor', models.BigIntegerField(default=0)),
                ('amount_cancelled_minor', models.BigIntegerField(default=0)),
                ('amount_quarantined_minor', models.BigIntegerField(default=0)),
                ('amount_ignored_minor', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('continues', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mended_by', to='ingest.import')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.job')),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='BeforeImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60)),
                ('row_id', models.BigIntegerField()),
                ('before', models.JSONField()),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before_images', to='ingest.import')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['source', 'table'], name='ingest_befo_source__714fcc_idx')],
            },
        ),
        migrations.CreateModel(
            name='ImportOverlap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.BigIntegerField(default=0)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='built_on_by', to='ingest.import')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='builds_on', to='ingest.import')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('later', 'earlier'), name='overlap_once')],
            },
        ),
        migrations.CreateModel(
            name='QuarantinedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheet', models.CharField(blank=True, max_length=120)),
                ('row_number', models.BigIntegerField()),
                ('column', models.CharField(blank=True, max_length=200)),
                ('reason_code', models.CharField(max_length=60)),
                ('reason', models.JSONField()),
                ('sealed_row', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('amount_minor', models.BigIntegerField(default=0)),
                ('status', models.CharField(choices=[('open', 'To be mended'), ('mended', 'Mended'), ('dismissed', 'Dismissed'), ('known', 'Kept already by an earlier import')], default='open', max_length=10)),
                ('mended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ingest.import')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quarantined', to='ingest.import')),
            ],
            options={
                'ordering': ('source_id', 'id'),
                'indexes': [models.Index(fields=['status', 'source'], name='ingest_quar_status_bec198_idx'), models.Index(fields=['digest'], name='ingest_quar_digest_65df41_idx')],
            },
        ),
    ]
