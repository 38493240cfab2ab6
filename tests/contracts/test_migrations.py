"""Migrations that would lock a large table are refused, each for its reason, and what keeps nobody waiting passes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState

from yutang.foundation.gentle_migrations import AddConstraintGently, AddIndexGently

INDEX = models.Index(fields=["number"], name="by_number")
CHECK = models.CheckConstraint(condition=models.Q(number__gt=""), name="number_is_told")


def rows_in_batches(apps: Any, schema_editor: Any) -> None: ...


def rows_at_once(apps: Any, schema_editor: Any) -> None: ...


rows_in_batches.in_batches = True  # type: ignore[attr-defined]

LOCKING = {
    "an index on orders.order": migrations.AddIndex("order", INDEX),
    "a constraint on orders.order": migrations.AddConstraint("order", CHECK),
    "uniqueness on orders.order": migrations.AlterUniqueTogether("order", {("number",)}),
    "may not be empty": migrations.AddField("order", "gift", models.BooleanField(default=False)),
    "computed": migrations.AddField("order", "token", models.CharField(max_length=9, default=lambda: "x")),
    "comes with an index": migrations.AddField(
        "order", "code", models.CharField(max_length=9, null=True, db_index=True)
    ),
    "refers to another table": migrations.AddField(
        "order", "gift", models.ForeignKey("orders.Order", models.CASCADE, null=True, db_index=False)
    ),
    "gets another type": migrations.AlterField("order", "number", models.TextField()),
    "number gets another type": migrations.AlterField("order", "number", models.CharField(max_length=5)),
    "may not be null": migrations.AlterField("order", "title", models.CharField(max_length=10)),
    "number gets an index": migrations.AlterField("order", "number", models.CharField(max_length=10, db_index=True)),
    "rows_at_once changes rows": migrations.RunPython(rows_at_once),
    "SQL within the transaction": migrations.RunSQL("UPDATE orders_order SET number = ''"),
    "an index on orders.order keeps": migrations.SeparateDatabaseAndState([migrations.AddIndex("order", INDEX)]),
}

GENTLE = {
    "an index": AddIndexGently("order", INDEX),
    "a check": AddConstraintGently("order", CHECK),
    "a column with a default of the database": migrations.AddField(
        "order", "gift", models.BooleanField(default=False, db_default=False)
    ),
    "a column that may be null": migrations.AddField("order", "gift", models.BooleanField(null=True)),
    "a longer text": migrations.AlterField("order", "number", models.CharField(max_length=20)),
    "rows in batches": migrations.RunPython(rows_in_batches),
    "a small table": migrations.AddIndex("region", INDEX),
}


@pytest.fixture(scope="module")
def lint() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "lint_migrations.py"
    spec = importlib.util.spec_from_file_location("lint_migrations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lint_migrations"] = module
    spec.loader.exec_module(module)
    return module


def judged(lint: ModuleType, room: str, operation: Any, *, atomic: bool) -> list[str]:
    fields = {
        "id": models.BigAutoField(primary_key=True),
        "number": models.CharField(max_length=10),
        "title": models.CharField(max_length=10, null=True),
    }
    before = {(r, m): ModelState(r, m, fields) for r, m in (("orders", "order"), ("foundation", "region"))}
    migration = migrations.Migration("0099_change", room)
    migration.operations, migration.atomic = [operation], atomic
    return [breach.says for breach in lint.breaches_of(migration, before)]


@pytest.mark.parametrize("says", LOCKING)
def test_refuses_what_locks_a_large_table(lint: ModuleType, says: str) -> None:
    assert any(says in each for each in judged(lint, "orders", LOCKING[says], atomic=True))


@pytest.mark.parametrize("what", GENTLE)
def test_takes_what_keeps_nobody_waiting(lint: ModuleType, what: str) -> None:
    room = "foundation" if what == "a small table" else "orders"
    assert judged(lint, room, GENTLE[what], atomic=False) == []


def test_takes_anything_on_a_table_that_the_migration_makes(lint: ModuleType) -> None:
    assert judged(lint, "orders", migrations.AddIndex("made_now", INDEX), atomic=True) == []


@pytest.mark.parametrize("what", ["an index", "a check"])
def test_refuses_gentle_operations_within_a_transaction(lint: ModuleType, what: str) -> None:
    assert judged(lint, "orders", GENTLE[what], atomic=True) != []
