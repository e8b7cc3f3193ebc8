"""Registers the operations room with Django."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The command line."""

    name = "openline.operations"
    label = "operations"
