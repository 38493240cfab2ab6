"""Django application of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IngestConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.ingest"
    label = "ingest"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every domain declare what files may bring it, in which formats, and what it publishes to the lake."""
        from yutang.foundation import lake_marks
        from yutang.ingest import journal

        lake_marks.plug_in(journal.touch)
        autodiscover_modules("import_targets", "import_formats", "lake_tables")
