"""Registers the outbox room with Django."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What is to be said, and the proof that it was."""

    name = "openline.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
