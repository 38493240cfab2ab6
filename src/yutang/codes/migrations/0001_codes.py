import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('foundation', '0003_store_place'),
        ('wecom', '0002_join_ways'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('kind', models.CharField(choices=[('parcel', 'Parcel card'), ('poster', 'Poster'), ('badge', 'Staff badge'), ('partner', 'Partner counter'), ('stream', 'Live stream'), ('window', 'Shop window by location')], max_length=8)),
                ('is_on', models.BooleanField(default=True)),
                ('first_date', models.DateField(blank=True, null=True)),
                ('last_date', models.DateField(blank=True, null=True)),
                ('sharing', models.CharField(choices=[('chance', 'By chance among all on duty'), ('even', 'Whoever has fewest today')], default='chance', max_length=6)),
                ('leads_known', models.BooleanField(default=True)),
                ('words', models.TextField(blank=True)),
                ('content', models.CharField(blank=True, max_length=80)),
                ('remark', models.CharField(blank=True, max_length=12)),
                ('group', models.CharField(choices=[('none', 'Into none'), ('store', 'A group of the store'), ('named', 'Groups whose names begin so')], default='none', max_length=5)),
                ('group_prefix', models.CharField(blank=True, max_length=60)),
                ('group_places', models.SmallIntegerField(default=50)),
                ('currency', models.CharField(max_length=3)),
                ('unit_cost_minor', models.BigIntegerField(default=0)),
                ('budget_minor', models.BigIntegerField(default=0)),
                ('margin_percent', models.SmallIntegerField(default=50)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tags', models.ManyToManyField(blank=True, related_name='+', to='customers.tag')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='OwnWay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wecom.account')),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='own_ways', to='codes.code')),
                ('way', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wecom.contactway')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_backup', models.BooleanField(default=False)),
                ('daily_cap', models.SmallIntegerField(blank=True, null=True)),
                ('weekdays', models.SmallIntegerField(default=127)),
                ('since_minute', models.SmallIntegerField(default=0)),
                ('until_minute', models.SmallIntegerField(default=1440)),
                ('is_away', models.BooleanField(default=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wecom.account')),
                ('code', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='codes.code')),
            ],
            options={
                'ordering': ('is_backup', 'id'),
            },
        ),
        migrations.CreateModel(
            name='SlotWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekdays', models.SmallIntegerField(default=127)),
                ('since_minute', models.SmallIntegerField()),
                ('until_minute', models.SmallIntegerField()),
                ('words', models.TextField(blank=True)),
                ('content', models.CharField(blank=True, max_length=80)),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='codes.code')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Spot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('token', models.CharField(max_length=16, unique=True)),
                ('is_on', models.BooleanField(default=True)),
                ('told', models.JSONField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('held_by', models.CharField(blank=True, max_length=32)),
                ('fault', models.CharField(blank=True, max_length=60)),
                ('made_at', models.DateTimeField()),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spots', to='codes.code')),
                ('store', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.store')),
                ('way', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wecom.contactway')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='ScanDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business_date', models.DateField()),
                ('scans', models.IntegerField(default=0)),
                ('known', models.IntegerField(default=0)),
                ('spot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scan_days', to='codes.spot')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Newcomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was_known', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField()),
                ('added_date', models.DateField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('left_date', models.DateField(blank=True, null=True)),
                ('joined_group_at', models.DateTimeField(blank=True, null=True)),
                ('verdict', models.CharField(blank=True, max_length=8)),
                ('is_remarked', models.BooleanField(default=False)),
                ('noted', models.CharField(blank=True, max_length=6)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wecom.account')),
                ('code', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='newcomers', to='codes.code')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('friendship', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wecom.friendship')),
                ('store', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.store')),
                ('spot', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.spot')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Cost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business_date', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('note', models.CharField(blank=True, max_length=80)),
                ('made_at', models.DateTimeField()),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='costs', to='codes.code')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('spot', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='codes.spot')),
            ],
            options={
                'ordering': ('business_date', 'id'),
            },
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('budget_minor__gte', 0), ('unit_cost_minor__gte', 0)), name='code_costs_are_no_gain'),
        ),
        migrations.AddConstraint(
            model_name='ownway',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='code_own_way_once'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(fields=('code', 'account'), name='code_shift_once'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(('since_minute__range', (0, 1439)), ('until_minute__range', (1, 1440)), ('weekdays__range', (1, 127))), name='code_shift_is_time'),
        ),
        migrations.AddConstraint(
            model_name='slotwords',
            constraint=models.CheckConstraint(condition=models.Q(('since_minute__range', (0, 1439)), ('until_minute__range', (1, 1440)), ('weekdays__range', (1, 127))), name='code_slot_is_time'),
        ),
        migrations.AddConstraint(
            model_name='spot',
            constraint=models.UniqueConstraint(fields=('code', 'name'), name='code_spot_once'),
        ),
        migrations.AddConstraint(
            model_name='scanday',
            constraint=models.UniqueConstraint(fields=('spot', 'business_date'), name='code_scan_day_once'),
        ),
        migrations.AddIndex(
            model_name='newcomer',
            index=models.Index(fields=['added_date', 'code', 'account'], name='code_came_when'),
        ),
        migrations.AddIndex(
            model_name='newcomer',
            index=models.Index(condition=models.Q(('noted', '')), fields=['id'], name='code_to_welcome'),
        ),
        migrations.AddIndex(
            model_name='newcomer',
            index=models.Index(condition=models.Q(('is_remarked', False)), fields=['id'], name='code_to_remark'),
        ),
        migrations.AddIndex(
            model_name='newcomer',
            index=models.Index(condition=models.Q(('noted', 'joined')), fields=['added_at'], name='code_to_ripen'),
        ),
        migrations.AddIndex(
            model_name='newcomer',
            index=models.Index(condition=models.Q(('left_at__isnull', False)), fields=['left_at'], name='code_left_since'),
        ),
        migrations.AddConstraint(
            model_name='newcomer',
            constraint=models.UniqueConstraint(fields=('code', 'customer'), name='code_newcomer_once'),
        ),
        migrations.AddConstraint(
            model_name='newcomer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('left_at', None), ('left_date', None)), models.Q(('left_at__isnull', False), ('left_date__isnull', False)), _connector='OR'), name='code_left_when'),
        ),
        migrations.AddConstraint(
            model_name='cost',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='code_cost_is_paid'),
        ),
    ]
