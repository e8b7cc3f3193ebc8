"""Articles as HTML: nothing dangerous comes through, links are whole; captions are checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from openline.foundation.markdown import codes_in, html_of
from openline.knowledge import captions
from openline.knowledge.differences import pieces
from openline.knowledge.models import Article
from openline.knowledge.rendering import as_blog, excerpt_of


def test_no_html_and_no_script_comes_through() -> None:
    html = html_of(
        "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://x.example/a.png)\n\n# Big\n\n###### Small"
    )
    assert "<script" not in html and "href" not in html and "<img" not in html
    assert "<h2>Big</h2>" in html and "<h4>Small</h4>" in html


def test_a_fact_stands_in_the_place_of_its_code_and_brings_no_markup() -> None:
    html = html_of("Your day is {{ trash-day }}, not {{other}}.", {"trash-day": "<b>Monday</b>"})
    assert "Your day is &lt;b&gt;Monday&lt;/b&gt;, not {{other}}." in html
    assert codes_in("{{ a }} {{b}} {{ a }}") == ["a", "b"]


def test_a_blog_post_has_whole_links_and_tags(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://city.example"
    article = Article(
        slug="trash-day", title="Trash day", cost="Free & easy", keywords="trash; bins\ngarbage",
        body="Put it **out** at\n7 pm. See [bulk](/articles/bulk/) or [the list](#list).",
        links=[{"label": "Map <of> days", "url": "/map/"}],
    )  # fmt: skip
    title, html, excerpt, tags = as_blog(article)
    assert title == "Trash day" and tags == ("trash", "bins", "garbage")
    assert excerpt == "Put it out at 7 pm. See bulk or the list."
    for part in (
        "<strong>What it costs:</strong> Free &amp; easy",
        'href="https://city.example/articles/bulk/"',
        'href="https://city.example/articles/trash-day/#list"',
        'href="https://city.example/map/"',
        "Map &lt;of&gt; days",
    ):
        assert part in html


def test_the_excerpt_is_the_first_paragraph() -> None:
    assert excerpt_of(Article(body="## What to do\n\n- a list\n\nCall *311* first.\n\nThen wait.")) == "Call 311 first."
    assert excerpt_of(Article(body="- only a list")) == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:04.000 align:start\nHello\n\n1:00:05.000 --> 1:00:06.000\nx", "Line 6"),
        (
            "WEBVTT - film\n\nNOTE x\n\nintro\n00:01.000 --> 00:04.000\nHello\n\n01:00:05.000 --> 01:00:06.000\nBye",
            "",
        ),
        ("\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nHello\r\n", ""),
        ("1\n00:00:01,000 --> 00:00:02,000\nSubRip", "WEBVTT"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nBack", "Line 3"),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\nA\n\n00:01.000 --> 00:03.000\nB", "Line 6"),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n", "Line 3"),
        ("WEBVTT\n", "no words"),
        ("", "WEBVTT"),
    ],
)
def test_captions(text: str, wrong: str) -> None:
    found = captions.problem(text)
    assert wrong in found if wrong else not found


@given(st.text("ab \n.", max_size=60), st.text("ab \n.", max_size=60))
def test_the_pieces_of_a_difference_make_both_texts_again(old: str, new: str) -> None:
    found = list(pieces(old, new))
    assert "".join(text for kind, text in found if kind != "added") == old
    assert "".join(text for kind, text in found if kind != "removed") == new
