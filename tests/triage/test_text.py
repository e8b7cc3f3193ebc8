"""From posts to words, and from words to features."""

from __future__ import annotations

import numpy as np

from openline.triage.features import Rows, Vocabulary
from openline.triage.text import LIMIT, readable, words


def test_words_are_folded_and_marks_stand_for_links_handles_and_numbers() -> None:
    text = "@Philly311 Sooooo many POTHOLES!! 1234 N 5th St https://x.co/abc don't ignore"
    assert words(text) == [
        "_user", "soo", "many", "pothole", "!", "!", "_num", "n", "_nth", "st", "_url", "dont", "ignore",
    ]  # fmt: skip


def test_hashtags_are_split_at_capitals() -> None:
    assert words("#FixOurRoads") == ["fix", "our", "road"]


def test_accents_and_full_width_letters_do_not_matter() -> None:
    assert words("semáforo ｆｉｘ") == ["semaforo", "fix"]


def test_han_is_read_character_by_character() -> None:
    assert words("路灯坏了") == ["路", "灯", "坏", "了"]


def test_numbers_that_everybody_knows_are_kept() -> None:
    assert words("call 311 or 911 about 4512") == ["call", "311", "or", "911", "about", "_num"]


def test_readable_keeps_offsets_and_drops_what_cannot_be_shown() -> None:
    text = "a\x00b\ud800c\u202ed"
    assert len(readable(text)) == len(text)
    assert readable(text) == "a b c d"
    assert len(readable("x" * 10_000_000)) == LIMIT
    assert readable(None) == ""
    assert readable(12) == ""


def test_a_vocabulary_encodes_words_pairs_and_beginnings() -> None:
    vocabulary = Vocabulary.learn([["gas", "leak"], ["gas", "leaking"]])
    names = {vocabulary.names[number] for number in vocabulary.encode(["gas", "leak", "unknown"])}
    assert {"*", "gas", "leak", "gas leak"} <= names
    leaked = {vocabulary.names[number] for number in vocabulary.encode(["leaked"])}
    assert leaked == {"*", "leak-"}


def test_rows_of_empty_texts_are_never_empty() -> None:
    vocabulary = Vocabulary.learn([["gas"]])
    rows = Rows([vocabulary.encode([]), vocabulary.encode(["gas"])])
    assert len(rows) == 2
    assert np.all(rows.ends > rows.starts)
