import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('foundation', '0001_initial'),
        ('ingest', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('rule', models.JSONField(blank=True, null=True)),
                ('expires_after_days', models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                'ordering': ('group__ordinal', 'id'),
            },
        ),
        migrations.CreateModel(
            name='TagGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('ordinal', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ('ordinal', 'id'),
            },
        ),
        migrations.CreateModel(
            name='AccountScope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('wecom', 'WeCom external contact'), ('unionid', 'WeChat unionid'), ('openid', 'WeChat openid'), ('nickname', 'Shop nickname'), ('email', 'E-mail'), ('member_no', 'Member number'), ('device', 'Device')], max_length=10)),
                ('scope', models.CharField(max_length=160)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'scope'), name='account_scope_once')],
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed_profile', models.BinaryField()),
                ('first_seen_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
                ('store', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.store')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='ContestedIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('wecom', 'WeCom external contact'), ('unionid', 'WeChat unionid'), ('openid', 'WeChat openid'), ('nickname', 'Shop nickname'), ('email', 'E-mail'), ('member_no', 'Member number'), ('device', 'Device')], max_length=10)),
                ('scope', models.CharField(blank=True, max_length=160)),
                ('digest', models.BinaryField()),
                ('source', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contested_identifiers', to='customers.customer')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('service', 'Service'), ('promotion', 'Promotion'), ('research', 'Research'), ('profiling', 'Profiling')], max_length=12)),
                ('channel', models.CharField(choices=[('any', 'Any channel'), ('phone', 'Phone call'), ('sms', 'SMS'), ('wecom', 'WeCom'), ('email', 'E-mail')], max_length=8)),
                ('granted', models.BooleanField()),
                ('wording_version', models.CharField(max_length=40)),
                ('evidence', models.CharField(max_length=300)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='customers.customer')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Identifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('wecom', 'WeCom external contact'), ('unionid', 'WeChat unionid'), ('openid', 'WeChat openid'), ('nickname', 'Shop nickname'), ('email', 'E-mail'), ('member_no', 'Member number'), ('device', 'Device')], max_length=10)),
                ('scope', models.CharField(blank=True, max_length=160)),
                ('digest', models.BinaryField(unique=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identifiers', to='customers.customer')),
                ('source', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.JSONField()),
                ('moved', models.JSONField(default=dict)),
                ('winner_profile_before', models.BinaryField(null=True)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('loser', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_lost', to='customers.customer')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('winner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_won', to='customers.customer')),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='NameToken',
            fields=[
                ('pk', models.CompositePrimaryKey('token', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('token', models.BinaryField()),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('reason', models.JSONField()),
                ('identifier_kind', models.CharField(blank=True, max_length=10)),
                ('digest', models.BinaryField(null=True)),
                ('status', models.CharField(choices=[('open', 'To be decided'), ('merged', 'Same person'), ('kept_apart', 'Different people')], default='open', max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='CustomerTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('manual', 'By hand'), ('rule', 'By rule'), ('import', 'By import')], max_length=8)),
                ('given_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='customers.customer')),
                ('given_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ingest.import')),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.tag')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='tag',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tags', to='customers.taggroup'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['store', 'id', 'merged_into'], name='customer_store'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('merged_into', None), _negated=True), fields=['merged_into', 'store'], name='customer_merged'),
        ),
        migrations.AddConstraint(
            model_name='contestedidentifier',
            constraint=models.UniqueConstraint(fields=('digest', 'customer'), name='contested_once'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['customer', 'purpose', 'channel', 'id'], name='customers_c_custome_7d9ad4_idx'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['status', 'id'], name='customers_r_status_d44cab_idx'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.UniqueConstraint(fields=('first', 'second', 'kind'), name='review_once'),
        ),
        migrations.AddIndex(
            model_name='customertag',
            index=models.Index(fields=['tag', 'customer'], name='customer_tag_people'),
        ),
        migrations.AddConstraint(
            model_name='customertag',
            constraint=models.UniqueConstraint(fields=('customer', 'tag'), name='customer_tag_once'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('group', 'name'), name='tag_name_once'),
        ),
    ]
