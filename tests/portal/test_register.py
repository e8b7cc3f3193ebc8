"""The register of the city's accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from tests.world import FileNetwork, city_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


def test_the_register_names_every_account_with_a_proof_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileNetwork, "profile", lambda self, account: f"https://file.example/{account.handle}")
    city_account(tmp_path / "a", handle="@desk", owner="311")
    city_account(tmp_path / "b", handle="@news", owner="The Mayor", mandate="publishing")
    city_account(tmp_path / "c", handle="@old", enabled=False)
    page = Client().get("/accounts-of-the-city/").content.decode()
    assert 'rel="me" href="https://file.example/@desk"' in page
    assert "The Mayor" in page and "@old" not in page and "secret" not in page
    home = Client().get("/").content.decode()
    assert "@desk" in home and "@news" not in home


def test_an_address_that_is_none_becomes_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileNetwork, "profile", lambda self, account: "javascript:alert(1)")
    city_account(tmp_path / "a", handle="@desk")
    assert "javascript:" not in Client().get("/accounts-of-the-city/").content.decode()
