"""What people wrote, out of what their mail programs sent."""

from __future__ import annotations

import pytest

from openline.channels.base import Incoming
from openline.channels.email import quotes
from openline.channels.email.reading import parse
from tests.channels.mails.answers import LANGUAGES, Answer, html_answers, other_answers, plain_answers
from tests.channels.mails.letters import letter


def heard(**parts: str) -> Incoming:
    item = parse(letter(**parts))
    assert isinstance(item, Incoming)
    return item


def lines(text: str) -> list[str]:
    """Without empty lines: HTML and text differ in them alone."""
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("answer", [*plain_answers(), *other_answers()], ids=lambda answer: answer.name)
def test_plain_text(answer: Answer) -> None:
    item = heard(plain=answer.plain)
    assert lines(item.text) == lines(answer.said)
    assert set(lines(item.text)) < set(lines(item.whole)), "what was cut is kept beside it"


@pytest.mark.parametrize("answer", list(html_answers()), ids=lambda answer: answer.name)
def test_html_alone_and_beside_text(answer: Answer) -> None:
    for item in (heard(html=answer.html), heard(html=answer.html, plain=f"{answer.said}\n\n> Where is it?\n")):
        assert lines(item.text) == lines(answer.said)
        assert "Where is it?" in item.whole


@pytest.mark.parametrize("answer", list(plain_answers()), ids=lambda answer: answer.name)
def test_what_has_no_quotation_stays_whole(answer: Answer) -> None:
    item = heard(plain=answer.said)
    assert lines(item.text) == lines(answer.said) and item.whole == ""


def test_the_languages_that_a_city_speaks_are_tried() -> None:
    assert set(LANGUAGES) == {"en", "es", "fr", "pt", "ru", "zh", "vi", "ar"}


KEPT = [
    "The hours on the door:\n- Monday 9:30 to 17:00\n- Sunday closed",
    "Where it is:\nFrom: 5th Street\nTo: 6th Street\nDate: since Monday",
    "Name: Maria Lopez\nAddress: 100 Example St\nPhone: 215-555-0123\nDate: 23.11.2026",
    "I wrote on Monday at 10:15 to the office and they said:\nthe truck comes tomorrow",
    "On 5/3/2026 my neighbour wrote:\n\nthe lamp is broken",
    "Thanks,\nthe address is 100 Example St",
    "Best regards from the corner of 5th and Main, where the pothole is",
    "-- the lamp is out --\nstill",
    "Sent from the office of my neighbour: the tree fell",
    "Get the truck here, please",
    "It says\n-----\nclosed\n-----\non the gate",
    "De la rue Main:\nl'eau coule",
    "1. lamp\n2. hole\n_____\nthat is all",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_quotation_or_signature_is_kept(text: str) -> None:
    assert lines(quotes.own_words(text)) == lines(text)


def test_answers_between_the_lines_are_kept_and_the_lines_are_not() -> None:
    text = "On 11/23/26 10:15, City Help wrote:\n> Where is it?\nAt 5th and Main.\n> Since when?\n\nSince Monday.\n"
    assert lines(quotes.own_words(text)) == ["At 5th and Main.", "Since Monday."]


def test_a_quotation_alone_is_not_cut_to_nothing() -> None:
    assert quotes.own_words("> Where is it?") == "> Where is it?"


FORWARDED = "Somebody sent me this\n\n---------- Forwarded message ---------\nFrom: Ana <ana@x.test>\nDate: Mon\n" \
    "Subject: hole\nTo: <maria@residents.test>\n\nThe hole is at 5th and Main.\n"  # fmt: skip


@pytest.mark.parametrize("subject", ["Fwd: hole", "hole", "WG: hole", "转发：hole"])
def test_a_forwarded_mail_keeps_what_is_forwarded(subject: str) -> None:
    assert "5th and Main" in heard(plain=FORWARDED, subject=subject).text


def test_gmail_marks_what_is_forwarded_as_it_marks_what_is_answered() -> None:
    html = (
        '<div dir="ltr">look<br><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        "---------- Forwarded message ---------<br>From: Ana<br></div>The hole is at 5th and Main.</div></div>"
    )
    assert "5th and Main" in heard(html=html).text


def test_outlook_forwards_with_the_same_block_that_it_answers_with() -> None:
    block = (
        "From: Ana <ana@x.test>\nSent: Monday, November 23, 2026 10:15 AM\nTo: Maria\nSubject: hole\n\nat 5th and Main"
    )
    assert "5th and Main" in heard(plain=f"see below\n\n{block}", subject="FW: hole").text
    assert "5th and Main" not in heard(plain=f"see below\n\n{block}", subject="RE: hole").text


def test_a_signature_of_html_and_a_flowed_text_are_read_as_people_see_them() -> None:
    html = '<div>The lamp is out.</div><div class="gmail_signature">Maria<br>Example Ltd</div>'
    assert heard(html=html).text == "The lamp is out."
    flowed = letter(
        plain="The lamp at the corner \nof 5th is \nout.\n\n> where \n> is it\n", kind="text/plain; format=flowed"
    )
    item = parse(flowed)
    assert isinstance(item, Incoming) and item.text == "The lamp at the corner of 5th is out."
