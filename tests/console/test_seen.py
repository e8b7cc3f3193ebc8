"""The words that decided are marked where they stand, whatever else the text holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from openline.console.seen import Stretch, reasons, stretches
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


def test_reasons_stand_by_step() -> None:
    assert [(why.label, why.text) for why in reasons(READ)][1] == ("How urgent", "“stop sign down”")
    assert reasons(Assessment(reasons=["nothing else fits"]))[0].text == "nothing else fits"


@pytest.mark.django_db
def test_the_page_shows_bars_and_reasons_and_escapes(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "<script>pothole</script> at 13th")
    world.assess(talk, "request", "open", "Street Defect.")
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert "<script>pothole" not in page and "&lt;script&gt;" in page
    assert "What was done" in page and ("<meter" in page or "none" in page)
