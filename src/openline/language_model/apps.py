"""Registers the room of the language model with Django."""

from django.apps import AppConfig


class LanguageModelConfig(AppConfig):
    """An optional second reader for posts of which the local one is not sure."""

    name = "openline.language_model"
    label = "language_model"
    default_auto_field = "django.db.models.BigAutoField"
