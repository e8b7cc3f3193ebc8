"""Who may have a login: staff whom an administrator made; nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnlyAdapter(DefaultAccountAdapter):
    """Closes the public sign-up of django-allauth."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False."""
        return False
