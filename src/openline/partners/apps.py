"""Registers the partners room with Django."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partners and the requests that were passed to them."""

    name = "openline.partners"
    label = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what happens to service requests."""
        from openline.partners import handlers  # noqa: F401
