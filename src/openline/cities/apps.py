"""Registers the cities room with Django."""

from django.apps import AppConfig


class CitiesConfig(AppConfig):
    """The sample city and the city loader."""

    name = "openline.cities"
    label = "cities"
    default_auto_field = "django.db.models.BigAutoField"
