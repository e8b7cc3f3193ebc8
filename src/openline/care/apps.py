"""Registers the care room with Django."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Customer care: what is done with each message."""

    name = "openline.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what happens to service requests."""
        from openline.care import handlers  # noqa: F401
