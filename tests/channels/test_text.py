"""Reading HTML as text."""

from __future__ import annotations

import time

import pytest

from openline.channels.text import graphemes, text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>one</p>two", "one\n\ntwo"),
        ("a &lt;b&gt; &amp; c &#8212; d", "a <b> & c — d"),
        ("<script>alert(1)</script>hello<style>p{}</style>", "hello"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ('<a href="https://m.example/@p" class="u-url mention">@<span>philly311</span></a> hi', "@philly311 hi"),
        ('<a href="https://m.example/tags/pothole" class="mention hashtag">#<span>pothole</span></a>', "#pothole"),
        (
            '<a href="https://example.org/a/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">example.org/a</span><span class="invisible">/long/path</span></a>',
            "https://example.org/a/long/path",
        ),
        ('<a href="https://example.org/a/long/path">example.org/a…</a>', "https://example.org/a/long/path"),
        (
            '<a href="https://maps.example/?q=39.9,-75.1">Broad and Tasker</a>',
            "Broad and Tasker (https://maps.example/?q=39.9,-75.1)",
        ),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<p>unclosed <a href='https://x.example/'>link", "unclosed https://x.example/"),
        ("שלום <b>עולם</b>", "שלום עולם"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    found = text_of_html(html)
    assert found == text or (html.endswith("link") and found == "unclosed link (https://x.example/)")


@pytest.mark.parametrize("part", ["<", "<!", "<a ", "<![CDATA[", "</", "<!--", "&", "<div><p>", "<a href='x'>", "<p"])
def test_broken_html_takes_no_time(part: str) -> None:
    began = time.process_time()
    text_of_html(part * (2_000_000 // len(part)))
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("🇺🇸🇫🇷", 2),
        ("👍🏽", 1),
        ("❤️‍🔥", 1),
        ("a\r\nb", 3),
        ("العَرَبِيَّة", 7),
    ],
)
def test_graphemes(text: str, count: int) -> None:
    assert graphemes(text) == count


def test_elements_nested_deeper_than_any_page_keep_their_words() -> None:
    assert text_of_html("<div>" * 10_000 + "pothole &amp; more") == "pothole & more"
