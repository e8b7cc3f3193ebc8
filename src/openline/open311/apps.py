"""Registers the open311 room with Django."""

from django.apps import AppConfig


class Open311Config(AppConfig):
    """GeoReport v2, for other systems."""

    name = "openline.open311"
    label = "open311"
    default_auto_field = "django.db.models.BigAutoField"
