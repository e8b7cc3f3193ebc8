"""What the doctor says of the language model, of the outside geocoder, and of files."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings as Django

from openline.files.scanning import Scanner
from openline.language_model.settings import Settings
from tests.geography import outside
from tests.language_model.standin import KEY, running

pytestmark = pytest.mark.usefixtures("philadelphia")


def said(about: str = "Language model") -> str:
    """The doctor's line about something."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit:
        pass
    return next(line for line in out.getvalue().splitlines() if about in line)


def test_off_is_fine(settings: Django) -> None:
    assert said().startswith("ok") and "off" in said()


def test_a_server_that_answers_is_fine_and_one_that_refuses_or_is_gone_is_not(settings: Django) -> None:
    with running() as standin:
        settings.LANGUAGE_MODEL = Settings(standin.url, "qwen3", KEY)
        assert said().startswith("ok") and "0 of 1,000 calls" in said()
        settings.LANGUAGE_MODEL = replace(settings.LANGUAGE_MODEL, key="a-wrong-key")
        assert said().startswith("MEND") and "Incorrect API key" in said() and "a-wrong-key" not in said()
        assert all(request.raw == b"" for request in standin.heard)  # no resident's words
    assert said().startswith("MEND") and "cannot be reached" in said()


def test_the_outside_geocoder(settings: Django) -> None:
    assert said("geocoder").startswith("ok") and "off" in said("geocoder")
    with outside.running() as here:
        settings.GEOCODER = here.settings("census")
        assert said("geocoder").startswith("ok") and "answers" in said("geocoder")
        assert {asked.parameters["address"] for asked in here.heard} == {"Philadelphia, PA"}  # no resident's words
        here.says = lambda _: outside.Said(b"", 503)
        assert said("geocoder").startswith("MEND") and "503" in said("geocoder")
    assert said("geocoder").startswith("MEND") and "cannot be reached" in said("geocoder")


def test_files_and_their_scanner(settings: Django, tmp_path: Path) -> None:
    def kept_in(folder: Path) -> None:
        own = settings.STORAGES["files"]
        files = own | {"OPTIONS": own["OPTIONS"] | {"location": folder}}
        settings.STORAGES = settings.STORAGES | {"files": files}

    kept_in(tmp_path / "files")
    assert said("Photos and files").startswith("ok") and not [p for p in tmp_path.rglob("*") if p.is_file()]
    (tmp_path / "file").write_text("no folder")
    kept_in(tmp_path / "file")
    assert said("Photos and files").startswith("MEND") and "OPENLINE_FILES" in said("Photos and files")
    assert said("Virus scanner").startswith("ok") and "off" in said("Virus scanner")
    settings.CLAMAV = Scanner(path=str(tmp_path / "nobody"))
    assert said("Virus scanner").startswith("MEND") and "OPENLINE_CLAMAV" in said("Virus scanner")
