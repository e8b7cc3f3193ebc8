"""The sentence model of a machine: taken into use, missed, and back again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from openline.care import learning, sentences, understanding
from openline.triage.assessment import Post
from openline.triage.models import ServiceModelFile
from tests.triage import tiny_bert
from tests.triage.tiny_bert import CODES, FILLER, WORDS

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine with a sentence model."""
    tiny_bert.needs_sentences()
    settings.SENTENCES = tiny_bert.made(tmp_path, monkeypatch)
    yield settings.SENTENCES
    settings.SENTENCES = None
    understanding.refresh()


@pytest.fixture
def services(few_services: list[str]) -> dict[str, str]:
    """Three services of the sample city, for the codes of the invented words."""
    return dict(zip(CODES, few_services, strict=False))


def history(services: dict[str, str], rows: int = 300) -> list[tuple[str | None, str]]:
    """Reports in invented words, each of them rare."""
    chance, found = random.Random(4), []
    for number in range(rows):
        code = chance.choice(CODES)
        told = [chance.choice(WORDS[code][:30]), *chance.choices(FILLER, k=5), f"nr{number}"]
        found.append((" ".join(told), services[code]))
    return found


def best(word: str) -> str:
    """The service that workers find in a report with this word."""
    understanding.refresh()
    return understanding.understanding().reader.assess([Post("1", f"there is a {word} here")])[0].services[0].code


def said() -> list[tuple[bool, str]]:
    """What the doctor says of it."""
    return list(sentences.findings(understanding.load_service_model()))


def test_without_a_sentence_model_nothing_is_said_or_loaded(settings: Settings, tmp_path: Path) -> None:
    settings.SENTENCES = tmp_path / "none"
    assert said() == []
    assert sentences.encoder() is None
    assert not understanding.understanding().reader._services.reads_sentences
    with pytest.raises(CommandError, match="sentences make"):
        call_command("sentences", "use")
    settings.SENTENCES = None
    with pytest.raises(CommandError, match="OPENLINE_SENTENCES"):
        call_command("sentences", "make", "x.whl")


def test_history_is_learnt_with_it_and_words_alone_decide_while_it_is_away(
    folder: Path, services: dict[str, str], settings: Settings
) -> None:
    assert [good for good, _ in said()] == [True]  # there, but not yet learnt with
    report = learning.learn(history(services))
    assert report.better
    assert report.words_alone is not None
    unheard = {code: words[35] for code, words in WORDS.items()}
    assert [best(word) for word in unheard.values()] == list(services.values())
    assert said() == [(True, "Sentence model: all-MiniLM-L6-v2, in use.")]
    away = folder.rename(folder.with_name("away"))
    assert [best(word) for word in unheard.values()] != list(services.values())
    assert [good for good, _ in said()] == [False]
    assert "sentences use" in said()[0][1]
    away.rename(folder)
    assert [best(word) for word in unheard.values()] == list(services.values())


def test_a_broken_model_stops_no_worker(folder: Path, services: dict[str, str]) -> None:
    learning.learn(history(services))
    (folder / "model.onnx").write_bytes(b"nonsense")
    assert best("pothole")
    assert [good for good, _ in said()] == [False]


@pytest.mark.usefixtures("few_services")
def test_a_city_without_history_learns_its_catalogue_with_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = ServiceModelFile.objects.count()
    call_command("sentences", "use")
    assert ServiceModelFile.objects.count() == before + 1
    model = understanding.load_service_model()
    assert model is not None
    assert model.reads_sentences
    assert [good for good, _ in said()] == [True]
    call_command("sentences", "show")
    assert "16 dimensions" in capsys.readouterr().out
    learning.switch_back()
    assert not understanding.load_service_model().reads_sentences
