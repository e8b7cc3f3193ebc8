"""Registers the community room with Django."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest


class CommunityConfig(AppConfig):
    """Members, liaisons, topics."""

    name = "openline.community"
    label = "community"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to what is sent, said in discussions and done with requests, and to staff who sign in."""
        from openline.community import handlers, hearing, mails  # noqa: F401

        user_logged_in.connect(_staff_signed_in, dispatch_uid="community")


def _staff_signed_in(request: HttpRequest, **more: Any) -> None:
    from openline.community import members

    members.staff_signed_in(request)
