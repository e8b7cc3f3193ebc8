"""What all tests share: a database whose triggers let tests clean up, and skips that CI turns into failures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

REQUIRE_ALL = bool(os.environ.get("OPENLINE_REQUIRE_ALL"))
FEWER = bool(os.environ.get("OPENLINE_TEST_FEWER"))
"""On the second database the cases that differ only in the moment of a crash are not all tried again."""


def need(present: bool, what: str) -> None:
    """Skip, saying why, where `what` is missing; fail where every proof is required."""
    if not present:
        (pytest.fail if REQUIRE_ALL else pytest.skip)(f"{what} is not here")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with open data and contracts, beside a developer's checkout; never in a user's clone."""
    folder = Path(os.environ.get("OPENLINE_SHARED", Path(__file__).resolve().parent.parent.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared open data is not here")
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Let tests empty tables between them: the records' TRUNCATE trigger is off, all others stay on."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("ALTER TABLE records_record DISABLE TRIGGER record_no_truncate")
        from openline.cities.loading import ensure_city

        ensure_city()
    yield


@pytest.fixture
def philadelphia(db: None) -> None:
    """The sample city. Loaded once for the session; tests that empty tables load it again."""
    from openline.care import understanding
    from openline.cities.loading import ensure_city

    ensure_city()
    understanding.refresh()
