"""Registers the triage room with Django."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Understanding what a post says."""

    name = "openline.triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"
