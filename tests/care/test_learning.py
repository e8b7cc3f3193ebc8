"""Learning from history and corrections: remembered, compared, switched, switched back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from openline.care import learning, understanding
from openline.care.process import process
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.triage.assessment import Post
from openline.triage.models import Correction, ServiceModelFile, TrainingRow
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")

WORDS = ("the zibble is wobbling", "a grommet fell off", "flarn everywhere")


def history(services: list[str], rows: int = 60) -> list[tuple[str | None, str]]:
    """Reports in words that no catalogue has."""
    told = zip(services, WORDS, strict=True)
    return [(f"{text} number {n} call me 215-555-0123", code) for code, text in told for n in range(rows)]


@pytest.fixture
def services(few_services: list[str]) -> list[str]:
    """Codes of three services of the sample city."""
    return few_services[:3]


def test_a_better_model_is_used_by_running_workers_and_can_be_put_aside(services: list[str]) -> None:
    understanding.refresh()
    report = learning.learn(history(services))
    assert report.better
    understanding.refresh()
    reader = understanding.understanding().reader
    assert reader.assess([Post("1", "zibble wobbling again")])[0].services[0].code == services[0]
    before = ServiceModelFile.objects.filter(active=True).order_by("pk").first()
    assert learning.switch_back() == before
    understanding.refresh()
    reader = understanding.understanding().reader
    assert reader.assess([Post("1", "zibble wobbling again")])[0].services[0].confidence < 0.5
    assert learning.switch_back() is None


def test_history_is_remembered_once_and_without_personal_data(services: list[str]) -> None:
    learning.learn(history(services))
    learning.learn(history(services))
    assert TrainingRow.objects.count() == 180
    assert not TrainingRow.objects.filter(text__contains="555").exists()
    assert ServiceModelFile.objects.filter(active=True).count() == 2  # the catalogue's and one that was better
    assert ServiceModelFile.objects.filter(active=False, data=b"").count() == 1


def test_a_dry_run_changes_nothing(services: list[str]) -> None:
    before = ServiceModelFile.objects.count()
    assert learning.learn(history(services), dry_run=True).better
    assert ServiceModelFile.objects.count() == before
    assert not TrainingRow.objects.exists()


def test_corrections_start_a_training_when_there_are_many_or_a_day_has_passed(
    services: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MANY", 3)
    learning.learn(history(services))
    store(city_account(tmp_path / "net").pk, [post(str(n), f"kloop {n} on my block") for n in range(4)])
    process()
    messages = list(Message.objects.filter(direction="in").order_by("pk"))
    assert not learning.learn_if_due()
    for message in messages[:2]:
        Correction.objects.create(message=message, field="service", after=services[1])
    assert not learning.learn_if_due()
    trained = ServiceModelFile.objects.count()
    Correction.objects.create(message=messages[2], field="service", after=services[1])
    assert learning.learn_if_due()
    assert ServiceModelFile.objects.count() == trained + 1
    assert not learning.learn_if_due()
    Correction.objects.create(message=messages[3], field="service", after=services[0])
    ServiceModelFile.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert learning.learn_if_due()


def test_of_a_messages_corrections_the_latest_counts(services: list[str], tmp_path: Path) -> None:
    store(city_account(tmp_path / "net").pk, [post("1", "kloop on my block")])
    process()
    message = Message.objects.get(direction="in")
    for code in services[:2]:
        Correction.objects.create(message=message, field="service", after=code)
    assert learning._known([]) == [("kloop on my block", services[1])]
