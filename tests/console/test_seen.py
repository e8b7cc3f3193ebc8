"""The words that decided are marked where they stand, whatever else the text holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from openline.console.seen import Stretch, reasons, stretches
from openline.inbox.models import Message
from openline.triage.models import Assessment
from tests.console import world

READ = Assessment(
    reasons=["intent: a problem: “pothole”, “street”", "urgency: “stop sign down”", "place: corner 5th & Main"],
    place={"span": [9, 19]},
    personal_data=[{"kind": "phone", "span": [30, 42]}],
)


def test_words_place_and_personal_data_are_marked() -> None:
    text = "Potholes 5th & Main, call me: 215-555-0142 and a Stop signs down"
    found = stretches(text, READ)
    assert "".join(part.text for part in found) == text
    assert [part for part in found if part.kind] == [
        Stretch("Potholes", "word"), Stretch("5th & Main", "place"), Stretch("215-555-0142", "personal"),
        Stretch("Stop signs down", "word"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "x", "<b>pothole</b>", "pothole " * 300, "نص عربي pothole"])
def test_any_text_comes_back_whole(text: str) -> None:
    assert "".join(part.text for part in stretches(text, READ)) == text


def test_every_step_says_why() -> None:
    found = {why.label: why.text for why in reasons(read_as(
        "El bache en la 5 sigue, llame al 215-555-0142", language="es",
        reasons=["intent: a problem: “bache”", "urgency: “wire down”", "place: corner 5th & Main"],
        place={"kind": "intersection", "name": "5th & Main", "confidence": 0.9, "span": [12, 16]},
        personal_data=[{"kind": "phone", "span": [33, 45]}, {"kind": "phone", "span": [33, 45]}]))}  # fmt: skip
    assert found["How urgent"] == "“wire down”"
    assert found["Where"] == "5th & Main (intersection, 90%), from the words “la 5”"
    assert found["Language"].startswith("es: small words") and "“el”" in found["Language"].lower()
    assert "telephone number" in found["Taken out in public"]


@pytest.mark.parametrize(
    ("text", "tag", "language", "because"),
    [
        ("坑洞", "", "zh", "its letters: 坑"),
        ("Bache", "es-MX", "es", "small words"),
        ("12345", "pt", "pt", "the network says so: pt"),
        ("12345", "", "und", "not known: too few words"),
        ("Bardzo dziurawa droga", "", "pl", "how its letters follow"),
        ("", "", "", ""),
    ],
)
def test_the_language_has_its_reason(text: str, tag: str, language: str, because: str) -> None:
    said = [why.text for why in reasons(read_as(text, tag, language=language)) if why.step == "language"]
    assert len(said) == bool(language) and because in "".join(said)


def test_without_a_place_it_says_so_and_a_geotag_is_named() -> None:
    def where(place: dict[str, Any] | None) -> str:
        return next(why.text for why in reasons(read_as("x", place=place)) if why.step == "place")

    assert where(None).startswith("no place was found")
    assert "position that came with the post" in where({"kind": "point", "name": "5th & Main", "span": None})
    assert reasons(read_as("x", reasons=["nothing else fits"]))[0].text == "nothing else fits"


def read_as(text: str, tag: str = "", **found: Any) -> Message:
    """A message that was read so."""
    message = Message(text=text, language=tag)
    message.assessment = Assessment(**found)
    return message


@pytest.mark.django_db
def test_the_page_shows_bars_and_reasons_and_escapes(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "<script>pothole</script> at 13th")
    world.assess(talk, "request", "open", "Street Defect.", services=(("SR-ST01", "Street Defect", 0.48),))
    Assessment.objects.update(reasons=["intent: a problem: “pothole”"])
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert "<script>pothole" not in page and "&lt;script&gt;" in page
    assert 'rect width="48.0"' in page and "What was done" in page
    assert '(decided: </span>pothole<span class="sr"' in page  # heard as well as seen
