"""Hints on the words of a post: hashtags, capitals, emoji, links, days, reading level, captions."""

from __future__ import annotations

import pytest

from openline.publishing import captions, hashtags, plain_language
from openline.publishing.content import Content, Words
from openline.publishing.hints import hints

pytestmark = pytest.mark.django_db


def said(text: str, language: str = "en", *, scheduled: bool = False) -> str:
    """All hints on `text`, as one text."""
    content = Content(language=language, texts={language: Words(text)})
    return "\n".join(hint.words for hint in hints(content, scheduled=scheduled))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("PLEASE NOTE: the LIBRARY is CLOSED for the day", "capitals"),
        ("Sun ☀️ rain 🌧️ snow ❄️ wind 🌬️ today", "4 emoji"),
        ("✅ Bring boxes\n✅ Bring bags", "Emoji stand where a dash would do"),
        ("Bring your old paint to us. #recyclingcenter", "Give each word of a hashtag a capital"),
        ("Trash day moves to Saturday. #trashday", "a capital, or it is read as one word: #TrashDay"),
        ("Our #NewPark and its #DogRun open on the river.", "Put hashtags at the end"),
        ("For the new hours click here.", "“click here” does not say where"),
        ("See https://bit.ly/3xYz for more", "hides where it leads"),
        ("The pool opens on June 24 at noon.", "Say which weekday it is: “June 24”"),
        ("Call Maria on 215-555-0142 about it.", "“215-555-0142” may be somebody's personal data"),
        ("The street was closed by the police.", "“was closed” is passive"),
        ("There is a wire down and sparking on Broad Street.", "danger to life"),
        ("La recolección de basura será el sábado, y no el viernes como siempre.", "reads like the language “es”"),
    ],
)
def test_a_hint(text: str, hint: str) -> None:
    assert hint in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trash day moves to Saturday, July 5. Put your bins out by 7 a.m. #TrashDay",
        "The FBI and the EPA are with us on Broad Street.",
        "The pool at 5th Street opens Friday, June 24 ☀️",
        "Families 👨\u200d👩\u200d👧\u200d👦 of the Americas 🇺🇸🇲🇽",
        "Read the new rules for block parties: https://city.example/parties #BlockParty #Streets",
        "",
    ],
)
def test_plain_words_have_none(text: str) -> None:
    assert said(text) == ""


def test_today_is_a_hint_only_in_what_is_planned() -> None:
    text = "City Hall closes at noon today."
    assert "Name the day" not in said(text) and "Name the day" in said(text, scheduled=True)


def test_hard_words_and_long_sentences() -> None:
    hard = (
        "Notwithstanding municipal considerations concerning infrastructure rehabilitation, residential "
        "participants should anticipate intermittent transportation interruptions throughout construction "
        "activities, particularly surrounding commercial establishments and educational institutions "
        "nearby all through the summer."
    )
    found = said(hard)
    assert "Hard to read" in found and "A sentence has" in found
    easy = "We fix the road this week. Cars can use one lane. The bus stops at the corner. Shops are open as usual."
    assert (plain_language.grade(hard) or 0) > 12 and (plain_language.grade(easy) or 13) <= 4


@pytest.mark.parametrize(
    ("tag", "words", "written"),
    [
        ("trashday", "trash day", "TrashDay"),
        ("TRASHDAY", "trash day", "TrashDay"),
        ("TrashDay", "", "TrashDay"),
        ("phillyparks", "", "phillyparks"),
        ("cleanuptheriver", "clean river", "CleanUpTheRiver"),
        ("díadebasura", "día basura", "DíaDeBasura"),
    ],
)
def test_a_hashtag_in_capitals(tag: str, words: str, written: str) -> None:
    assert hashtags.camel(tag, [words]) == written


def test_hashtags_are_offered_once_in_order() -> None:
    assert hashtags.suggested(["New bins #trashday"], ["trash day", "snow"]) == ["TrashDay", "Snow"]
    assert hashtags.mended("a#b #trashday, see x.example/#trashday", ["trash day"]) == (
        "a#b #TrashDay, see x.example/#trashday"
    )


@pytest.mark.parametrize("tag", ["TrashDay", "snow", "垃圾日", "BLM", "parks"])
def test_what_can_be_read_aloud(tag: str) -> None:
    assert hashtags.readable(tag)


VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nGood morning.\n"


def test_captions_are_read_before_a_network_gets_them() -> None:
    assert captions.problem(VTT) == ""
    assert "first line is WEBVTT" in captions.problem("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    assert captions.problem("WEBVTT\n\n00:xx --> 00:02.000\nHello\n")
    assert "no line with a time" in captions.problem("WEBVTT\n\n")


def test_subrip_becomes_webvtt() -> None:
    made = captions.from_srt("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    assert made.startswith("WEBVTT") and "Hello" in made and captions.problem(made) == ""
    assert captions.from_srt(VTT) == VTT
    with pytest.raises(ValueError):
        captions.from_srt("no captions at all")
