"""Registers the knowledge room with Django."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """How-to articles about city services."""

    name = "openline.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
