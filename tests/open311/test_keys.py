"""Keys of other programs: the command, what is refused, and that the key itself is nowhere."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from openline.open311 import keys
from openline.open311.formats import Problem
from openline.open311.models import ApiKey
from openline.records.models import Record

pytestmark = pytest.mark.usefixtures("philadelphia")


def run(*words: str) -> str:
    out = StringIO()
    call_command("apikey", *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_a_key_is_made_listed_and_revoked() -> None:
    key = run("create", "street app", "--contact", "dev@app.example", "--review", "--origin", "https://app.example/")
    assert keys.admit(key).review and keys.admit(key).origins == ("https://app.example",)
    listed = run("list")
    assert "street app" in listed and "review" in listed and key not in listed and key[:9] in listed
    assert "revoked" in run("revoke", "street app")
    with pytest.raises(Problem):
        keys.admit(key)
    assert "revoked" in run("list")
    whats = list(Record.objects.filter(kind="administered").order_by("id").values_list("body__what", flat=True))
    assert whats[-2:] == ["api key made", "api key revoked"]


@pytest.mark.parametrize("words", [
    ["create"], ["create", "x"], ["revoke", "nobody"], ["create", "x", "--contact", "y", "--per-minute", "0"],
    ["create", "x", "--contact", "y", "--origin", "app.example"],
    ["create", "x", "--contact", "y", "--origin", "https://app.example/path"],
])  # fmt: skip
def test_what_is_wrong_is_told_and_makes_no_key(words: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*words)
    assert not ApiKey.objects.exists()


def test_names_are_unique() -> None:
    run("create", "x", "--contact", "y")
    with pytest.raises(CommandError):
        run("create", "x", "--contact", "y")
