"""What all tests share: a database with the sample city, and skips that CI turns into failures."""

from __future__ import annotations

import os
import signal
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx._transports.default as transports
import hypothesis
import pytest
from pytest_django import Settings

hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")
"""No test is timed: what one case takes depends on what else the machine does."""
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")
"""No commit waits for the disk, here and in every process that a test starts: no test pulls the plug."""
os.environ.setdefault("OPENLINE_UNDO_SECONDS", "0")
"""Answers of staff leave at once in every process that a test starts; here, by the fixture below."""
REQUIRE_ALL = bool(os.environ.get("OPENLINE_REQUIRE_ALL"))
FEWER = bool(os.environ.get("OPENLINE_TEST_FEWER"))
"""On the second database the cases that differ only in the moment of a crash are not all tried again."""


if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell that starts us in the background makes us, and all that we start, deaf to Ctrl-C; some tests press it."""

_new_context = transports.create_ssl_context


@cache
def _trusted(trust_env: bool, *_environment: str | None) -> ssl.SSLContext:
    return _new_context(trust_env=trust_env)


def _context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    if verify is True and cert is None:
        return _trusted(trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return _new_context(verify, cert, trust_env)


transports.create_ssl_context = _context
"""What the tests themselves ask of servers by httpx, they ask thousands of times; each would read all certificates of
the machine anew, for 30 milliseconds."""


def need(present: bool, what: str) -> None:
    """Skip, saying why, where `what` is missing; fail where every proof is required."""
    if not present:
        (pytest.fail if REQUIRE_ALL else pytest.skip)(f"{what} is not here")


def shared_folder() -> Path | None:
    """The folder with open data and contracts, beside a developer's checkout; never in a user's clone."""
    folder = Path(os.environ.get("OPENLINE_SHARED", Path(__file__).resolve().parent.parent.parent / "shared"))
    return folder if folder.is_dir() else None


@pytest.fixture(autouse=True)
def _answers_leave_at_once(settings: Settings) -> None:
    """No test waits for the time in which an answer can be taken back, but those that set it."""
    settings.UNDO_SECONDS = 0


@pytest.fixture(scope="session")
def shared() -> Path:
    """That folder; skips where it is not."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared open data is not here")
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """The sample city is loaded, and what tests commit is emptied after them in our own way (`tests/database.py`)."""
    from django.test import TransactionTestCase

    from openline.cities.loading import ensure_city
    from tests import database

    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            ensure_city()
            database.remember_city()
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty)
        yield


@pytest.fixture
def philadelphia(db: None) -> None:
    """The sample city. Loaded once for the session; after tests that empty tables its rows are put back."""
    from openline.care import understanding
    from openline.outbox import restoring
    from openline.service_requests import jurisdiction
    from openline.service_requests.models import Jurisdiction
    from tests import database

    if not Jurisdiction.objects.exists():
        database.bring_city_back()
        jurisdiction.forget()
    restoring.forget()
    restoring.last()
    understanding.refresh()


FEW = ("Street Defect", "Graffiti Removal", "Illegal Dumping", "Street Light Outage", "Abandoned Vehicle",
       "Street Trees", "Inlet Cleaning", "Dangerous Sidewalk")  # fmt: skip


@pytest.fixture
def few_services(philadelphia: None) -> list[str]:
    """A city that offers eight of the sample city's services: what it learns, it learns in a second. Their codes."""
    from openline.care import understanding
    from openline.service_requests.models import Service

    Service.objects.exclude(name__in=FEW).update(active=False)
    understanding.refresh()
    codes = dict(Service.objects.filter(active=True).values_list("name", "code"))
    return [codes[name] for name in FEW]
