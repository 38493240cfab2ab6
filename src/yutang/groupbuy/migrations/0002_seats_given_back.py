"""A place in a filled group whose money was given back."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the state, and holds it to a payment."""

    dependencies: ClassVar = [("groupbuy", "0001_group_buying")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="seat", name="groupbuy_paid_when"),
        migrations.AlterField(
            model_name="seat",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Held for payment"),
                    ("paid", "Paid"),
                    ("lapsed", "Not paid in time"),
                    ("left", "Left"),
                    ("refunded", "Group did not fill"),
                    ("late", "Paid too late"),
                    ("returned", "Paid back"),
                ],
                default="held",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("paid", "refunded", "late", "returned")), _negated=True)
                | models.Q(("paid_at__isnull", False)),
                name="groupbuy_paid_when",
            ),
        ),
    ]
