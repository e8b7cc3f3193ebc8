"""Registers the foundation room with Django."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """What every room stands on."""

    name = "openline.foundation"
    label = "foundation"
    default_auto_field = "django.db.models.BigAutoField"
