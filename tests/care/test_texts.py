"""What Openline says by itself: in the resident's language, short enough for every network."""

from __future__ import annotations

import ast
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from openline.care import texts
from openline.service_requests.models import Service
from openline.service_requests.states import REASONS, Outcome, Status
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


@pytest.mark.parametrize("language", [*texts.LOCALES, "und", "", "xx", "es-MX"])
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
        asked = texts.ask_place(again)
    assert len(asked) < 300
    assert detect(asked) == language


def keys() -> list[str]:
    """Every text that residents may be told: those of `care/texts.py`, and states, outcomes and refusals in words."""
    tree = ast.parse(Path(texts.__file__).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    told = [ast.literal_eval(node.args[0]) for node in calls if getattr(node.func, "id", "") == "_"]
    with translation.override("en"):
        refusals = [str(label) for _reason, label in REASONS[Status.REJECTED]]
        return [*told, *map(str, Status.labels), *map(str, Outcome.labels), *refusals]


def signs(text: str) -> list[str]:
    """The placeholders of a text."""
    return sorted(re.findall(r"%\(\w+\)\w", text))


FOREIGN = [language for language in texts.LOCALES if language != "en"]


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_there_in_every_language_with_the_same_placeholders(language: str) -> None:
    with texts.speaking(language):
        told = {key: translation.gettext(key) for key in keys()}
    untold = [key for key, text in told.items() if text == key and re.sub(r"%\(\w+\)\w", "", key).strip(" :.")]
    assert not untold, f"not in the {language} catalogue: {untold}"
    assert [key for key, text in told.items() if signs(text) != signs(key)] == []


@pytest.mark.parametrize("language", FOREIGN)
def test_sentences_put_together_keep_their_space(language: str) -> None:
    with texts.speaking(language):
        tails = [translation.gettext(key) for key in keys() if key.startswith(" ")]
    assert tails and all(text.startswith(" ") == (language != "zh") for text in tails)


@pytest.mark.parametrize("language", texts.LOCALES)
def test_every_text_runs_in_the_direction_of_its_language(language: str) -> None:
    wanted = {"R", "AL"} if language == "ar" else {"L"}
    with texts.speaking(language):
        for key in keys():
            said = re.sub(r"%\(\w+\)\w", "", translation.gettext(key))  # names come in any direction
            strong = [unicodedata.bidirectional(sign) for sign in said]
            first = next((kind for kind in strong if kind in ("L", "R", "AL")), None)
            assert first in wanted or first is None, said


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Thursday, December 3"),
        ("es", "jueves 3 de diciembre"),
        ("fr", "jeudi 3 décembre"),
        ("ru", "3 декабря (четверг)"),
        ("zh", "12月3日（星期四）"),
        ("ko", "12월 3일 목요일"),
        ("vi", "Thứ 5, ngày 3/12"),
        ("pt", "quinta-feira, 3 de dezembro"),
        ("ht", "jedi 3 desanm"),
        ("ar", "الخميس 3 ديسمبر"),
    ],
)
def test_a_day_is_said_as_people_say_it(language: str, day: str) -> None:
    with texts.speaking(language):
        assert texts.day(datetime(2026, 12, 3, 17, 0, tzinfo=UTC)).casefold() == day.casefold()


@pytest.mark.parametrize("language", texts.LOCALES)
def test_an_offer_is_told_whole_in_the_residents_language(language: str) -> None:
    other = SimpleNamespace(number="26-000007", place_name="13TH ST & MARKET ST")
    with texts.speaking(language):
        said = texts.offered(LONGEST, other)
    assert "26-000007" in said and "13TH ST & MARKET ST" in said and said.count("http") == 1 and len(said) < 430
    assert detect(re.sub(r"https?://\S+|[A-Z0-9-]{2,}", "", said.replace(LONGEST.service.name, ""))) == language


def test_speaking_does_not_leak_into_what_follows() -> None:
    with texts.speaking("es"):
        pass
    assert translation.get_language() == "en"
