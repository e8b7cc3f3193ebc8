"""Registers the geography room with Django."""

from django.apps import AppConfig


class GeographyConfig(AppConfig):
    """Places and areas of the city."""

    name = "openline.geography"
    label = "geography"
    default_auto_field = "django.db.models.BigAutoField"
