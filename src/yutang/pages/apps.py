"""Django application of the door."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Registers the door with Django, for its templates."""

    name = "yutang.pages"
    label = "pages"
