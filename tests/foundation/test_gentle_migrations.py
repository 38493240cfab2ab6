"""Gentle operations make on both databases what the ordinary ones make."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from yutang.foundation.gentle_migrations import AddConstraintGently, AddIndexGently


class _Change(migrations.Migration):
    atomic = False
    operations = [  # noqa: RUF012
        migrations.CreateModel(
            "Trial", [("id", models.BigAutoField(primary_key=True)), ("number", models.CharField(max_length=9))]
        ),
        AddIndexGently("trial", models.Index(fields=["number"], name="trial_by_number")),
        AddConstraintGently(
            "trial", models.CheckConstraint(condition=~models.Q(number=""), name="trial_number_is_told")
        ),
    ]


@pytest.mark.django_db(transaction=True)
def test_make_an_index_and_a_proved_check() -> None:
    state, table = ProjectState(), "foundation_trial"

    with connection.schema_editor(atomic=False) as editor:
        after = _Change("0099_trial", "foundation").apply(state, editor)
    try:
        with connection.cursor() as cursor:
            rules = connection.introspection.get_constraints(cursor, table)
        assert rules["trial_by_number"]["columns"] == ["number"]
        assert rules["trial_number_is_told"]["check"]
        with pytest.raises(IntegrityError), transaction.atomic():
            after.apps.get_model("foundation", "Trial").objects.create(number="")
    finally:
        with connection.schema_editor(atomic=False) as editor:
            editor.execute(f'DROP TABLE "{table}"')
