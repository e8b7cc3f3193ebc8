"""Registers the care room with Django."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Customer care: what is done with each message."""

    name = "openline.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what happens to service requests, and ask residents before they are closed."""
        from openline.care import closing, handlers, sentences  # noqa: F401
        from openline.knowledge import meaning
        from openline.service_requests.guards import INSTEAD

        INSTEAD.append(closing.ask_first)
        meaning.use(sentences.encoder)
