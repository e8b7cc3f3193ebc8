"""Registers the accounts room with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The city's official accounts on the networks."""

    name = "openline.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
