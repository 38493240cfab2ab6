"""What the message centre asks by: pages by instant and key, replies that wait, tasks that were confirmed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_delivery"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("masstask", "confirmed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reply", "answered_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "reply",
            "answered_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveIndex("touch", "touch_due"),
        migrations.AddIndex(
            "touch", models.Index(condition=models.Q(("state", "planned")), fields=["at", "id"], name="touch_due")
        ),
        migrations.AddIndex("touch", models.Index(fields=["at", "id"], name="touch_at")),
        migrations.AddIndex("touch", models.Index(fields=["campaign", "at", "id"], name="touch_campaign_at")),
        migrations.AddIndex(
            "touch", models.Index(condition=models.Q(("state", "failed")), fields=["at", "id"], name="touch_failed")
        ),
        migrations.AddIndex(
            "touch", models.Index(condition=models.Q(("state", "refused")), fields=["at", "id"], name="touch_refused")
        ),
        migrations.AddIndex("touch", models.Index(fields=["content", "changed_at"], name="touch_content")),
        migrations.AddIndex(
            "decision",
            models.Index(condition=models.Q(("group_key__gt", "")), fields=["group_key", "id"], name="decision_group"),
        ),
        migrations.AddIndex("masstask", models.Index(fields=["handed_at"], name="task_handed")),
        migrations.AddIndex(
            "masstask",
            models.Index(condition=models.Q(("state", "open")), fields=["sender", "until"], name="task_open"),
        ),
        migrations.AddIndex("reply", models.Index(fields=["sent_at", "id"], name="reply_at")),
        migrations.AddIndex(
            "reply",
            models.Index(
                condition=models.Q(("answered_at", None), ("is_opt_out", False)),
                fields=["sent_at", "id"],
                name="reply_open",
            ),
        ),
    ]
