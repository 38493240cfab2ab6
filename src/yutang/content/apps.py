"""Django application of the room."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.content"
    label = "content"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings and variables, and how a message that names a content gets its words."""
        from yutang.channels.bodies import BODIES, BodySource
        from yutang.content import (  # noqa: F401
            coupon_values,
            greetings,
            known_values,
            organisation,
            visit_values,
            wecom_copies,
            word_checks,
        )
        from yutang.content.bodies import bodies, intents, varies
        from yutang.content.shown_words import shown_words

        BODIES.register(BodySource("content", bodies, intents, shown_words, varies))
