"""Learning from labelled history, with an honest report."""

from __future__ import annotations

import random

import numpy as np
import pytest

from openline.triage.assessment import Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader
from openline.triage.report import measure
from openline.triage.service_model import ServiceModel
from openline.triage.training import train

WORDS = {
    "ST1": ("crater", "axle", "rim", "asphalt", "bumpy"),
    "SL1": ("lamp", "dark", "bulb", "flickers", "pole"),
    "TR1": ("garbage", "cans", "pickup", "truck", "skipped"),
}
FILLER = "the on my block again since monday please near corner house big really there is was".split()


def history(rows: int, seed: int = 1) -> list[tuple[str, str]]:
    """Invented reports: each has two words that tell its service and some that do not."""
    chance = random.Random(seed)
    found = []
    for number in range(rows):
        code = chance.choice(sorted(WORDS))
        told = [*chance.sample(WORDS[code], 2), *chance.choices(FILLER, k=6), f"nr{number}"]
        chance.shuffle(told)
        found.append((" ".join(told), code))
    return found


def test_history_beats_the_catalogue_and_is_measured_on_unseen_rows(catalogue: tuple[ServiceInfo, ...]) -> None:
    rows = history(300)
    model, report = train(rows, catalogue)
    assert report.better
    assert report.trained.top1 > 0.9
    assert report.learnt + report.trained.rows == len(rows)
    assert 40 <= report.trained.rows <= 80
    assert model.rank(["the bulb flickers"])[0][0].name == "Street Light Outage"
    assert "better than the catalogue" in report.to_text()


def test_training_twice_gives_the_same(catalogue: tuple[ServiceInfo, ...]) -> None:
    first, second = (train(history(120), catalogue)[0].to_bytes() for _ in range(2))
    assert first == second


def test_worthless_history_does_not_replace_the_catalogue(catalogue: tuple[ServiceInfo, ...]) -> None:
    chance = random.Random(3)
    good = {"there is a pothole in the road": "ST1", "street light is out": "SL1", "someone tagged the wall": "GR1"}
    wrong = {"ST1": "SL1", "SL1": "GR1", "GR1": "ST1"}
    rows = []
    for number in range(200):  # nine rows in ten are right where the catalogue is, but what is learnt is noise
        text, code = chance.choice(sorted(good.items()))
        rows.append((f"{text} nr{number}", code if chance.random() < 0.6 else wrong[code]))
    model, report = train(rows, catalogue)
    assert report.better or model.rank(["there is a pothole in the road"])[0][0].code == "ST1"


def test_bad_rows_are_named_with_their_number(catalogue: tuple[ServiceInfo, ...]) -> None:
    bad: list[tuple[str | None, str]] = [("pothole", "No Such Service"), (None, "this is not JSON"), ("", "ST1")]
    good = history(60)
    _, report = train([*bad, *good, good[-1]], catalogue)
    assert [problem.split(":")[0] for problem in report.problems] == ["row 1", "row 2", "row 3", "row 64"]
    assert "No Such Service" in report.problems[0]
    assert "row 1" in report.to_text()


def test_services_are_known_by_code_or_name_however_spelt(catalogue: tuple[ServiceInfo, ...]) -> None:
    names = {"ST1": "street  defect", "SL1": "sl1", "TR1": "REFER: Rubbish Collection"}
    _, report = train([(text, names[code]) for text, code in history(100)], catalogue)
    assert not report.problems


def test_a_service_that_is_new_in_the_catalogue_is_known_to_a_trained_model(catalogue: tuple[ServiceInfo, ...]) -> None:
    old, new = [s for s in catalogue if s.code != "GR1"], "spray paint graffiti on the wall"
    model, report = train(history(300), old)
    assert report.better
    assert "GR1" not in model.labels
    extended = ServiceModel.from_bytes(model.to_bytes()).for_catalogue(catalogue)
    assert extended.rank([new])[0][0].code == "GR1"
    assert extended.rank(["the bulb flickers"])[0][0].code == "SL1"
    assert extended.chances([["bulb"], new.split()]).sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    reader = Reader(catalogue, service_model=extended)
    found = reader.assess([Post("1", new)])[0]
    assert found.services[0].name == "Graffiti Removal"
    assert any("graffiti" in reason.text for reason in found.reasons if reason.step == "service")


def test_a_champion_is_measured_on_rows_that_it_has_not_seen(catalogue: tuple[ServiceInfo, ...]) -> None:
    rows = history(300)
    champion, first = train(rows, catalogue)
    stored = ServiceModel.from_bytes(champion.to_bytes()).for_catalogue(catalogue)
    same, second = train(rows, catalogue, champion=stored)
    assert not second.better
    assert second.champion == first.trained
    assert same is not champion
    assert same.rank(["the bulb flickers"])[0][0].code == "SL1"


def test_too_little_history_is_refused(catalogue: tuple[ServiceInfo, ...]) -> None:
    with pytest.raises(ValueError, match="needed"):
        train(history(10), catalogue)


def test_measures() -> None:
    chances = np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.3, 0.3, 0.4], [0.1, 0.6, 0.3]], np.float32)
    found = measure(["a", "b", "c"], chances, ["a", "b", "c", "b"])
    assert found.top1 == pytest.approx(0.75)
    assert found.top3 == 1
    assert found.sure_share == pytest.approx(0.5)
    assert found.sure_accuracy == pytest.approx(0.5)
    assert {s.code: round(s.f1, 2) for s in found.services} == {"a": 0.67, "b": 0.67, "c": 1.0}
    with pytest.raises(ValueError, match="nothing"):
        measure(["a"], chances[:0, :1], [])
