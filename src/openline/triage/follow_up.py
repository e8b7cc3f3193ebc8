"""Whether a post speaks of an earlier report: asks how it stands, or says that it is not done (data/follow_up.txt)."""

from __future__ import annotations

from openline.triage.phrases import load


def not_fixed(joined: str, known: set[str]) -> bool:
    """Whether the resident says that something reported before is not done. Takes the words, joined and as a set."""
    return load("follow_up.txt").sections["not fixed"].find(joined, known) is not None


def status_question(joined: str, known: set[str]) -> bool:
    """Whether the resident asks how an existing request stands. Takes the words, joined and as a set."""
    return load("follow_up.txt").sections["asks for status"].find(joined, known) is not None
