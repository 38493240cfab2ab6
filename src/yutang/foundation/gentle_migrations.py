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
        schema_editor.add_index(model, self.index, concurrently=True)


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
