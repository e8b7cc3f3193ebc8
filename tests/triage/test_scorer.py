"""Several models at once: the same scores as one by one, and the words that decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from openline.triage import scorer
from openline.triage.learning import fit
from openline.triage.linear import LinearModel
from openline.triage.scorer import Scorer

TEXTS = [["gas", "leak", "here"], ["pothole", "on", "elm"], ["potholes", "again"], ["thanks", "crew"], ["gas", "price"]]


@pytest.fixture(scope="module")
def models() -> list[LinearModel]:
    """Two models that know different words."""
    return [fit(TEXTS, ["danger", "road", "road", "praise", "talk"]), fit(TEXTS[:3], ["gas", "street", "street"])]


@pytest.mark.parametrize("text", [*TEXTS, [], ["unheard", "of"], "gas gas leak leaking pothole crater".split()])
def test_scores_are_those_of_each_model_alone(models: list[LinearModel], text: list[str]) -> None:
    found = Scorer(models).scores([["gas"], text])
    for number, model in enumerate(models):
        assert found.by(number) == pytest.approx(model.raw([["gas"], text]), abs=1e-5)


def test_the_words_that_decided_are_named_best_first(models: list[LinearModel]) -> None:
    read = Scorer(models)
    found = read.scores([["on", "elm", "pothole"], ["the", "of"]])
    road = read.column(0, models[0].labels.index("road"))
    told = found.deciding(np.array([road, road]))
    assert told[0][0] == "pothole"
    assert told[1] == []
    gas = read.column(1, models[1].labels.index("gas"))
    assert "gas leak" in read.scores([["gas", "leak"]]).deciding(np.array([gas]))[0]


def test_a_full_table_starts_anew_and_says_the_same(models: list[LinearModel], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "_REMEMBERED", 10)
    monkeypatch.setattr(scorer, "_FIRST", 4)
    read = Scorer(models)
    for number in range(100):
        text = [f"pothole{number}", "gas", f"leaking{number}"]
        assert read.scores([text]).by(0) == pytest.approx(models[0].raw([text]), abs=1e-5)


def test_threads_share_a_scorer(models: list[LinearModel]) -> None:
    read = Scorer(models)
    texts = [[f"gas{n % 500}", f"potholes{n % 300}", "leak"] for n in range(3000)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: read.scores([text]).by(1)[0], texts))
    assert np.array(found) == pytest.approx(models[1].raw(texts), abs=1e-5)
