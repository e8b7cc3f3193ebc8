"""Registers the service_requests room with Django."""

from django.apps import AppConfig


class ServiceRequestsConfig(AppConfig):
    """Catalogue, departments and service requests."""

    name = "openline.service_requests"
    label = "service_requests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what happens to the parts of a request."""
        from openline.service_requests import splitting  # noqa: F401
