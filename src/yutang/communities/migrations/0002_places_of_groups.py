"""Take over how many people a group is filled to from the room of playbooks, which held it before."""

from django.db import migrations


def take_over(apps, schema_editor):
    setting = apps.get_model("foundation", "Setting")
    for before in setting.objects.filter(pk="journeys.group_places"):
        setting.objects.update_or_create(pk="communities.capacity", defaults={"value": before.value})
        before.delete()


class Migration(migrations.Migration):
    dependencies = [("communities", "0001_communities"), ("foundation", "0001_initial")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True)]
