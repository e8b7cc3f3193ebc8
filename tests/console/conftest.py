"""Fixtures of the console's tests: staff of every role, and a client for each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from openline.service_requests import jurisdiction
from tests.console import world


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    """Passwords are hashed cheaply, and the city's facts are read anew."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    jurisdiction.forget()


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """One user for each role."""
    return world.staff()


@pytest.fixture
def login(staff: dict[str, User]) -> Callable[[str], Client]:
    """A client that is signed in with a role."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(staff[role])
        return client

    return signed_in
