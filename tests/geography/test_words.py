"""The words of a text, and the slips of those who write them."""

from __future__ import annotations

import pytest

from openline.geography.common_words import COMMON_WORDS
from openline.geography.compiling import split_name
from openline.geography.roles import COMMON, Roles, role_of
from openline.geography.slips import Slips
from openline.geography.text import Words, name_keys, searchable
from openline.geography.words import ordinal, title


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5th and Lombard", ["5th", "and", "lombard"]),
        ("Twenty-third & Twenty Third", ["23rd", "&", "23rd"]),
        ("09th ST", ["9th", "st"]),
        ("2300blk", ["2300", "blk"]),
        ("Mc Kean, MC KEAN", ["mckean", "mckean"]),
        ("O’Neil's", ["oneils"]),
        ("b/w 5th/6th", ["btw", "5th", "/", "6th"]),
        ("Peña und Müller", ["pena", "und", "muller"]),
        ("１２３４ Broad", ["1234", "broad"]),
    ],
)
def test_the_words_of_a_text(text: str, keys: list[str]) -> None:
    assert Words(text).keys == keys


@pytest.mark.parametrize(
    "text", ["(5th),  and\tLombard's\ncafé—x", "a a.a b/w 5th5 &amp;5", "５th @5th x@y.org 5th", " 1234-36R é5 ", ""]
)
def test_words_stand_where_the_text_has_them(text: str) -> None:
    found, plain = Words(text), searchable(text).replace("b/w", "btw")
    assert [plain[i:j] for i, j in zip(found.starts, found.ends, strict=True)] == found.lower
    assert found.starts == sorted(found.starts)


@pytest.mark.parametrize(
    "text",
    [
        "see https://example.com/5th-and-market",
        "@southst",
        "#BroadStreet",
        "maria@broad.example",
        "nostr:npub1abc",
    ],
)
def test_links_handles_and_tags_are_no_words(text: str) -> None:
    blank = searchable(text)
    assert len(blank) == len(text)
    assert not {"broad", "5th", "southst", "broadstreet", "market"} & set(Words(text).keys)


def test_an_at_sign_between_streets_stays() -> None:
    assert Words("5th @ Lombard &amp; more").keys == ["5th", "@", "lombard", "&", "more"]


@pytest.mark.parametrize("text", ["İstanbul", "ﬁne", "ß", "\ud800x", "👩‍👩‍👧 13th", "e\u0301"])
def test_positions_hold_in_any_script(text: str) -> None:
    assert len(searchable(text)) == len(text)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("chesnut", ["chestnut"]),
        ("chestnutt", ["chestnut"]),
        ("chesntut", ["chestnut"]),
        ("passyunck", ["passyunk"]),
        ("pasyunk", ["passyunk"]),
        ("alleghany", ["allegheny"]),
        ("gerard", ["gerhard", "girard"]),
        ("chestnut", []),
        ("xyzzyx", []),
        ("oak", []),
    ],
)
def test_what_a_misspelled_word_means(word: str, meant: list[str]) -> None:
    assert Slips(["chestnut", "passyunk", "allegheny", "girard", "gerhard", "oak"]).meant(word)[0] == meant


def test_a_guess_by_ear_costs_more() -> None:
    slips = Slips(["passyunk"])
    assert slips.meant("pasyunk")[1] < slips.meant("pasiunck")[1]


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("N 13th St", ("N", "13TH", "ST", "")),
        ("South St", ("", "SOUTH", "ST", "")),
        ("Broadway", ("", "BROADWAY", "", "")),
        ("Spring Garden Street", ("", "SPRING GARDEN", "ST", "")),
        ("Ashmead Pl N", ("", "ASHMEAD", "PL", "N")),
        ("The Boulevard", ("", "THE BOULEVARD", "", "")),
        ("W River Dr", ("W", "RIVER", "DR", "")),
    ],
)
def test_a_name_taken_apart(full: str, parts: tuple[str, str, str, str]) -> None:
    assert split_name(full) == parts


def test_ordinals_titles_and_keys() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 63)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "13th",
        "21st",
        "22nd",
        "23rd",
        "63rd",
    ]
    assert title("N 13TH ST") == "N 13th St" and title("MCKEAN ST") == "McKean St"
    assert name_keys("Belmont & Edgley Rec Ctr") == ("belmont", "edgley", "recreation", "center")


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("the front of the house", True),
        ("a large tree fell", True),
        ("on the corner of the front", False),
        ("5th and front", False),
        ("1234 front", False),
        ("1234r front", False),
        ("front st", False),
        ("front just north of girard", False),
    ],
)
def test_an_everyday_word_is_idle_unless_the_words_beside_it_make_a_street_of_it(text: str, idle: bool) -> None:
    words = Words(text).lower
    roles = Roles([role_of(word) | (COMMON if word in COMMON_WORDS else 0) for word in words])
    everyday = [i for i, word in enumerate(words) if word in ("front", "tree")]
    assert everyday
    assert [roles.idle(i) for i in everyday] == [idle] * len(everyday)
