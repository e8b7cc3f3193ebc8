"""Registers the insights room with Django."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The city's figures."""

    name = "openline.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"
