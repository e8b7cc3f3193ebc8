"""Registers the community room with Django."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Members, liaisons, topics."""

    name = "openline.community"
    label = "community"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what happens to service requests."""
        from openline.community import handlers  # noqa: F401
