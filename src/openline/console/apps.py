"""Registers the console room with Django."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The staff's room."""

    name = "openline.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
