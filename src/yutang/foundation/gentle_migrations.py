"""Operations of migrations that keep nobody waiting on a large table of PostgreSQL; on SQLite they are the ordinary ones.

A migration with one of them says ``atomic = False``. One that was cut off leaves an invalid index or an unproved
constraint: drop it, and migrate again.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import AddConstraint, AddIndex


class AddIndexGently(AddIndex):
    """Makes an index while others write."""

    is_gentle = True

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        parts = _parts_of(model._meta.db_table, schema_editor)
        if not parts:
            schema_editor.add_index(model, self.index, concurrently=True)
            return
        # A table that is kept by month takes no index concurrently; each of its parts does, and then they are joined.
        quoted, whole = schema_editor.quote_name, str(self.index.create_sql(model, schema_editor))
        name, table = quoted(self.index.name), quoted(model._meta.db_table)
        schema_editor.execute(whole.replace(f" ON {table} ", f" ON ONLY {table} ", 1), params=None)
        for number, part in enumerate(parts):
            own = quoted(f"{self.index.name}_{number}")
            made = whole.replace(f"INDEX {name} ON {table} ", f"INDEX CONCURRENTLY {own} ON {quoted(part)} ", 1)
            schema_editor.execute(made, params=None)
            schema_editor.execute(f"ALTER INDEX {name} ATTACH PARTITION {own}", params=None)


class AddConstraintGently(AddConstraint):
    """Adds a check that holds for new rows at once, and proves it for old ones while others write."""

    is_gentle = True

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the check, then prove it."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(f"{self.constraint.create_sql(model, schema_editor)} NOT VALID", params=None)
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.constraint.name))
        schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", params=None)


def _parts_of(table: str, schema_editor: Any) -> list[str]:
    """Return the parts of a table that is kept by month; none of an ordinary one."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s) ORDER BY 1",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]
