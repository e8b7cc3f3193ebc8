"""Registers the publishing room with Django."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """What the city says by itself: posts, alerts, their plan and their results."""

    name = "openline.publishing"
    label = "publishing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what becomes of deliveries."""
        from openline.publishing import articles, handlers  # noqa: F401
