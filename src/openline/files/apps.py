"""Registers the files room with Django."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Photos and files: taken in safely, kept, shown."""

    name = "openline.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"
