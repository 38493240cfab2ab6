"""All tables of a new embedded store at once: to go through every migration takes half a minute, for tables that hold nothing yet."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.migrations.executor import MigrationExecutor


def is_new(connection: Any) -> bool:
    """Return whether a database has no table at all."""
    return not connection.introspection.table_names()


def make_all_tables(connection: Any) -> None:
    """Make the tables of a new SQLite database as its migrations leave them, and write down that it has had each of them.

    All of it is one transaction: what is cut off leaves a new database. Rows that migrations change are not there yet, so that
    what they do in Python or SQL is left out; `tests/foundation/test_first_tables.py` holds both ways against each other.

    Args:
        connection: to a database without tables.
    """
    executor = MigrationExecutor(connection)
    loader = executor.loader
    made = loader.project_state().apps
    with connection.schema_editor(atomic=True) as editor:
        for model in made.get_models():
            if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
                editor.create_model(model)
        executor.recorder.ensure_schema()
        for migration, _backwards in executor.migration_plan(loader.graph.leaf_nodes()):
            for room, name in migration.replaces or [(migration.app_label, migration.name)]:
                executor.recorder.record_applied(room, name)
