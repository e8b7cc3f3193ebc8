"""The residents' pages in each of their languages: all words, the right direction, and staff's pages in their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.html import escape

import openline
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
TEMPLATES = Path(openline.__file__).parent
WORDS = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
NOT_FOR_RESIDENTS = {"Sandbox"}
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """A page leaves its reader's language behind in the thread."""
    with translation.override("en"):
        yield


def words_of_pages() -> set[str]:
    """The words in the templates that residents see."""
    files = [*(TEMPLATES / "portal" / "templates").rglob("*.html"), TEMPLATES / "templates/openline/base.html"]
    found = {double or single for one in files for double, single in WORDS.findall(one.read_text())}
    return found - NOT_FOR_RESIDENTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_residents_pages_is_translated(language: str) -> None:
    same = {"No", "Alerts"} if language == "es" else set()
    with translation.override(language):
        assert {one for one in words_of_pages() if translation.gettext(one) == one} <= same


def page(path: str, language: str) -> str:
    return Client().get(path, headers={"Accept-Language": language}, follow=True).content.decode()


def test_an_arabic_reader_gets_pages_from_right_to_left() -> None:
    number = new().number
    for path in ("/", "/requests/", "/requests/map/", f"/requests/{number}/", "/contact/", "/alerts/"):
        assert '<html lang="ar" dir="rtl"' in page(path, "ar"), path
    assert "اكتبوا إلى المدينة" in page("/contact/", "ar") and 'value="ar" lang="ar"' in page("/", "en")


def test_staff_pages_come_in_a_language_that_has_all_their_words() -> None:
    html = page("/console/", "ar")
    assert '<html lang="en" dir="ltr"' in html
    assert '<html lang="es"' in page("/console/", "es")


def test_an_address_keeps_its_own_direction_among_arabic_words() -> None:
    request = new()
    place = f"<bdi>{escape(request.place_name)}</bdi>"
    for path in ("/", "/requests/", f"/requests/{request.number}/"):
        assert place in page(path, "ar"), path
