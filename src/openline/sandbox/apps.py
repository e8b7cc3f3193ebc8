"""Registers the sandbox room with Django."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """The networks on this machine."""

    name = "openline.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"
