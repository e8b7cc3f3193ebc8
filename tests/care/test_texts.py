"""What Openline says by itself: in the resident's language, short enough for every network."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from openline.care import texts
from openline.service_requests.models import Service
from openline.triage.language import detect

pytestmark = pytest.mark.usefixtures("philadelphia")
LONGEST = SimpleNamespace(
    number="26-001234",
    service=Service(name="Rubbish/Recyclable Material Collection"),
    due_at=timezone.now(),
    place_name="Martin Luther King Jr Dr between Benjamin Franklin Pkwy and Strawberry Mansion Dr",
)


def test_a_spanish_post_is_answered_in_spanish() -> None:
    with texts.speaking("es"):
        said = texts.opened(LONGEST)
    assert said.startswith("Gracias.") and "We plan" not in said


@pytest.mark.parametrize("language", ["en", "es", "und", "", "xx", "es-MX"])
def test_answers_fit_every_network(language: str) -> None:
    with texts.speaking(language):
        assert all(len(text) < 430 for text in (texts.opened(LONGEST), texts.ask_place(), texts.ask_place(True)))


def test_every_referral_and_emergency_fits() -> None:
    for service in Service.objects.exclude(referral_text="") | Service.objects.exclude(emergency_phone=""):
        assert len(texts.referral(service)) < 430
        assert len(texts.emergency("en", service)) < 430


@pytest.mark.parametrize("language", ["en", "es", "zh", "vi", "ru", "ar", "km", "xx"])
def test_the_emergency_text_names_911_in_every_language(language: str) -> None:
    assert "911" in texts.emergency(language, None)


@pytest.mark.parametrize("language", ["en", "es", "zh", "vi", "ru", "fr", "ar", "pt", "ht", "ko"])
@pytest.mark.parametrize("again", [False, True])
def test_the_place_is_asked_for_in_the_residents_language(language: str, again: bool) -> None:
    with texts.speaking(language):
        asked = texts.ask_place(again, language)
    assert len(asked) < 300
    assert detect(asked) == language


def test_speaking_does_not_leak_into_what_follows() -> None:
    with texts.speaking("es"):
        pass
    assert translation.get_language() == "en"
