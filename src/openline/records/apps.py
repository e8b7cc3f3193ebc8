"""Registers the records room with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The append-only record of everything heard, said and changed."""

    name = "openline.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
