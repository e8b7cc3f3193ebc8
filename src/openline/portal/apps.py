"""Registers the portal room with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The public pages."""

    name = "openline.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what the outbox has said."""
        from openline.portal.contact import telling  # noqa: F401
