"""Long texts as several posts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.channels import parts
from openline.channels.base import Rejected, Unclear
from openline.channels.text import graphemes
from tests.channels.nets.base import Memory

LONG = "The crew comes on Tuesday. " * 12 + "Please put nothing out before Monday at seven."


def test_a_text_that_fits_is_left_alone() -> None:
    assert parts.split("short", 10, len) == ["short"]
    assert parts.split("x" * 900, 0, len) == ["x" * 900]


def test_a_long_text_is_numbered_and_cut_between_sentences() -> None:
    found = parts.split(LONG, 150, len)
    assert [part.rsplit(" ", 1)[1] for part in found] == [f"{n}/{len(found)}" for n in range(1, len(found) + 1)]
    assert all(part.rsplit(" ", 1)[0].endswith(".") for part in found)


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=900))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    found = parts.split(text, 120, graphemes)
    assert all(graphemes(part) <= 120 for part in found)
    bodies = [part.rsplit(" ", 1)[0] for part in found] if len(found) > 1 else found
    assert "".join("".join(body.split()) for body in bodies) == "".join(text.split())
    assert parts.split(text, 120, graphemes) == found


def test_a_text_is_not_counted_anew_for_each_of_its_parts() -> None:
    """A preview of many accounts is made while one writes: 20,000 characters may not cost a hundred times as many."""
    text, counted = "The crew comes on Tuesday. " * 400, 0

    def length(piece: str) -> int:
        nonlocal counted
        counted += len(piece)
        return len(piece)

    assert len(parts.split(text, 500, length)) == 23
    assert counted < 30 * len(text)


def test_more_than_25_posts_are_refused() -> None:
    with pytest.raises(Rejected, match="posts"):
        parts.split("word " * 2000, 100, len)


def test_shortening_names_the_whole() -> None:
    found = parts.shorten(LONG, 100, len, "https://city.example/r/1")
    assert len(found) <= 100 and found.endswith("… https://city.example/r/1")
    with pytest.raises(Rejected):
        parts.shorten(LONG, 100, len, "")


def test_a_thread_goes_on_behind_the_part_whose_answer_was_lost() -> None:
    """The second of three posts went out and its answer was lost: it is found, and only the third is sent."""
    network: list[tuple[str, str]] = []
    lose = [1]

    def post(n: int, text: str, above: str) -> dict[str, str]:
        network.append((text, above))
        if n in lose:
            lose.clear()
            raise Unclear("lost")
        return {"network_id": f"id{n}"}

    def look(n: int, text: str, above: str) -> dict[str, str] | None:
        return {"network_id": f"id{n}"} if (text, above) in network else None

    progress, texts = Memory(), ["a 1/3", "b 2/3", "c 3/3"]
    with pytest.raises(Unclear):
        parts.say(progress, texts, post)
    assert parts.find(progress, texts, look) is None
    receipt = parts.say(progress, texts, post)
    assert network == [("a 1/3", ""), ("b 2/3", "id0"), ("c 3/3", "id1")]
    assert receipt.network_id == "id0" and receipt.parts == ("id1", "id2")
    assert parts.find(progress, texts, look) == receipt
