"""What each newcomer cost stands with them; of those who came already it is what the code says now, as it was reckoned so far."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def say_what_they_cost(apps, schema_editor):
    code, newcomer = apps.get_model("codes", "Code"), apps.get_model("codes", "Newcomer")
    cost = code.objects.filter(pk=OuterRef("code_id")).values("unit_cost_minor")
    newcomer.objects.filter(code__unit_cost_minor__gt=0).update(cost_minor=Subquery(cost))


class Migration(migrations.Migration):
    dependencies = [("codes", "0001_codes")]

    operations = [
        migrations.AddField("newcomer", "cost_minor", models.BigIntegerField(default=0)),
        migrations.RunPython(say_what_they_cost, migrations.RunPython.noop),
    ]
